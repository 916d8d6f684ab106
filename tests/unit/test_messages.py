"""What crosses Temporal comes out as it went in, and out of older and newer versions of itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from temporalio.converter import DataConverter

from objects import a_request
from scoring.batch_messages import ComputedBatch, ScoresOfBatch
from scoring.debounce import DebouncePolicy
from scoring.messages import (
    ComputedScore,
    ComputePolicy,
    FailedScore,
    PendingScore,
    RecordScoring,
    ScoreOutcomes,
    ScoresGivenBack,
    ScoresRequested,
    ScoreToCompute,
    read_signal,
)

T = TypeVar("T")

NOON = datetime(2026, 4, 8, 12, 0, 0, 123456, tzinfo=UTC)
AWKWARD: dict[str, Any] = {
    "sum": 0.1 + 0.2,
    "small": 5e-324,
    "large": 1.7976931348623157e308,
    "long": 2**70,
    "text": "ä \U0001f33e \u2028",
    "nested": {"list": [None, True, {"x": -0.5}]},
}
REQUEST = a_request(2**63 - 1, contributing_attribute_values=AWKWARD, debounce=DebouncePolicy(0.25, 300))
WAITING = PendingScore(REQUEST, NOON, NOON + timedelta(seconds=1.5))


def through_temporal(message: T) -> T:
    """The message after Temporal's default data converter, out and in."""
    converter = DataConverter.default.payload_converter
    [received] = converter.from_payloads(converter.to_payloads([message]), [type(message)])
    assert isinstance(received, type(message))
    return received


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(ScoresRequested([REQUEST, a_request(1, "FSF_SCORE")]), id="the signal"),
        pytest.param(RecordScoring("farmers", "A", ComputePolicy()), id="a start"),
        pytest.param(
            RecordScoring("farmers", "A", ComputePolicy(1.5, 0.1, 1, 9, 0), [WAITING], {"PMT_SCORE": 2**63 - 1}),
            id="a start that carries pending scores over",
        ),
        pytest.param(ScoreToCompute("farmers", "A", REQUEST, 2.5), id="a computation"),
        pytest.param(ComputedScore(REQUEST, 0.1 + 0.2, "formulas.PmtScore", "1"), id="a score"),
        pytest.param(ComputedScore(REQUEST, 0.1, "f", "1", AWKWARD), id="a score with a breakdown"),
        pytest.param(
            ComputedBatch("a batch", [ScoresOfBatch("f", "1", [1, 2], [0.1, 2.0], [AWKWARD, None])], register_id="r"),
            id="a batch with breakdowns",
        ),
        pytest.param(
            ScoreOutcomes(
                "farmers",
                "A",
                [ComputedScore(REQUEST, -1e-9, "f", "1")],
                [FailedScore(REQUEST, "ScoreInputError", "why")],
            ),
            id="outcomes",
        ),
        pytest.param(ScoresGivenBack("A", [REQUEST]), id="requests given back"),
    ],
)
def test_a_message_comes_out_of_temporal_as_it_went_in(message: object) -> None:
    assert through_temporal(message) == message


def test_times_that_are_carried_over_keep_their_zone_and_microseconds() -> None:
    [waiting] = through_temporal(RecordScoring("farmers", "A", ComputePolicy(), [WAITING])).pending

    assert waiting.due_at() == WAITING.due_at()
    assert waiting.first_requested_at.utcoffset() == timedelta(0)


def test_the_signal_is_read_from_what_temporal_hands_to_a_handler_without_a_type() -> None:
    converter = DataConverter.default.payload_converter
    [received] = converter.from_payloads(converter.to_payloads([ScoresRequested([REQUEST])]))

    assert read_signal(received) == [REQUEST]


def test_a_start_of_an_older_version_is_read_with_defaults() -> None:
    converter = DataConverter.default.payload_converter
    older = {"register_id": "farmers", "internal_record_id": "A", "compute_policy": {"timeout": 3}}

    [received] = converter.from_payloads(converter.to_payloads([older]), [RecordScoring])

    assert received == RecordScoring("farmers", "A", ComputePolicy(timeout=3), [], {})


def test_a_batch_of_an_older_version_is_read_without_register_and_breakdowns() -> None:
    converter = DataConverter.default.payload_converter
    scores = {"formula_name": "f", "formula_version": "1", "sequences": [1], "scores": [2.0]}
    older = {"batch_id": "a batch", "computed": [scores], "failed": [], "unsettled": []}

    [received] = converter.from_payloads(converter.to_payloads([older]), [ComputedBatch])

    assert received == ComputedBatch("a batch", [ScoresOfBatch("f", "1", [1], [2.0], [])], register_id="")


def test_a_message_of_a_newer_version_is_read_without_what_it_adds() -> None:
    converter = DataConverter.default.payload_converter
    newer = {"internal_record_id": "A", "requests": [], "reason": "cancelled"}

    [received] = converter.from_payloads(converter.to_payloads([newer]), [ScoresGivenBack])

    assert received == ScoresGivenBack("A", [])


def test_messages_of_equal_content_are_equal_and_cannot_be_changed() -> None:
    assert replace(REQUEST, sequence=1) == replace(REQUEST, sequence=1)
    with pytest.raises(AttributeError):
        REQUEST.sequence = 1  # type: ignore[misc]
