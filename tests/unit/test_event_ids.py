"""What a client has seen, as an id: it comes back as it was, and decides what is news."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.event_ids import MAX_LENGTH, Mark, event_id, read_event_id
from api.event_subscriptions import EventKind, Subscription, kind_of
from scoring.errors import InvalidInput
from store.score_states import ScoreState, ScoreStatus

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def a_state(score_type: str = "PMT_SCORE", **changes: Any) -> ScoreState:
    """A current score."""
    fields: dict[str, Any] = {
        "internal_record_id": "A",
        "score_type": score_type,
        "status": ScoreStatus.CURRENT,
        "reason": None,
        "computed_score": 1.0,
        "computed_at": NOW,
        "definition_version": 1,
        "triggered_by_cr_id": "CR",
        "triggered_by_submission_id": "",
        "requested_at": None,
        "sequence": 1,
        "requested_sequence": 1,
    }
    return ScoreState(**fields | changes)


def taken(subscription: Subscription) -> list[tuple[str, str]]:
    """All that there is for it, with the kind of each."""
    events = []
    while event := subscription.next_event():
        events.append((event.state.score_type, event.kind.value))
    return events


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"PMT_SCORE": Mark(12, 11, "p"), "FSF_SCORE": Mark(3, 0, "f")}, id="two score types"),
        pytest.param({"naïve & odd=1%": Mark(2**63 - 1, 2**63 - 1, "c")}, id="any name, any sequence"),
    ],
)
def test_an_id_says_what_was_seen_in_plain_ascii(seen: dict[str, Mark]) -> None:
    written = event_id(seen)

    assert written.isascii()
    assert list(read_event_id(written).items()) == list(seen.items())


def test_an_id_has_a_bound_and_keeps_what_was_seen_last() -> None:
    seen = {f"{'é' * 60}{number}": Mark(number, number, "c") for number in range(50)}

    kept = read_event_id(event_id(seen))

    assert len(event_id(seen)) <= MAX_LENGTH
    assert list(kept.items()) == list(seen.items())[-len(kept) :]
    assert len(kept) > 5


@pytest.mark.parametrize("text", ["x", "A", "A=", "A=1.1.s", "A=\u0661.1.p", f"A={'1' * 20}.1.p", "=&="])
def test_what_is_no_id_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not the id of a score event") as refused:
        read_event_id(text)

    assert refused.value.field == "Last-Event-ID"


@pytest.mark.parametrize(
    ("mark", "seen", "kind"),
    [
        pytest.param(Mark(1, 0, "p"), None, "pending", id="first seen while it is pending"),
        pytest.param(Mark(2, 1, "p"), None, "pending", id="first seen with an older score"),
        pytest.param(Mark(1, 1, "c"), None, "computed", id="first seen with its score"),
        pytest.param(Mark(2, 1, "p"), Mark(1, 1, "c"), "pending", id="asked for anew"),
        pytest.param(Mark(2, 1, "p"), Mark(2, 0, "p"), "computed", id="an overtaken score is stored"),
        pytest.param(Mark(2, 2, "c"), Mark(2, 1, "p"), "computed", id="the score is stored"),
        pytest.param(Mark(2, 1, "f"), Mark(2, 1, "p"), "failed", id="it failed"),
        pytest.param(Mark(3, 2, "f"), Mark(1, 1, "c"), "failed", id="it failed after a score that was not seen"),
    ],
)
def test_an_event_is_of_the_kind_that_its_client_must_know(mark: Mark, seen: Mark | None, kind: str) -> None:
    assert kind_of(mark, seen) is EventKind(kind)


def test_a_slow_client_gets_the_newest_state_alone() -> None:
    subscription = Subscription("A", {})
    for sequence in range(1, 1000):
        subscription.offer([a_state(sequence=sequence, requested_sequence=sequence)])

    event = subscription.next_event()

    assert event is not None
    assert (event.state.sequence, subscription.next_event()) == (999, None)


def test_what_was_seen_is_not_told_again() -> None:
    subscription = Subscription("A", {"PMT_SCORE": Mark(1, 1, "c")})
    subscription.offer([a_state(), a_state("FSF_SCORE", status=ScoreStatus.FAILED, sequence=None)])
    at_first = taken(subscription)
    subscription.offer([a_state(), a_state("FSF_SCORE", requested_sequence=2, sequence=2)])

    assert at_first == [("FSF_SCORE", "failed")]
    assert taken(subscription) == [("FSF_SCORE", "computed")]


def test_each_event_has_the_id_of_what_was_seen_with_it() -> None:
    subscription = Subscription("A", {})
    subscription.offer([a_state("A_SCORE"), a_state("B_SCORE")])

    ids = [event.event_id for event in iter(subscription.next_event, None)]

    assert ids == ["A_SCORE=1.1.c", "B_SCORE=1.1.c&A_SCORE=1.1.c"]
