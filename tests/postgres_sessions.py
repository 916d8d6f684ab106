"""What tests on PostgreSQL do in sessions of their own: look at rows afresh, ask for scores, see one session wait."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text, update

from objects import an_approved_change, wide_roads
from scoring.messages import ScoreRequest
from store.batches import Batch, BatchRow, claim_batches, load_batch
from store.database import Session, SessionFactory
from store.definitions import to_debounce
from store.outbox import RecordRequests, claim_pending, list_requests
from store.requests import request_scores
from store.roads import RoadLimits, list_outlooks, take_turn
from store.tables import G2PRegisterScore, G2PScoreComputeQueue


async def requests_of(sessions: SessionFactory, internal_record_id: str) -> dict[str, G2PScoreComputeQueue]:
    """A record's requests as they are committed, by score type."""
    async with sessions() as session:
        return {row.score_type: row for row in await list_requests(session, internal_record_id)}


async def stored_scores(session: Session, internal_record_id: str) -> list[G2PRegisterScore]:
    """A record's scores to the last column, by score type; what a reader is told of them: `list_score_states`."""
    score = G2PRegisterScore
    statement = select(score).where(score.internal_record_id == internal_record_id).order_by(score.score_type)
    return list(await session.scalars(statement))


async def set_requests(sessions: SessionFactory, internal_record_id: str, **values: Any) -> None:
    """Put a record's requests into another state."""
    async with sessions.begin() as session:
        queue = G2PScoreComputeQueue
        await session.execute(update(queue).where(queue.internal_record_id == internal_record_id).values(**values))


async def asked_for(
    sessions: SessionFactory, internal_record_id: str, score_type: str = "PMT_SCORE", **changes: Any
) -> ScoreRequest:
    """Approve a change of the record; its newest request for the score type, as the relay would send it."""
    async with sessions.begin() as session:
        await request_scores(session, an_approved_change(internal_record_id=internal_record_id, **changes))
    row = (await requests_of(sessions, internal_record_id))[score_type]
    return ScoreRequest(
        row.score_type,
        row.sequence,
        row.change_request_id,
        row.contributing_attribute_values,
        row.score_definition_id,
        row.definition_version,
        row.score_config,
        to_debounce(row.debounce),
        priority=row.priority,
        fairness_key=row.fairness_key or row.register_id,
    )


def as_asked(requests: Iterable[ScoreRequest]) -> list[ScoreRequest]:
    """Claimed requests without how long they had waited."""
    return [replace(request, pending_for=0.0, quiet_for=0.0) for request in requests]


async def claim_records(
    sessions: SessionFactory, limits: RoadLimits | None = None, lease: timedelta = timedelta(minutes=1)
) -> list[RecordRequests]:
    """Claim for the record road as a relay does, in a transaction of its own."""
    async with sessions.begin() as session:
        if not await take_turn(session):
            return []
        return await claim_for_records(session, limits or wide_roads(), lease)


async def claim_due(
    sessions: SessionFactory, limits: RoadLimits | None = None, lease: timedelta = timedelta(minutes=1)
) -> list[Batch]:
    """Claim batches as a relay does, in a transaction of its own."""
    async with sessions.begin() as session:
        if not await take_turn(session):
            return []
        return await claim_for_batches(session, limits or wide_roads(), lease)


async def rows_in(sessions: SessionFactory, batch: Batch, score_type: str = "PMT_SCORE") -> list[BatchRow]:
    """The batch's requests for a score type."""
    async with sessions() as session:
        return await load_batch(session, batch.batch_id, [score_type], ("", ""), 10_000)


async def records_in(sessions: SessionFactory, batch: Batch, score_type: str = "PMT_SCORE") -> list[str]:
    """The records whose score of this type the batch has."""
    return [row.internal_record_id for row in await rows_in(sessions, batch, score_type)]


async def backend_pid(session: Session) -> int:
    """The process of PostgreSQL that serves the session."""
    pid: int = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    return pid


async def until_waiting(sessions: SessionFactory, pid: int) -> None:
    """Return as soon as the process waits for a lock that another one holds."""
    waits = text("SELECT cardinality(pg_blocking_pids(:pid)) > 0")
    async with asyncio.timeout(20), sessions() as session:
        while not (await session.execute(waits, {"pid": pid})).scalar_one():
            await asyncio.sleep(0.01)


async def claim_for_records(
    session: Session, limits: RoadLimits, lease: timedelta, restart_after: timedelta = timedelta(hours=1)
) -> list[RecordRequests]:
    """What a relay claims for the record road, in a transaction of the caller's."""
    outlooks = await list_outlooks(session, limits)
    return await claim_pending(session, outlooks, limits.records_per_tick, lease, restart_after)


async def claim_for_batches(session: Session, limits: RoadLimits, lease: timedelta) -> list[Batch]:
    """What a relay claims for batches where no record finds room, in a transaction of the caller's."""
    flooded = await list_outlooks(session, replace(limits, max_open_records=0))
    return await claim_batches(session, flooded, limits, lease)
