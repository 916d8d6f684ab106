"""What becomes of a batch's rows: stored set by set, failed, handed to the record road, given back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from objects import FARMER, a_computed_score, a_failed_score, a_stored_definition, wide_roads
from postgres_sessions import (
    asked_for,
    claim_due,
    claim_records,
    records_in,
    requests_of,
    rows_in,
    set_requests,
    stored_scores,
)
from scoring.batch_messages import ComputedBatch, FailedInBatch, ScoresOfBatch
from scoring.messages import ScoreOutcomes, ScoreRequest
from store.batches import Batch, BatchRow, give_back_batch, hand_to_record_road, save_failed_batch
from store.database import SessionFactory
from store.scores import list_history, save_computed_batch, save_outcomes
from store.tables import G2PRegisterScore, G2PRegisterScoreHistory, G2PScoreComputeQueue

BOTH = ["FSF_SCORE", "PMT_SCORE"]


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with both score types."""
    async with sessions.begin() as session:
        for score_type in BOTH:
            await a_stored_definition(session, score_type)
    return sessions


async def a_batch_of(sessions: SessionFactory, *records: str) -> tuple[Batch, list[BatchRow]]:
    """A batch of these records, and its rows for PMT_SCORE."""
    for record in records:
        await asked_for(sessions, record)
    [batch] = await claim_due(sessions)
    return batch, await rows_in(sessions, batch)


def computed(batch: Batch, rows: list[BatchRow], score: float = 7.5) -> ComputedBatch:
    """Each of the rows has this score."""
    sequences = [row.sequence for row in rows]
    scores = ScoresOfBatch("a formula", "3", sequences, [score] * len(sequences))
    return ComputedBatch(batch.batch_id, [scores], register_id=batch.register_id)


async def save(sessions: SessionFactory, message: ComputedBatch) -> None:
    """Store, in a transaction of its own."""
    async with sessions.begin() as session:
        await save_computed_batch(session, message)


async def pmt_request(sessions: SessionFactory, record: str) -> G2PScoreComputeQueue:
    """The record's request for its PMT_SCORE."""
    return (await requests_of(sessions, record))["PMT_SCORE"]


async def scores_of(sessions: SessionFactory, record: str) -> dict[str, G2PRegisterScore]:
    """The record's scores by score type."""
    async with sessions() as session:
        return {score.score_type: score for score in await stored_scores(session, record)}


async def history_of(sessions: SessionFactory, record: str) -> list[G2PRegisterScoreHistory]:
    """Every PMT_SCORE of the record."""
    async with sessions() as session:
        return await list_history(session, record, "PMT_SCORE")


async def record_road(sessions: SessionFactory, request: ScoreRequest, score: float, record: str = "A") -> None:
    """The record road brings a score of this request."""
    async with sessions.begin() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", record, [a_computed_score(request, score)]))


def columns(row: Any) -> dict[str, Any]:
    """The row's columns."""
    return {name: getattr(row, name) for name in row.__table__.columns.keys()}  # noqa: SIM118 - not a mapping


async def test_a_stored_batch_has_scores_and_a_history_that_can_be_computed_again(defined: SessionFactory) -> None:
    batch, rows = await a_batch_of(defined, "A", "B")

    await save(defined, computed(batch, rows))

    for record in ("A", "B"):
        request = await pmt_request(defined, record)
        score, [row] = (await scores_of(defined, record))["PMT_SCORE"], await history_of(defined, record)
        for stored in (score, row):
            assert (stored.register_id, stored.computed_score, stored.sequence) == ("farmers", 7.5, request.sequence)
            assert (stored.triggered_by_cr_id, stored.definition_version) == (request.change_request_id, 1)
            assert stored.score_definition_id == request.score_definition_id
        assert row.contributing_attribute_values == request.contributing_attribute_values
        assert row.score_config == request.score_config
        assert (row.formula_name, row.formula_version) == ("a formula", "3")
        assert row.computed_at == score.computed_at


async def test_what_is_stored_is_settled_and_out_of_the_batch(defined: SessionFactory) -> None:
    batch, rows = await a_batch_of(defined, "A")

    await save(defined, computed(batch, rows))

    row = await pmt_request(defined, "A")
    assert (row.compute_status, row.batch_id, row.computed_sequence) == ("COMPLETED", None, row.sequence)
    assert (row.on_record_road, row.batch_failed) == (False, False)
    assert await rows_in(defined, batch) == []


