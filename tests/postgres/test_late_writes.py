"""Writes of a run that arrive when the request has gone on by a batch: nothing is left between the roads.

Found by the protocol's state machine.
"""

from datetime import timedelta

import pytest

from objects import a_failed_score, a_stored_definition
from postgres_sessions import asked_for, claim_due, claim_records, requests_of, rows_in, set_requests
from scoring.batch_messages import ComputedBatch, FailedInBatch
from scoring.messages import ScoreOutcomes, ScoreRequest
from store.audit import Actor
from store.batches import Batch, save_failed_batch
from store.database import SessionFactory
from store.outbox import RecordRequests, give_back, give_up, mark_signaled
from store.retries import retry_scores
from store.scores import save_outcomes
from store.tables import G2PScoreComputeQueue

NO_TIME = timedelta(0)


@pytest.fixture
async def given_back(sessions: SessionFactory) -> tuple[SessionFactory, ScoreRequest, Batch]:
    """Record A's request, which its run gave back, and the batch that has it now."""
    async with sessions.begin() as session:
        await a_stored_definition(session)
    request = await asked_for(sessions, "A")
    claimed = await claim_records(sessions)
    for write in (mark_signaled, give_back):
        async with sessions.begin() as session:
            await write(session, claimed, NO_TIME)
    [batch] = await claim_due(sessions)
    return sessions, request, batch


async def request_a(sessions: SessionFactory) -> G2PScoreComputeQueue:
    """Record A's request."""
    return (await requests_of(sessions, "A"))["PMT_SCORE"]


async def test_what_is_given_back_late_stays_in_its_batch(
    given_back: tuple[SessionFactory, ScoreRequest, Batch],
) -> None:
    sessions, request, batch = given_back

    async with sessions.begin() as session:
        await give_back(session, [RecordRequests("farmers", "A", [request])], NO_TIME)

    row = await request_a(sessions)
    assert (row.compute_status, row.batch_id) == ("PROCESSING", batch.batch_id)


async def test_what_fails_in_a_batch_holds_no_place_on_the_record_road(
    given_back: tuple[SessionFactory, ScoreRequest, Batch],
) -> None:
    sessions, request, batch = given_back

    await set_requests(sessions, "A", on_record_road=True)
    async with sessions.begin() as session:
        failure = FailedInBatch([request.sequence], "ScoreInputError", "no income")
        await save_failed_batch(session, ComputedBatch(batch.batch_id, failed=[failure]))

    row = await request_a(sessions)
    assert (row.compute_status, row.on_record_road) == ("FAILED", False)


@pytest.mark.parametrize("by", ["the run", "the relay"])
async def test_i7_what_has_failed_late_is_in_no_batch_any_more(
    given_back: tuple[SessionFactory, ScoreRequest, Batch], by: str
) -> None:
    sessions, request, batch = given_back

    async with sessions.begin() as session:
        if by == "the run":
            await save_outcomes(session, ScoreOutcomes("farmers", "A", failed=[a_failed_score(request)]))
        else:
            await give_up(session, [RecordRequests("farmers", "A", [request])], "SignalRefused", "too large")

    assert (await request_a(sessions)).compute_status == "FAILED"
    assert await rows_in(sessions, batch) == []


async def test_what_is_asked_for_again_is_in_no_batch_any_more(
    given_back: tuple[SessionFactory, ScoreRequest, Batch],
) -> None:
    sessions, _, batch = given_back

    await set_requests(sessions, "A", compute_status="FAILED", compute_latest_error_code="ScoreInputError")
    async with sessions.begin() as session:
        await retry_scores(session, Actor("officer.kamau", "api"), "A")

    assert (await request_a(sessions)).compute_status == "PENDING"
    assert await rows_in(sessions, batch) == []
