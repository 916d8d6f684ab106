"""Reading a signal's argument: whatever it is, nothing is raised, and only what can be persisted is taken in."""

import copy
import json
import math
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objects import a_request
from scoring.debounce import MAX_SECONDS
from scoring.messages import MAX_SEQUENCE, ScoresRequested, read_signal

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([2**63, 10**400, "\x00"])
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6
)
places = st.sampled_from(
    [(name,) for name in asdict(a_request())]
    + [("debounce", "quiet_period"), ("debounce", "max_wait"), ("score_config", "x"), ("unheard", "of")]
)


def a_message(*sequences: int) -> dict[str, Any]:
    """A signal's argument as it comes out of Temporal."""
    message = json.loads(json.dumps(asdict(ScoresRequested([a_request(sequence) for sequence in sequences]))))
    return dict(message)


def a_message_with(value: Any, *place: str) -> dict[str, Any]:
    """A message of one request in which something stands in the place."""
    message = a_message(1)
    target = message["requests"][0]
    for name in place[:-1]:
        target = target.setdefault(name, {})
    target[place[-1]] = value
    return message


def test_a_signal_as_the_relay_sends_it_is_read_back_whole() -> None:
    requests = [
        a_request(1, pending_for=2.5, quiet_for=0.5, instantaneous=True, priority=4, fairness_key="ü" * 32),
        a_request(MAX_SEQUENCE, "FSF_SCORE", score_config={"weights": {"income": 0.1}}),
    ]
    message = json.loads(json.dumps(asdict(ScoresRequested(requests))))

    assert read_signal(message) == requests


@given(anything)
def test_i9_no_signal_raises(message: Any) -> None:
    assert read_signal(message) == []


@given(anything)
def test_i9_no_list_of_requests_raises(requests: Any) -> None:
    assert read_signal({"requests": requests}) == []


@given(places, anything)
def test_i9_no_request_with_one_strange_field_raises_or_hides_the_one_beside_it(place: Any, value: Any) -> None:
    message = a_message_with(value, *place)
    message["requests"].append(asdict(a_request(2)))

    taken_in = read_signal(message)

    assert a_request(2) in taken_in
    assert all(type(request.sequence) is int and 0 < request.sequence <= MAX_SEQUENCE for request in taken_in)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(["sequence"], True, id="a boolean sequence"),
        pytest.param(["sequence"], 0, id="sequence zero"),
        pytest.param(["sequence"], -1, id="a negative sequence"),
        pytest.param(["sequence"], 2**63, id="a sequence beyond PostgreSQL's bigint"),
        pytest.param(["sequence"], 1.0, id="a sequence that is no integer"),
        pytest.param(["sequence"], "1", id="a sequence as text"),
        pytest.param(["definition_version"], True, id="a boolean version"),
        pytest.param(["definition_version"], 2**31, id="a version beyond PostgreSQL's integer"),
        pytest.param(["definition_version"], -(2**31) - 1, id="a negative version beyond PostgreSQL's integer"),
        pytest.param(["definition_version"], 10**400, id="a version beyond a double"),
        pytest.param(["score_type"], None, id="no score type"),
        pytest.param(["score_type"], "PMT\x00", id="a score type with a NUL"),
        pytest.param(["change_request_id"], 7, id="a number as an id"),
        pytest.param(["change_request_id"], "\ud800", id="an id with half a surrogate pair"),
        pytest.param(["contributing_attribute_values"], [], id="values that are a list"),
        pytest.param(["contributing_attribute_values", "income"], math.nan, id="NaN among the values"),
        pytest.param(["contributing_attribute_values", "income"], [[math.inf]], id="Infinity deep in a value"),
        pytest.param(["contributing_attribute_values", "in\x00come"], 1, id="a path with a NUL"),
        pytest.param(["score_config"], None, id="no config"),
        pytest.param(["score_config", "weights"], {"income": math.nan}, id="NaN among the weights"),
        pytest.param(["debounce"], None, id="no debounce policy"),
        pytest.param(["debounce"], 2, id="a number as debounce policy"),
        pytest.param(["debounce", "quiet_period"], -1, id="a negative quiet period"),
        pytest.param(["debounce", "quiet_period"], 10**400, id="a quiet period beyond a double"),
        pytest.param(["debounce", "max_wait"], 1e300, id="a longest wait of ages"),
        pytest.param(["debounce", "max_wait"], math.nan, id="a longest wait that is NaN"),
        pytest.param(["debounce", "max_wait"], "1", id="a longest wait as text"),
        *(
            pytest.param([name], value, id=f"{words} that {what}")
            for name, words in (("pending_for", "a wait"), ("quiet_for", "a quiet time"))
            for value, what in (
                (-1, "is negative"),
                (math.nan, "is NaN"),
                (math.inf, "has no end"),
                ("1", "is text"),
                (True, "is a boolean"),
                (None, "is nothing"),
                ([1], "is a list"),
            )
        ),
    ],
)
def test_i9_a_request_that_could_wedge_the_run_is_left_out(place: list[str], value: Any) -> None:
    message = a_message_with(value, *place)
    message["requests"].append(asdict(a_request(2)))

    assert read_signal(message) == [a_request(2)]


