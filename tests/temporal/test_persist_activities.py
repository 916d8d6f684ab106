"""The real activities that write: what is stored afterwards, and that a repeat is harmless."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.persist import PersistActivities
from objects import a_farmer_register, a_stored_definition, an_approval, wide_roads
from postgres_sessions import claim_for_records, stored_scores
from scoring.messages import ComputedScore, FailedScore, ScoreOutcomes, ScoresGivenBack
from store.database import SessionFactory
from store.outbox import RecordRequests, list_requests, mark_signaled
from store.scores import list_history
from store.tables import G2PScoreComputeQueue

NO_TIME = timedelta(0)
AN_HOUR = timedelta(hours=1)
NOT_STORED = {"_sa_instance_state"}
TOUCHED_BY_ANY_REPEAT = {"compute_latest_timestamp"}


@pytest.fixture
async def record(sessions: SessionFactory) -> RecordRequests:
    """An approved record whose one request Temporal has."""
    async with sessions.begin() as session:
        register = await a_farmer_register(session)
        await a_stored_definition(session, "PMT_SCORE", register.register_id)
        await an_approval(session, register.register_id)
    async with sessions.begin() as session:
        [record] = await claim_for_records(session, wide_roads(), NO_TIME)
        await mark_signaled(session, [record], NO_TIME)
    return record


async def persist(sessions: SessionFactory, outcomes: ScoreOutcomes) -> None:
    await ActivityEnvironment().run(PersistActivities(sessions, AN_HOUR, {}).persist_scores, outcomes)


async def give_back(sessions: SessionFactory, record: RecordRequests) -> None:
    given_back = ScoresGivenBack(record.internal_record_id, record.requests)
    await ActivityEnvironment().run(PersistActivities(sessions, AN_HOUR, {}).give_back_requests, given_back)


def outcomes_of(record: RecordRequests, score: float) -> ScoreOutcomes:
    computed = [ComputedScore(request, score, "a formula", "1") for request in record.requests]
    return ScoreOutcomes(record.register_id, record.internal_record_id, computed=computed)


async def the_request(sessions: SessionFactory, record: RecordRequests) -> G2PScoreComputeQueue:
    async with sessions() as session:
        [request] = await list_requests(session, record.internal_record_id)
    return request


async def rows_of(sessions: SessionFactory, record: RecordRequests) -> list[dict[str, Any]]:
    """A record's score, its history and its request."""
    async with sessions() as session:
        rows = [
            *await stored_scores(session, record.internal_record_id),
            *await list_history(session, record.internal_record_id, "PMT_SCORE"),
            *await list_requests(session, record.internal_record_id),
        ]
    left_out = NOT_STORED | TOUCHED_BY_ANY_REPEAT
    return [{name: value for name, value in vars(row).items() if name not in left_out} for row in rows]


async def test_i5_scores_that_are_persisted_twice_are_the_same_rows(
    sessions: SessionFactory, record: RecordRequests
) -> None:
    await persist(sessions, outcomes_of(record, 47.5))
    once = await rows_of(sessions, record)

    await persist(sessions, outcomes_of(record, 47.5))

    assert await rows_of(sessions, record) == once
    score, history, request = once
    assert score["computed_score"] == history["computed_score"] == 47.5
    assert request["compute_status"] == "COMPLETED"


async def test_i5_of_two_results_of_one_sequence_the_first_stays(
    sessions: SessionFactory, record: RecordRequests
) -> None:
    await persist(sessions, outcomes_of(record, 47.5))
    once = await rows_of(sessions, record)

    await persist(sessions, outcomes_of(record, 48.5))

    assert await rows_of(sessions, record) == once


async def test_i7_a_failure_is_persisted_with_its_code_and_reason(
    sessions: SessionFactory, record: RecordRequests
) -> None:
    failed = [FailedScore(record.requests[0], "ScoreInputError", "income is missing")]

    await persist(sessions, ScoreOutcomes(record.register_id, record.internal_record_id, failed=failed))

    request = await the_request(sessions, record)
    assert request.compute_status == "FAILED"
    assert request.compute_latest_error_code == "ScoreInputError"
    assert request.compute_latest_error_message == "income is missing"


async def test_a_request_that_is_given_back_is_pending_again_after_a_while(
    sessions: SessionFactory, record: RecordRequests
) -> None:
    await give_back(sessions, record)
    await give_back(sessions, record)

    request = await the_request(sessions, record)
    assert request.compute_status == "PENDING"
    assert AN_HOUR < request.signal_after - request.pending_since < AN_HOUR + timedelta(minutes=1)


async def test_a_request_that_is_settled_is_not_given_back(sessions: SessionFactory, record: RecordRequests) -> None:
    await persist(sessions, outcomes_of(record, 47.5))

    await give_back(sessions, record)

    request = await the_request(sessions, record)
    assert request.compute_status == "COMPLETED"
