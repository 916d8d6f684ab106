"""What a record's run still has to compute, whatever order requests arrive in and however often."""

from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objects import NO_WINDOW, a_request
from scoring.debounce import DebouncePolicy
from scoring.messages import ScoreRequest
from scoring.pending import PendingScores

NOON = datetime(2026, 4, 8, 12, tzinfo=UTC)
BURST = DebouncePolicy(quiet_period=2, max_wait=10)

Arrival: TypeAlias = tuple[str, int]

arrivals = st.lists(st.tuples(st.sampled_from(["FSF_SCORE", "PMT_SCORE", "X"]), st.integers(1, 9)), max_size=12)
repeated_and_mixed = arrivals.flatmap(lambda some: st.permutations(some + some[::2]))
steps = st.lists(st.tuples(st.sampled_from(["FSF_SCORE", "PMT_SCORE"]), st.integers(1, 9)) | st.none(), max_size=20)


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def highest(arrived: list[Arrival]) -> dict[str, int]:
    """The highest sequence by score type."""
    return {kind: max(sequence for other, sequence in arrived if other == kind) for kind, _ in arrived}


def sequences(requests: list[ScoreRequest]) -> dict[str, int]:
    """Sequences by score type."""
    return {request.score_type: request.sequence for request in requests}


@given(repeated_and_mixed)
def test_i3_any_order_and_any_repetition_leaves_the_highest_sequence_of_each_score_type(arrived: list[Arrival]) -> None:
    pending = PendingScores()

    for offset, (score_type, sequence) in enumerate(arrived):
        pending.add(a_request(sequence, score_type), at(offset))

    assert sequences([score.request for score in pending.waiting]) == highest(arrived)


@given(steps)
def test_i3_what_was_taken_never_comes_back_and_nothing_newer_is_lost(arrived: list[Arrival | None]) -> None:
    pending = PendingScores()
    taken: list[ScoreRequest] = []

    for offset, arrival in enumerate(arrived):
        if arrival is None:
            taken += pending.take_due(at(offset))
        else:
            pending.add(a_request(arrival[1], arrival[0], debounce=NO_WINDOW), at(offset))
    taken += pending.take_all()

    for score_type in {request.score_type for request in taken}:
        in_order = [request.sequence for request in taken if request.score_type == score_type]
        assert in_order == sorted(set(in_order))
    assert sequences(taken) == highest([arrival for arrival in arrived if arrival is not None])
    assert pending.taken == sequences(taken)


@given(steps)
def test_i3_carrying_it_over_at_any_time_changes_nothing(arrived: list[Arrival | None]) -> None:
    kept, carried = PendingScores(), PendingScores()

    for offset, arrival in enumerate(arrived):
        if arrival is None:
            assert carried.take_due(at(offset)) == kept.take_due(at(offset))
        else:
            for pending in (kept, carried):
                pending.add(a_request(arrival[1], arrival[0], debounce=BURST), at(offset))
        carried = PendingScores(carried.waiting, carried.taken, carried.taken_at)

    assert carried.waiting == kept.waiting
    assert carried.taken == kept.taken
    assert carried.taken_at == kept.taken_at


def test_i3_a_duplicate_or_an_older_request_does_not_move_the_deadline() -> None:
    pending = PendingScores()
    pending.add(a_request(5, debounce=BURST), at(0))

    pending.add(a_request(5, debounce=BURST), at(1))
    pending.add(a_request(4, debounce=BURST), at(1))

    assert pending.next_due_at() == at(2)


def test_a_newer_request_moves_the_deadline_and_brings_its_own_snapshot() -> None:
    pending = PendingScores()
    pending.add(a_request(1, debounce=BURST), at(0))

    newer = a_request(2, debounce=BURST, contributing_attribute_values={"income": 1})
    pending.add(newer, at(1))

    assert pending.next_due_at() == at(3)
    assert pending.take_all() == [newer]


def test_newer_requests_never_move_the_deadline_beyond_the_longest_wait() -> None:
    pending = PendingScores()

    for second in range(10):
        pending.add(a_request(second + 1, debounce=BURST), at(second))

    assert pending.next_due_at() == at(10)


def test_a_newer_request_waits_by_its_own_policy() -> None:
    pending = PendingScores()
    pending.add(a_request(1, debounce=DebouncePolicy(300, 300)), at(0))

    pending.add(a_request(2, debounce=BURST), at(1))

    assert pending.next_due_at() == at(3)


def test_a_request_after_the_last_was_taken_begins_a_burst_of_its_own() -> None:
    pending = PendingScores()
    pending.add(a_request(1, debounce=BURST), at(0))
    pending.take_due(at(2))

    pending.add(a_request(2, debounce=BURST), at(9))

    assert pending.next_due_at() == at(11)


def test_score_types_wait_each_for_themselves() -> None:
    pending = PendingScores()
    pending.add(a_request(1, "PMT_SCORE", debounce=BURST), at(0))
    pending.add(a_request(2, "FSF_SCORE", debounce=DebouncePolicy(300, 300)), at(0))

    taken = pending.take_due(at(2))

    assert sequences(taken) == {"PMT_SCORE": 1}
    assert pending.next_due_at() == at(300)