OPTIONAL = {"pending_for", "quiet_for", "instantaneous", "submission_id", "priority", "fairness_key"}
"""What runs of an earlier version were signaled without."""


@pytest.mark.parametrize("name", sorted(asdict(a_request()).keys() - OPTIONAL))
def test_a_request_without_one_of_its_fields_is_left_out(name: str) -> None:
    message = a_message(1)
    del message["requests"][0][name]

    assert read_signal(message) == []


def test_a_request_of_an_earlier_relay_has_not_waited_and_is_no_instantaneous_one() -> None:
    message = a_message(1)
    for name in OPTIONAL:
        del message["requests"][0][name]

    [request] = read_signal(message)

    assert (request.pending_for, request.quiet_for, request.instantaneous) == (0.0, 0.0, False)


@pytest.mark.parametrize("name", ["pending_for", "quiet_for"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(10**400, id="beyond a double"),
        pytest.param(1e300, id="huge"),
        pytest.param(MAX_SECONDS + 1, id="a second more"),
    ],
)
def test_i9_a_wait_of_ages_is_cut_to_the_longest_window(name: str, value: float) -> None:
    [request] = read_signal(a_message_with(value, name))

    assert getattr(request, name) == MAX_SECONDS


@pytest.mark.parametrize("value", ["yes", 1, None, [True], math.nan])
def test_i9_only_true_makes_a_request_instantaneous(value: Any) -> None:
    [request] = read_signal(a_message_with(value, "instantaneous"))

    assert request.instantaneous is False


@pytest.mark.parametrize("value", [0, 6, -1, 10**400, True, 3.0, math.nan, "3", None, [3]])
def test_i9_a_request_of_no_known_priority_is_taken_in_as_an_urgent_one(value: Any) -> None:
    assert read_signal(a_message_with(value, "priority")) == [a_request(1)]


@pytest.mark.parametrize("value", ["k" * 65, "ü" * 33, "k" * 3_000, "\ud800", "\x00", "\n", 7, True, None, ["k"]])
def test_i9_a_request_with_a_fairness_key_that_no_server_takes_is_taken_in_without(value: Any) -> None:
    assert read_signal(a_message_with(value, "fairness_key")) == [a_request(1)]


@given(places.filter(lambda place: place[0] in {"priority", "fairness_key"}), anything)
def test_i9_whatever_urgency_a_signal_tells_a_server_takes_it(place: tuple[str], value: Any) -> None:
    [request] = read_signal(a_message_with(value, *place))

    assert request.priority in range(1, 6)
    assert len(request.fairness_key.encode()) <= 64


@given(st.floats() | st.integers())
def test_i9_whatever_number_a_wait_is_the_time_it_began_can_be_told(value: float) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    for request in read_signal(a_message_with(value, "pending_for")):
        assert now - timedelta(seconds=request.pending_for) <= now


def test_i9_values_that_are_nested_endlessly_are_left_out() -> None:
    value: Any = 1
    for _ in range(900):
        value = [value]

    assert read_signal(a_message_with(value, "contributing_attribute_values", "income")) == []


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param("requests", id="text"),
        pytest.param({}, id="an empty object"),
        pytest.param({"requests": {"0": {}}}, id="requests that are an object"),
        pytest.param({"requests": [None, 1, "x", [], {}]}, id="requests that are none"),
    ],
)
def test_a_signal_without_a_request_asks_for_nothing(message: Any) -> None:
    assert read_signal(message) == []


def test_fields_of_a_later_version_are_passed_over() -> None:
    message = a_message(1) | {"sent_by": "a later relay"}
    message["requests"][0] |= {"colour": 3}
    message["requests"][0]["debounce"] |= {"jitter": [1]}

    assert read_signal(message) == [a_request(1)]


def test_reading_leaves_the_message_as_it_is() -> None:
    message = a_message(1, 2)
    before = copy.deepcopy(message)

    read_signal(message)

    assert message == before
