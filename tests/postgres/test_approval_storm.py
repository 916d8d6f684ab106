"""Approvals, a relay and a worker at the same rows at the same time: no deadlock, and the last approval is scored."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from objects import AN_ACTOR, a_computed_score, a_farmer_register, a_stored_definition, an_approval, wide_roads
from postgres_sessions import claim_for_records
from registry.change_requests import NewChangeRequest, approve_change_request, create_change_request
from registry.registers import get_record
from scoring.messages import ScoreOutcomes
from store.database import SessionFactory
from store.outbox import RecordRequests, mark_signaled
from store.score_states import ScoreStatus, list_score_states
from store.scores import list_history, save_outcomes
from store.tables import G2PScoreComputeQueue

RECORDS, APPROVALS, CONNECTIONS = 5, 40, 8
BOTH = ("FSF_SCORE", "PMT_SCORE")


async def prepare(sessions: SessionFactory) -> tuple[list[str], asyncio.Queue[str]]:
    """Records, and change requests of them that touch both score types."""
    waiting: asyncio.Queue[str] = asyncio.Queue()
    async with sessions.begin() as session:
        register_id = (await a_farmer_register(session)).register_id
        for score_type in BOTH:
            await a_stored_definition(session, score_type, register_id)
        records = [(await an_approval(session, register_id)).internal_record_id or "" for _ in range(RECORDS)]
        for number in range(APPROVALS):
            new = NewChangeRequest(register_id, {"income": number}, records[number % RECORDS], f"CR-{number}")
            waiting.put_nowait((await create_change_request(session, new)).change_request_id)
    return records, waiting


async def approve_all(sessions: SessionFactory, waiting: asyncio.Queue[str]) -> None:
    """Approve what waits, one transaction each."""
    while not waiting.empty():
        async with sessions.begin() as session:
            await approve_change_request(session, AN_ACTOR, waiting.get_nowait())


async def relay_and_score(sessions: SessionFactory, approved: asyncio.Event) -> None:
    """Claim, mark and save until everything is approved and nothing is pending."""
    while True:
        last_look = approved.is_set()
        async with sessions.begin() as session:
            claimed = await claim_for_records(session, wide_roads(records_per_tick=3), timedelta(0))
        if last_look and not claimed:
            return
        async with sessions.begin() as session:
            await mark_signaled(session, claimed, timedelta(0))
        await asyncio.gather(*(save(sessions, record) for record in claimed))


async def save(sessions: SessionFactory, record: RecordRequests) -> None:
    """The scores of a record, each its income."""
    computed = [
        a_computed_score(request, request.contributing_attribute_values["income"]) for request in record.requests
    ]
    async with sessions.begin() as session:
        await save_outcomes(session, ScoreOutcomes(record.register_id, record.internal_record_id, computed))


async def test_i1_approvals_under_way_with_the_relay_and_the_worker_are_all_reflected(
    sessions: SessionFactory,
) -> None:
    records, waiting = await prepare(sessions)
    approved = asyncio.Event()
    relay = asyncio.create_task(relay_and_score(sessions, approved))

    await asyncio.gather(*(approve_all(sessions, waiting) for _ in range(CONNECTIONS)))
    approved.set()
    await relay

    async with sessions() as session:
        queue = list(await session.scalars(select(G2PScoreComputeQueue)))
        assert {row.compute_status for row in queue} == {"COMPLETED"}
        states = await list_score_states(session, records)
        for internal_record_id in records:
            record = await get_record(session, internal_record_id)
            assert record.version == 1 + APPROVALS // RECORDS
            scores = states[internal_record_id]
            assert [score.score_type for score in scores] == list(BOTH)
            assert {score.status for score in scores} == {ScoreStatus.CURRENT}
            assert {score.computed_score for score in scores} == {record.attributes["income"]}
            for score_type in BOTH:
                history = await list_history(session, internal_record_id, score_type)
                assert len({row.sequence for row in history}) == len(history)