def test_nothing_is_taken_before_it_is_due() -> None:
    pending = PendingScores()
    pending.add(a_request(1, debounce=BURST), at(0))

    assert pending.take_due(at(1.999)) == []
    assert pending


def test_everything_can_be_taken_due_or_not_in_the_order_of_score_types() -> None:
    pending = PendingScores()
    pending.add(a_request(1, "PMT_SCORE", debounce=BURST), at(0))
    pending.add(a_request(2, "FSF_SCORE", debounce=BURST), at(0))

    taken = pending.take_all()

    assert [request.score_type for request in taken] == ["FSF_SCORE", "PMT_SCORE"]
    assert not pending
    assert pending.next_due_at() is None


def test_what_is_read_from_it_cannot_be_used_to_change_it() -> None:
    pending = PendingScores()
    pending.add(a_request(1), at(0))
    pending.take_all()

    pending.taken["PMT_SCORE"] = 99

    pending.add(a_request(2), at(1))
    assert pending.taken == {"PMT_SCORE": 1}
    assert pending


def test_a_request_that_waited_before_it_was_signaled_is_not_debounced_anew() -> None:
    pending = PendingScores()

    pending.add(a_request(1, debounce=DebouncePolicy(60, 300), pending_for=100, quiet_for=45), NOON)

    assert pending.next_due_at() == NOON + timedelta(seconds=15)


def test_a_request_whose_window_was_over_before_it_was_signaled_is_due_at_once() -> None:
    pending = PendingScores()

    pending.add(a_request(1, debounce=DebouncePolicy(60, 300), pending_for=100, quiet_for=100), NOON)

    assert pending.take_due(NOON) == [a_request(1, debounce=DebouncePolicy(60, 300), pending_for=100, quiet_for=100)]


def test_no_burst_begins_before_the_one_before_was_taken() -> None:
    pending = PendingScores()
    fixed = DebouncePolicy(300, 300)
    pending.add(a_request(1, debounce=fixed), at(0))
    pending.take_due(at(300))

    carried = PendingScores(pending.waiting, pending.taken, pending.taken_at)
    carried.add(a_request(2, debounce=fixed, pending_for=60, quiet_for=60), at(310))

    assert carried.next_due_at() == at(600)


def test_what_waits_while_a_score_is_stored_begins_its_burst_then() -> None:
    pending = PendingScores()
    pending.add(a_request(1, debounce=BURST), at(0))
    pending.add(a_request(2, "FSF_SCORE", debounce=BURST), at(0))
    pending.take_due(at(2))
    pending.add(a_request(3, debounce=BURST), at(3))
    pending.add(a_request(4, "FSF_SCORE", debounce=BURST), at(3))

    pending.stored(["PMT_SCORE"], at(4))

    assert {score.request.score_type: score.due_at() for score in pending.waiting} == {
        "PMT_SCORE": at(6),
        "FSF_SCORE": at(5),
    }


def test_no_burst_begins_before_the_score_before_was_stored() -> None:
    pending = PendingScores()
    pending.add(a_request(1, debounce=BURST), at(0))
    pending.take_due(at(2))
    pending.stored(["PMT_SCORE"], at(8))

    pending.add(a_request(2, debounce=BURST, pending_for=5, quiet_for=5), at(9))

    assert pending.next_due_at() == at(10)


def test_what_failed_holds_up_nobody_who_asks_again() -> None:
    pending = PendingScores()
    pending.add(a_request(1, debounce=BURST), at(0))
    pending.take_due(at(2))
    pending.failed(["PMT_SCORE"])

    pending.add(a_request(2, debounce=BURST, pending_for=10), at(3))

    assert pending.next_due_at() == at(3)


def test_a_burst_began_when_the_earlier_of_two_accounts_says() -> None:
    pending = PendingScores()
    fixed = DebouncePolicy(300, 300)
    pending.add(a_request(1, debounce=fixed, pending_for=200, quiet_for=200), NOON)

    pending.add(a_request(2, debounce=fixed, pending_for=5, quiet_for=0), NOON)

    assert pending.next_due_at() == NOON + timedelta(seconds=100)


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        pytest.param((4, "ada"), (3, "bob"), (3, "bob"), id="the later one is more urgent"),
        pytest.param((3, "ada"), (4, "bob"), (3, "ada"), id="the earlier one is more urgent"),
        pytest.param((3, "ada"), (3, "bob"), (3, "ada"), id="both are as urgent: no later storm draws the earlier in"),
    ],
)
def test_what_waits_is_as_urgent_as_the_most_urgent_that_asked(
    first: tuple[int, str], second: tuple[int, str], together: tuple[int, str]
) -> None:
    pending = PendingScores()

    for sequence, (priority, fairness_key) in enumerate((first, second), start=1):
        pending.add(a_request(sequence, debounce=BURST, priority=priority, fairness_key=fairness_key), at(sequence))

    [request] = pending.take_all()
    assert (request.sequence, request.priority, request.fairness_key) == (2, *together)


def test_what_was_computed_before_makes_nothing_more_urgent() -> None:
    pending = PendingScores()
    pending.add(a_request(1, priority=3, fairness_key="ada"), at(0))
    pending.take_all()

    pending.add(a_request(2, priority=4, fairness_key="bob"), at(1))

    [request] = pending.take_all()
    assert (request.priority, request.fairness_key) == (4, "bob")
