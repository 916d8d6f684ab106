"""What the roads ask of a long queue is found by index: work that grows with the answer, not with the queue."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from objects import wide_roads
from postgres_sessions import claim_for_batches, claim_for_records
from scoring.batch_messages import ComputedBatch, FailedInBatch, ScoresOfBatch
from store.batches import (
    Batch,
    give_back_batch,
    hand_to_record_road,
    load_batch,
    lock_batch,
    put_off_start,
    save_failed_batch,
)
from store.database import Session, SessionFactory
from store.roads import RoadLimits, next_turn_in, relay_lag
from store.scores import save_computed_batch
from store.sweeping import SweepPolicy, sweep_overdue

PENDING, SETTLED, WAITING = 20_000, 40_000, 480
REPETITIONS = 7
"""From the sixth execution on, PostgreSQL may take a plan that is the same for all parameters."""

LEASE = timedelta(minutes=1)

# what this backend did and has not told yet, hence exact and seen at once; it tells at the end of a transaction
WORK = """
    SELECT seq_scan, coalesce(idx_tup_fetch, 0) AS rows
    FROM pg_stat_xact_user_tables WHERE relname = 'g2p_score_compute_queue'
"""

FILL = """
    INSERT INTO g2p_score_compute_queue (register_id, internal_record_id, score_definition_id, score_type,
        change_request_id, contributing_attribute_values, definition_version, score_config, debounce, due_at,
        compute_status, reason, batch_failed, on_record_road)
    SELECT 'register ' || one % 5, 'R-' || one / 2, 'definition', 'TYPE ' || one % 2, 'CR', '{"income": 1}', 1, '{}',
        '{"quiet_period": 0, "max_wait": 0}', now() - one * interval '1 second', :status, :reason, :batch_failed,
        :on_record_road
    FROM generate_series(cast(:first AS integer), cast(:last AS integer)) AS one
"""

DEFINE = """
    INSERT INTO g2p_register_score_definitions (
        register_id, score_type, contributing_attributes, score_config, debounce)
    SELECT 'register ' || one / 2, 'TYPE ' || one % 2, '[]', '{}', '{}' FROM generate_series(0, 9) AS one
