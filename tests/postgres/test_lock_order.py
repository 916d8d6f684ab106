"""Everybody locks requests by (record, score type): whoever waits for the first one holds none of the others."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

import pytest
from sqlalchemy import text

from objects import a_computed_score, a_failed_score, a_stored_definition, an_approved_change
from postgres_sessions import asked_for, backend_pid, requests_of, set_requests, until_waiting
from scoring.messages import ScoreOutcomes, ScoreRequest
from store.database import Session, SessionFactory
from store.outbox import RecordRequests, give_back, give_up, mark_signaled, put_off
from store.requests import request_scores
from store.scores import save_outcomes

Requests: TypeAlias = list[ScoreRequest]
Action: TypeAlias = Callable[[Session, Requests], Awaitable[object]]

LOCK = text(
    "SELECT 1 FROM g2p_score_compute_queue"
    " WHERE internal_record_id = :record AND score_type = :score_type FOR UPDATE NOWAIT"
)
SOON = timedelta(0)


async def approve(session: Session, _requests: Requests) -> None:
    """Ask for both scores of record A."""
    await request_scores(session, an_approved_change(internal_record_id="A"))


async def save_computed(session: Session, requests: Requests) -> None:
    """Save both scores of record A."""
    await save_outcomes(session, ScoreOutcomes("farmers", "A", [a_computed_score(request) for request in requests]))


async def save_failed(session: Session, requests: Requests) -> None:
    """Save both failures of record A."""
    failed = [a_failed_score(request) for request in requests]
    await save_outcomes(session, ScoreOutcomes("farmers", "A", failed=failed))


async def mark(session: Session, requests: Requests) -> None:
    """Mark both requests of record A."""
    await mark_signaled(session, [RecordRequests("farmers", "A", requests)], SOON)


async def delay(session: Session, requests: Requests) -> None:
    """Put off both requests of record A."""
    await put_off(session, [RecordRequests("farmers", "A", requests)], SOON)


async def fail(session: Session, requests: Requests) -> None:
    """Give up both requests of record A."""
    await give_up(session, [RecordRequests("farmers", "A", requests)], "SignalRefused", "too large")


async def give(session: Session, requests: Requests) -> None:
    """Give back both requests of record A."""
    await give_back(session, [RecordRequests("farmers", "A", requests)], SOON)


@pytest.fixture
async def requests(sessions: SessionFactory) -> Requests:
    """Requests of record A, stored and listed against the order in which they are to be locked."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
    await asked_for(sessions, "A")
    async with sessions.begin() as session:
        await a_stored_definition(session, "FSF_SCORE")
    fsf = await asked_for(sessions, "A", "FSF_SCORE")
    return [
        replace(fsf, score_type="PMT_SCORE", sequence=(await requests_of(sessions, "A"))["PMT_SCORE"].sequence),
        fsf,
    ]


@pytest.mark.parametrize("act", [approve, save_computed, save_failed, mark, delay, fail, give])
async def test_who_waits_for_the_first_score_type_of_a_record_holds_no_other(
    sessions: SessionFactory, requests: Requests, act: Action
) -> None:
    if act is give:
        await set_requests(sessions, "A", compute_status="PROCESSING")

    async with sessions() as holder, sessions() as actor:
        waiting = await backend_pid(actor)
        await holder.execute(LOCK, {"record": "A", "score_type": "FSF_SCORE"})
        acting = asyncio.ensure_future(act(actor, requests))
        await until_waiting(sessions, waiting)

        # raises where the actor has it
        await holder.execute(LOCK, {"record": "A", "score_type": "PMT_SCORE"})

        await holder.commit()
        await acting
        await actor.commit()


@pytest.mark.parametrize("act", [mark_signaled, put_off])
async def test_who_waits_for_the_first_record_holds_no_other(
    sessions: SessionFactory, act: Callable[..., Awaitable[None]]
) -> None:
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
    claimed = [RecordRequests("farmers", record, [await asked_for(sessions, record)]) for record in ("C", "B", "A")]

    async with sessions() as holder, sessions() as relay:
        waiting = await backend_pid(relay)
        await holder.execute(LOCK, {"record": "A", "score_type": "PMT_SCORE"})
        acting = asyncio.ensure_future(act(relay, claimed, SOON))
        await until_waiting(sessions, waiting)

        for record in ("B", "C"):
            await holder.execute(LOCK, {"record": record, "score_type": "PMT_SCORE"})

        await holder.commit()
        await acting
        await relay.commit()