async def test_i6_one_score_type_of_a_batch_is_stored_without_the_other(defined: SessionFactory) -> None:
    batch, rows = await a_batch_of(defined, "A")

    await save(defined, computed(batch, rows))

    assert (await scores_of(defined, "A")).keys() == {"PMT_SCORE"}
    assert await records_in(defined, batch, "FSF_SCORE") == ["A"]


async def test_i5_storing_a_batch_twice_is_storing_it_once(defined: SessionFactory) -> None:
    batch, rows = await a_batch_of(defined, "A", "B")

    await save(defined, computed(batch, rows))
    once = [columns((await scores_of(defined, record))["PMT_SCORE"]) for record in ("A", "B")]
    await save(defined, computed(batch, rows, score=99))

    assert [columns((await scores_of(defined, record))["PMT_SCORE"]) for record in ("A", "B")] == once
    assert [len(await history_of(defined, record)) for record in ("A", "B")] == [1, 1]


async def test_i4_i5_what_a_newer_approval_took_out_of_the_batch_is_skipped(defined: SessionFactory) -> None:
    batch, rows = await a_batch_of(defined, "A", "B")
    newer = await asked_for(defined, "A", record_attributes=FARMER | {"income": 1})

    await save(defined, computed(batch, rows))

    row = await pmt_request(defined, "A")
    assert (row.compute_status, row.sequence) == ("PENDING", newer.sequence)
    assert await scores_of(defined, "A") == {}
    assert await history_of(defined, "A") == []
    assert (await scores_of(defined, "B"))["PMT_SCORE"].computed_score == 7.5


async def test_what_is_in_a_later_batch_is_no_longer_the_earlier_ones(defined: SessionFactory) -> None:
    earlier, rows = await a_batch_of(defined, "A")
    async with defined.begin() as session:
        await give_back_batch(session, earlier.batch_id, None)
    [later] = await claim_due(defined)

    await save(defined, computed(earlier, rows, score=1))
    await save(defined, computed(later, rows, score=2))

    assert [row.computed_score for row in await history_of(defined, "A")] == [2]


async def test_scores_of_several_formulas_are_stored_together_each_with_its_own(defined: SessionFactory) -> None:
    batch, pmt = await a_batch_of(defined, "A", "B")
    fsf = await rows_in(defined, batch, "FSF_SCORE")
    parts = [
        ScoresOfBatch("formula of PMT", "1", [row.sequence for row in pmt], [1.0, 2.0]),
        ScoresOfBatch("formula of FSF", "2", [row.sequence for row in fsf], [3.0, 4.0]),
    ]

    await save(defined, ComputedBatch(batch.batch_id, parts, register_id=batch.register_id))

    stored = [await scores_of(defined, record) for record in ("A", "B")]
    assert [scores["PMT_SCORE"].computed_score for scores in stored] == [1.0, 2.0]
    assert [scores["FSF_SCORE"].computed_score for scores in stored] == [3.0, 4.0]
    async with defined() as session:
        [row] = await list_history(session, "B", "FSF_SCORE")
    assert (row.formula_name, row.formula_version) == ("formula of FSF", "2")


async def test_i4_a_batch_does_not_overwrite_what_the_record_road_stored_of_a_newer_approval(
    defined: SessionFactory,
) -> None:
    batch, rows = await a_batch_of(defined, "A")
    newer = await asked_for(defined, "A")
    await record_road(defined, newer, 2.0)
    # as if the row were in the batch still: the score's own guard is the last one
    await set_requests(defined, "A", batch_id=batch.batch_id, sequence=rows[0].sequence, compute_status="PROCESSING")

    await save(defined, computed(batch, rows, score=1.0))

    score = (await scores_of(defined, "A"))["PMT_SCORE"]
    assert (score.computed_score, score.sequence) == (2.0, newer.sequence)
    assert [row.computed_score for row in await history_of(defined, "A")] == [2.0]