"""


async def fill(session: Session, reason: str, *, batch_failed: bool) -> None:
    """A queue with much that waits, more that is settled, and a record road full of runs that wait."""
    await session.execute(text(DEFINE))
    first = 0
    for status, number in (("PENDING", PENDING), ("COMPLETED", SETTLED), ("PROCESSING", WAITING)):
        on_the_road = {"on_record_road": status == "PROCESSING", "reason": reason, "batch_failed": batch_failed}
        await session.execute(text(FILL), {"status": status, "first": first, "last": first + number - 1} | on_the_road)
        first += number


@pytest.fixture
async def full(sessions: SessionFactory, request: pytest.FixtureRequest) -> SessionFactory:
    """A long queue that the planner knows, of this reason, where every row failed in a batch or none did."""
    reason, batch_failed = request.param
    async with sessions.begin() as session:
        await fill(session, reason, batch_failed=batch_failed)
    async with sessions() as session:
        connection = await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        await connection.execute(text("VACUUM ANALYZE"))
    return sessions


APPROVALS = pytest.param(("APPROVAL", False), id="approvals")
RECOMPUTATIONS = pytest.param(("RECOMPUTE", False), id="recomputations")
FAILED_IN_BATCHES = pytest.param(("APPROVAL", True), id="what failed in batches")


async def work_of(session: Session, ask: Callable[[], Awaitable[Any]]) -> tuple[int, float]:
    """How often the whole queue is read by asking so often, and how many rows each time finds by index."""
    before = (await session.execute(text(WORK))).one_or_none() or (0, 0)
    for _ in range(REPETITIONS):
        await ask()
    after = (await session.execute(text(WORK))).one_or_none() or (0, 0)
    return after[0] - before[0], (after[1] - before[1]) / REPETITIONS


Ask = Callable[[Session], Awaitable[Any]]

LITTLE_ROOM = RoadLimits(max_open_records=8)
A_SMALL_BATCH = wide_roads(batch_size=10)

QUESTIONS: dict[str, Ask] = {
    "next turn": next_turn_in,
    "lag": relay_lag,
    "claim for the record road": lambda session: claim_for_records(session, LITTLE_ROOM, LEASE),
    "claim batches": lambda session: claim_for_batches(session, A_SMALL_BATCH, LEASE),
    "claim batches without room": lambda session: claim_for_batches(session, wide_roads(max_open_batches=0), LEASE),
    # last: it changes none of what the others find
    "sweep": lambda session: sweep_overdue(session, SweepPolicy(sweep_after=0)),
}


@pytest.mark.parametrize("full", [APPROVALS, RECOMPUTATIONS, FAILED_IN_BATCHES], indirect=True)
async def test_no_question_of_the_relay_reads_the_whole_queue(full: SessionFactory) -> None:
    read = {}
    for name, ask in QUESTIONS.items():
        async with full() as session:
            read[name] = await work_of(session, partial(ask, session))

    assert {name: scans for name, (scans, _) in read.items() if scans} == {}
    assert {name: rows for name, (_, rows) in read.items() if rows > PENDING / 10} == {}


async def a_batch(session: Session) -> tuple[Batch, list[int]]:
    """A batch and its rows, by sequence."""
    batch = (await claim_for_batches(session, A_SMALL_BATCH, LEASE))[0]
    rows = await load_batch(session, batch.batch_id, batch.score_types, ("", ""), 100)
    return batch, [row.sequence for row in rows]


def computed(batch: Batch, sequences: list[int]) -> ComputedBatch:
    """All of it has a score."""
    scores = ScoresOfBatch("f", "1", sequences, [1.0] * len(sequences))
    return ComputedBatch(batch.batch_id, [scores], register_id=batch.register_id)


def failed(batch: Batch, sequences: list[int]) -> ComputedBatch:
    """All of it has failed."""
    return ComputedBatch(batch.batch_id, failed=[FailedInBatch(sequences, "ScoreInputError", "no income")])


def unsettled(batch: Batch, sequences: list[int]) -> ComputedBatch:
    """None of it has an end."""
    return ComputedBatch(batch.batch_id, unsettled=sequences)


OfBatch = Callable[[Session, Batch, list[int]], Awaitable[Any]]

ANSWERS: dict[str, OfBatch] = {
    "load": lambda session, batch, _: load_batch(session, batch.batch_id, batch.score_types, ("", ""), 100),
    "put off its start": lambda session, batch, _: put_off_start(session, [batch], LEASE),
    "lock": lambda session, batch, rows: lock_batch(session, computed(batch, rows)),
    "store": lambda session, batch, rows: save_computed_batch(session, computed(batch, rows)),
    "fail": lambda session, batch, rows: save_failed_batch(session, failed(batch, rows)),
    "hand on": lambda session, batch, rows: hand_to_record_road(session, unsettled(batch, rows)),
    "give back": lambda session, batch, _: give_back_batch(session, batch.batch_id, None),
}


async def with_a_batch(session: Session, answer: OfBatch) -> None:
    """Do so with a batch of its own."""
    batch, sequences = await a_batch(session)
    assert sequences
    await answer(session, batch, sequences)


@pytest.mark.parametrize("full", [APPROVALS, RECOMPUTATIONS], indirect=True)
async def test_nothing_that_is_done_with_a_batch_reads_the_whole_queue(full: SessionFactory) -> None:
    read = {}
    for name, answer in ANSWERS.items():
        async with full() as session:
            read[name] = await work_of(session, partial(with_a_batch, session, answer))

    assert {name: scans for name, (scans, _) in read.items() if scans} == {}
    assert {name: rows for name, (_, rows) in read.items() if rows > PENDING / 10} == {}


async def test_right_after_an_import_the_relay_reads_no_more_than_with_fresh_statistics(
    sessions: SessionFactory,
) -> None:
    async with sessions.begin() as session:
        await session.execute(text("ALTER TABLE g2p_score_compute_queue SET (autovacuum_enabled = false)"))
        await session.execute(text("ANALYZE g2p_score_compute_queue"))
    async with sessions.begin() as session:
        await fill(session, "APPROVAL", batch_failed=False)

    read = {}
    for name, ask in QUESTIONS.items():
        async with sessions() as session:
            read[name] = await work_of(session, partial(ask, session))

    assert {name: work for name, work in read.items() if work[0] or work[1] > PENDING / 10} == {}
