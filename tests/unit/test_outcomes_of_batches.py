"""What became of a batch's rows, as one message: grouped by formula and by reason, and never too large for Temporal."""

import json
from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st
from temporalio.exceptions import ApplicationError

from activities.batch_outcomes import BatchOutcomes
from activities.failures import MAX_REASON_LENGTH
from activities.services import Computed
from scoring.batch_messages import ComputedBatch, FailedInBatch, ScoresOfBatch
from scoring.json_values import JsonObject

TEMPORALS_LIMIT = 2_000_000
A_LARGE_BATCH = 5_000

PMT = Computed(1.5, "formula of PMT", "1")
FSF = Computed(2.5, "formula of FSF", "2")


def for_good(reason: str = "income is missing") -> ApplicationError:
    """A failure that no retry mends."""
    return ApplicationError(reason, type="ScoreInputError", non_retryable=True)


def for_now() -> ApplicationError:
    """A failure that a retry may mend."""
    return ApplicationError("the server is away", type="ServiceAway")


def test_of_nothing_there_is_nothing_to_tell() -> None:
    assert BatchOutcomes("a batch").as_message() == ComputedBatch("a batch")


def test_scores_are_told_by_formula_in_the_order_of_their_requests() -> None:
    outcomes = BatchOutcomes("a batch")
    for sequence, computed in ((3, PMT), (4, FSF), (1, Computed(0.5, PMT.formula_name, "1")), (2, FSF)):
        outcomes.add(sequence, computed)

    assert outcomes.as_message().computed == [
        ScoresOfBatch("formula of FSF", "2", [2, 4], [2.5, 2.5]),
        ScoresOfBatch("formula of PMT", "1", [1, 3], [0.5, 1.5]),
    ]


def test_failures_for_good_are_told_once_a_reason() -> None:
    outcomes = BatchOutcomes("a batch")
    for sequence, reason in ((3, "income is missing"), (1, "income is missing"), (2, "assets are missing")):
        outcomes.add_failure(sequence, for_good(reason))

    assert outcomes.as_message() == ComputedBatch(
        "a batch",
        failed=[
            FailedInBatch([2], "ScoreInputError", "assets are missing"),
            FailedInBatch([1, 3], "ScoreInputError", "income is missing"),
        ],
    )


def test_failures_for_now_are_left_to_the_record_road() -> None:
    outcomes = BatchOutcomes("a batch")
    for sequence in (3, 1):
        outcomes.add_failure(sequence, for_now())

    assert outcomes.as_message() == ComputedBatch("a batch", unsettled=[1, 3])


def test_a_failure_without_a_type_has_one() -> None:
    outcomes = BatchOutcomes("a batch")
    outcomes.add_failure(1, ApplicationError("no", non_retryable=True))

    assert [failed.error_code for failed in outcomes.as_message().failed] == ["ApplicationError"]


def test_reasons_that_would_make_the_message_too_large_are_left_to_the_record_road() -> None:
    outcomes = BatchOutcomes("a batch")
    for sequence in range(1, A_LARGE_BATCH + 1):
        outcomes.add_failure(sequence, for_good(f"{sequence} ".ljust(MAX_REASON_LENGTH, "x")))

    message = outcomes.as_message()

    told = [sequence for failed in message.failed for sequence in failed.sequences]
    assert sorted(told + message.unsettled) == list(range(1, A_LARGE_BATCH + 1))
    assert 100 < len(told) < A_LARGE_BATCH


def broken_down(points: int, size: int = 0) -> Computed:
    """A score that tells what it is made of, in so many characters more."""
    return Computed(float(points), "formula of PMT", "1", {"points": points, "words": "x" * size})


def test_breakdowns_are_told_in_the_order_of_their_requests() -> None:
    outcomes = BatchOutcomes("a batch", "farmers")
    for sequence, computed in ((3, broken_down(7)), (4, FSF), (1, PMT)):
        outcomes.add(sequence, computed)

    assert outcomes.as_message() == ComputedBatch(
        "a batch",
        [
            ScoresOfBatch("formula of FSF", "2", [4], [2.5]),
            ScoresOfBatch("formula of PMT", "1", [1, 3], [1.5, 7.0], [None, {"points": 7, "words": ""}]),
        ],
        register_id="farmers",
    )


def test_scores_whose_breakdowns_would_make_the_message_too_large_are_left_to_the_record_road() -> None:
    outcomes = BatchOutcomes("a batch")
    for sequence in range(1, A_LARGE_BATCH + 1):
        outcomes.add(sequence, broken_down(sequence, 400))

    message = outcomes.as_message()

    [told] = message.computed
    assert told.sequences + message.unsettled == list(range(1, A_LARGE_BATCH + 1))
    assert [breakdown and breakdown["points"] for breakdown in told.breakdowns] == told.sequences
    assert 1_000 < len(told.sequences) < A_LARGE_BATCH
    assert not outcomes.is_outage()


def test_a_score_without_a_breakdown_always_finds_room() -> None:
    outcomes = BatchOutcomes("a batch")
    for sequence in range(A_LARGE_BATCH):
        outcomes.add(sequence, broken_down(sequence, 400))

    outcomes.add(A_LARGE_BATCH, FSF)

    assert outcomes.as_message().computed[0].sequences == [A_LARGE_BATCH]


@given(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
def test_i9_whatever_its_reasons_are_made_of_the_message_of_a_large_batch_is_one_that_temporal_takes(
    character: str,
) -> None:
    outcomes = BatchOutcomes("a batch")
    for sequence in range(10**15, 10**15 + A_LARGE_BATCH, 5):
        outcomes.add_failure(sequence, for_good(f"{sequence}".ljust(MAX_REASON_LENGTH, character)))
    for sequence in range(A_LARGE_BATCH):
        breakdown: JsonObject | None = {"words": character * 9_000} if sequence % 2 else None
        outcomes.add(10**15 + sequence, Computed(-1.2345678901234567e-300, "a formula", "1", breakdown))

    # as Temporal's converter writes it
    assert len(json.dumps(asdict(outcomes.as_message()), separators=(",", ":"))) < TEMPORALS_LIMIT