async def test_i4_the_record_road_does_not_overwrite_what_a_batch_stored_of_a_newer_approval(
    defined: SessionFactory,
) -> None:
    older = await asked_for(defined, "A")
    batch, rows = await a_batch_of(defined, "A")
    await save(defined, computed(batch, rows, score=2.0))

    await record_road(defined, older, 1.0)

    score = (await scores_of(defined, "A"))["PMT_SCORE"]
    assert (score.computed_score, score.sequence) == (2.0, rows[0].sequence)
    assert [row.computed_score for row in await history_of(defined, "A")] == [2.0]
    assert (await pmt_request(defined, "A")).compute_status == "COMPLETED"


async def test_an_older_result_of_the_record_road_leaves_the_newer_row_in_its_batch(defined: SessionFactory) -> None:
    older = await asked_for(defined, "A")
    batch, rows = await a_batch_of(defined, "A")

    await record_road(defined, older, 1.0)
    await save(defined, computed(batch, rows, score=2.0))

    assert [row.computed_score for row in await history_of(defined, "A")] == [2.0, 1.0]


async def test_i5_the_same_approval_scored_on_both_roads_has_one_history_row(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")
    [batch] = await claim_due(defined)
    rows = await rows_in(defined, batch)

    await record_road(defined, request, 1.0)
    await save(defined, computed(batch, rows, score=2.0))

    assert [row.computed_score for row in await history_of(defined, "A")] == [1.0]
    row = await pmt_request(defined, "A")
    assert (row.compute_status, row.batch_id) == ("COMPLETED", None)


async def test_i7_what_failed_for_good_in_a_batch_has_failed_with_a_reason(defined: SessionFactory) -> None:
    batch, rows = await a_batch_of(defined, "A", "B", "C")
    of_two = FailedInBatch([rows[0].sequence, rows[2].sequence], "ScoreInputError", "income is missing\x00")

    for _ in range(2):
        async with defined.begin() as session:
            await save_failed_batch(session, ComputedBatch(batch.batch_id, failed=[of_two]))

    for record in ("A", "C"):
        row = await pmt_request(defined, record)
        assert (row.compute_status, row.compute_latest_error_code) == ("FAILED", "ScoreInputError")
        assert (row.compute_latest_error_message or "").startswith("income is missing")
        assert row.batch_id is None
    assert await records_in(defined, batch) == ["B"]
    assert await records_in(defined, batch, "FSF_SCORE") == ["A", "B", "C"]


async def test_a_failure_in_a_batch_leaves_a_newer_approval_pending(defined: SessionFactory) -> None:
    batch, rows = await a_batch_of(defined, "A")
    await asked_for(defined, "A")

    async with defined.begin() as session:
        failed = FailedInBatch([rows[0].sequence], "ScoreInputError", "income is missing")
        await save_failed_batch(session, ComputedBatch(batch.batch_id, failed=[failed]))

    row = await pmt_request(defined, "A")
    assert (row.compute_status, row.compute_latest_error_code) == ("PENDING", None)


async def handed_on(sessions: SessionFactory, batch: Batch, rows: list[BatchRow]) -> None:
    """These rows failed for now."""
    async with sessions.begin() as session:
        await hand_to_record_road(session, ComputedBatch(batch.batch_id, unsettled=[row.sequence for row in rows]))


async def test_what_is_handed_to_the_record_road_is_claimed_for_it_and_by_no_batch(defined: SessionFactory) -> None:
    batch, rows = await a_batch_of(defined, "A", "B")

    await handed_on(defined, batch, rows[:1])

    assert await records_in(defined, batch) == ["B"]
    assert await claim_due(defined) == []
    [claimed] = await claim_records(defined)
    assert (claimed.internal_record_id, [one.score_type for one in claimed.requests]) == ("A", ["PMT_SCORE"])


async def test_a_recomputation_that_is_handed_to_the_record_road_is_claimed_for_it(defined: SessionFactory) -> None:
    batch, rows = await a_batch_of(defined, "A")
    await set_requests(defined, "A", reason="RECOMPUTE")

    await handed_on(defined, batch, rows)

    assert [record.internal_record_id for record in await claim_records(defined)] == ["A"]


@pytest.mark.parametrize("end", ["computed", "failed"])
async def test_what_ended_on_the_record_road_did_not_fail_in_a_batch_any_more(
    defined: SessionFactory, end: str
) -> None:
    batch, rows = await a_batch_of(defined, "A")
    await handed_on(defined, batch, rows)
    [claimed] = await claim_records(defined)

    async with defined.begin() as session:
        outcomes = (
            ScoreOutcomes("farmers", "A", [a_computed_score(claimed.requests[0])])
            if end == "computed"
            else ScoreOutcomes("farmers", "A", failed=[a_failed_score(claimed.requests[0])])
        )
        await save_outcomes(session, outcomes)

    row = await pmt_request(defined, "A")
    assert (row.on_record_road, row.batch_failed) == (False, False)


async def test_handing_on_leaves_a_newer_approval_as_it_is(defined: SessionFactory) -> None:
    batch, rows = await a_batch_of(defined, "A")
    await asked_for(defined, "A")

    await handed_on(defined, batch, rows)

    assert not (await pmt_request(defined, "A")).batch_failed


async def test_a_batch_that_is_given_back_is_pending_and_may_go_by_batch_again(defined: SessionFactory) -> None:
    batch, _ = await a_batch_of(defined, "A", "B")

    for _ in range(2):
        async with defined.begin() as session:
            await give_back_batch(session, batch.batch_id, None)

    for record in ("A", "B"):
        assert {(row.compute_status, row.batch_id) for row in (await requests_of(defined, record)).values()} == {
            ("PENDING", None)
        }
    [again] = await claim_due(defined)
    assert await records_in(defined, again) == ["A", "B"]


async def test_one_score_type_of_a_batch_is_given_to_the_record_road(defined: SessionFactory) -> None:
    batch, _ = await a_batch_of(defined, "A")

    async with defined.begin() as session:
        await give_back_batch(session, batch.batch_id, ["FSF_SCORE"], to_record_road=True)

    assert await records_in(defined, batch, "PMT_SCORE") == ["A"]
    assert await claim_due(defined) == []
    [claimed] = await claim_records(defined)
    assert [one.score_type for one in claimed.requests] == ["FSF_SCORE"]


async def test_giving_back_leaves_what_is_settled_or_newer_as_it_is(defined: SessionFactory) -> None:
    batch, rows = await a_batch_of(defined, "A", "B")
    await save(defined, computed(batch, rows[:1]))
    newer = await asked_for(defined, "B")
    await set_requests(defined, "B", signal_after=text("now() + interval '1 hour'"))

    async with defined.begin() as session:
        await give_back_batch(session, batch.batch_id, ["PMT_SCORE"])

    settled, pending = await pmt_request(defined, "A"), await pmt_request(defined, "B")
    assert settled.compute_status == "COMPLETED"
    assert pending.sequence == newer.sequence
    assert pending.signal_after - pending.compute_latest_timestamp > timedelta(minutes=59)


async def test_a_large_batch_is_stored_as_a_whole(defined: SessionFactory) -> None:
    async with defined.begin() as session:
        await session.execute(
            text("""
            INSERT INTO g2p_score_compute_queue (register_id, internal_record_id, score_definition_id, score_type,
                change_request_id, contributing_attribute_values, definition_version, score_config, debounce)
            SELECT 'farmers', 'R-' || one, 'definition', 'PMT_SCORE', 'CR', '{}', 1, '{}',
                '{"quiet_period": 0, "max_wait": 0}' FROM generate_series(1, 5000) AS one
            """)
        )
    [batch] = await claim_due(defined, wide_roads(batch_size=5_000))
    async with defined() as session:
        from_store = await session.execute(
            text("SELECT sequence FROM g2p_score_compute_queue WHERE batch_id = :batch_id"),
            {"batch_id": batch.batch_id},
        )
        sequences = list(from_store.scalars())

    scores = [float(one) for one in sequences]
    part = ScoresOfBatch("a formula", "1", sequences, scores)
    await save(defined, ComputedBatch(batch.batch_id, [part], register_id=batch.register_id))

    async with defined() as session:
        wrong = "SELECT count(*) FROM g2p_register_scores WHERE computed_score <> sequence"
        assert await session.scalar(text(wrong)) == 0
        assert await session.scalar(text("SELECT count(*) FROM g2p_register_score_history")) == len(sequences)
    assert len(sequences) == 5_000
