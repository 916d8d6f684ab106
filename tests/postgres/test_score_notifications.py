"""Each way in which a record's scores change tells of the record once, when it commits, and of no other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from objects import AN_ACTOR, a_computed_score, a_failed_score, a_request, a_stored_definition, an_approved_change
from postgres_sessions import asked_for, claim_due, requests_of, rows_in, set_requests
from recompute_registers import a_recomputed_register
from scoring.batch_messages import ComputedBatch, FailedInBatch, ScoresOfBatch
from scoring.messages import ScoreOutcomes, ScoreRequest
from scoring.names import SCORE_EVENTS_CHANNEL
from store.batches import Batch, save_failed_batch
from store.database import DATABASE_ERRORS, SessionFactory
from store.notifications import listen_for_score_events
from store.outbox import RecordRequests, give_up
from store.requests import request_scores
from store.retries import retry_scores
from store.scores import save_computed_batch, save_outcomes

MARKER = "marker"


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with both score types; records A and B are asked for."""
    async with sessions.begin() as session:
        for score_type in ("FSF_SCORE", "PMT_SCORE"):
            await a_stored_definition(session, score_type)
    for record in ("A", "B"):
        await asked_for(sessions, record)
    return sessions


@pytest.fixture
async def heard(engine: AsyncEngine) -> AsyncIterator[asyncio.Queue[str]]:
    """The records that are told of, in the order in which it is."""
    records: asyncio.Queue[str] = asyncio.Queue()

    def listen(_connection: Any, _pid: int, _channel: str, payload: str) -> None:
        records.put_nowait(payload)

    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.add_listener(SCORE_EVENTS_CHANNEL, listen)
        yield records
        await driver.remove_listener(SCORE_EVENTS_CHANNEL, listen)


async def told(sessions: SessionFactory, heard: asyncio.Queue[str]) -> list[str]:
    """What was told until now."""
    async with sessions.begin() as session:
        await session.execute(text(f"NOTIFY {SCORE_EVENTS_CHANNEL}, '{MARKER}'"))
    records: list[str] = []
    while (record := await asyncio.wait_for(heard.get(), 20)) != MARKER:
        records.append(record)
    return records


async def approve(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        await request_scores(session, an_approved_change(internal_record_id="A"))


async def requests_of_a(sessions: SessionFactory) -> list[ScoreRequest]:
    """Both of its requests, as a run has them."""
    return [a_request(row.sequence, row.score_type) for row in (await requests_of(sessions, "A")).values()]


async def compute(sessions: SessionFactory) -> None:
    outcomes = ScoreOutcomes("farmers", "A", [a_computed_score(one) for one in await requests_of_a(sessions)])
    async with sessions.begin() as session:
        await save_outcomes(session, outcomes)


async def fail(sessions: SessionFactory) -> None:
    outcomes = ScoreOutcomes("farmers", "A", failed=[a_failed_score(one) for one in await requests_of_a(sessions)])
    async with sessions.begin() as session:
        await save_outcomes(session, outcomes)


async def retry(sessions: SessionFactory) -> None:
    await set_requests(sessions, "A", compute_status="FAILED", compute_latest_error_code="ScoreInputError")
    async with sessions.begin() as session:
        await retry_scores(session, AN_ACTOR, "A")


async def refuse(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        refused = RecordRequests("farmers", "A", await requests_of_a(sessions))
        await give_up(session, [refused], "SignalRefused", "too large")


async def a_batch(sessions: SessionFactory) -> tuple[Batch, list[int]]:
    [batch] = await claim_due(sessions)
    rows = [row for score_type in batch.score_types for row in await rows_in(sessions, batch, score_type)]
    return batch, [row.sequence for row in rows]


async def compute_batch(sessions: SessionFactory) -> None:
    batch, sequences = await a_batch(sessions)
    scores = ScoresOfBatch("f", "1", sequences, [1.0] * len(sequences))
    async with sessions.begin() as session:
        await save_computed_batch(session, ComputedBatch(batch.batch_id, [scores], register_id=batch.register_id))


async def fail_batch(sessions: SessionFactory) -> None:
    batch, sequences = await a_batch(sessions)
    failed = FailedInBatch(sequences, "ScoreInputError", "no income")
    async with sessions.begin() as session:
        await save_failed_batch(session, ComputedBatch(batch.batch_id, failed=[failed]))


WAYS: dict[str, tuple[Callable[[SessionFactory], Awaitable[None]], list[str]]] = {
    "an approval": (approve, ["A"]),
    "scores of the record road": (compute, ["A"]),
    "failures of the record road": (fail, ["A"]),
    "asking again": (retry, ["A"]),
    "a signal that is refused": (refuse, ["A"]),
    "scores of a batch": (compute_batch, ["A", "B"]),
    "failures of a batch": (fail_batch, ["A", "B"]),
}


@pytest.mark.parametrize("way", WAYS)
async def test_what_changes_a_records_scores_tells_of_it_once(
    defined: SessionFactory, heard: asyncio.Queue[str], way: str
) -> None:
    change, records = WAYS[way]

    await change(defined)

    assert sorted(await told(defined, heard)) == records


async def test_a_page_of_a_recomputation_tells_of_each_of_its_records(
    sessions: SessionFactory, heard: asyncio.Queue[str]
) -> None:
    register = await a_recomputed_register(sessions)
    records = await register.records(3)
    await register.ask()
    before = await told(sessions, heard)

    await register.page(10)

    assert before == []
    assert sorted(await told(sessions, heard)) == sorted(records)


async def test_what_is_rolled_back_is_not_told(defined: SessionFactory, heard: asyncio.Queue[str]) -> None:
    async with defined() as session:
        await request_scores(session, an_approved_change(internal_record_id="A"))
        await session.rollback()

    assert await told(defined, heard) == []


async def test_a_listener_wakes_up_for_what_is_worth_it(defined: SessionFactory, database_url: str) -> None:
    payloads: list[str] = []

    def only_a(payload: str) -> bool:
        payloads.append(payload)
        return payload == "A"

    woken = asyncio.Event()
    async with listen_for_score_events(database_url, woken, only_a) as listener:
        await asked_for(defined, "B")
        await listener.require_answering()
        woken_by_b = woken.is_set()
        await approve(defined)

        await asyncio.wait_for(woken.wait(), 20)
    assert (payloads, woken_by_b) == (["B", "A"], False)


async def test_a_listener_whose_connection_is_gone_says_so_when_asked(
    sessions: SessionFactory, database_url: str
) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    lost = asyncio.Event()
    async with listen_for_score_events(database_url, lost, lambda _: False) as listener:
        async with sessions.begin() as session:
            await session.execute(text(f"{end} AND datname = current_database()"))
        await asyncio.wait_for(lost.wait(), 20)

        with pytest.raises(DATABASE_ERRORS, match="was lost"):
            await listener.require_answering()
