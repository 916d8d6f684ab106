"""The real database in steps that a synchronous state machine takes: one transaction each, on a loop of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import create_async_engine

from activities.batch import BatchActivities
from activities.persist import PersistActivities
from activities.services import ServiceRunner
from objects import a_stored_definition
from protocol.copies import CREATE_COPIES, WRITE_BACK
from protocol.steps import A_MOMENT, FIXED, REGISTER, WINDOWS, Write
from scoring.batch_messages import BatchGivenBack, ComputedBatch
from scoring.messages import ScoreOutcomes, ScoresGivenBack
from store.database import Session, make_sessions
from store.definition_tables import G2PRegisterScoreDefinition

T = TypeVar("T")
Key: TypeAlias = tuple[str, str]
"""A record and a score type."""

_FORGET = text("""
TRUNCATE g2p_score_compute_queue, g2p_score_compute_batches, g2p_register_scores, g2p_register_score_history, copies
""")
_LET_PASS = (
    text("""
UPDATE g2p_score_compute_queue SET
    pending_since = pending_since - cast(:time AS interval), due_at = due_at - cast(:time AS interval),
    signal_after = signal_after - cast(:time AS interval),
    compute_latest_timestamp = compute_latest_timestamp - cast(:time AS interval),
    processing_since = processing_since - cast(:time AS interval)
"""),
    text("""
UPDATE g2p_score_compute_batches SET
    created_at = created_at - cast(:time AS interval), start_after = start_after - cast(:time AS interval)
"""),
)
# one statement: this is asked after every step
_LOOK = text("""
SELECT (SELECT coalesce(jsonb_agg(request), '[]') FROM g2p_score_compute_queue AS request),
    (SELECT coalesce(jsonb_agg(score), '[]') FROM g2p_register_scores AS score),
    (SELECT coalesce(jsonb_agg(past ORDER BY sequence), '[]') FROM g2p_register_score_history AS past),
    (SELECT coalesce(jsonb_agg(batch_id), '[]') FROM g2p_score_compute_batches),
    (SELECT coalesce(jsonb_object_agg(internal_record_id, score), '{}') FROM copies)
""")


@dataclass(frozen=True)
class Stored:
    """Everything that is committed."""

    requests: dict[Key, dict[str, Any]]
    scores: dict[Key, dict[str, Any]]
    history: list[dict[str, Any]]
    batches: set[str]
    copies: dict[str, float]
    """By record."""


class ProtocolDatabase:
    """A migrated database with the definitions, and nothing else at the beginning of each example."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._engine = create_async_engine(url, pool_size=1, max_overflow=0)
        self._sessions = make_sessions(self._engine)
        write_backs = {REGISTER: WRITE_BACK}
        self._persist = PersistActivities(self._sessions, timedelta(seconds=A_MOMENT - 50), write_backs)
        self._batch = BatchActivities(self._sessions, ServiceRunner(1), write_backs)
        self.commit(_define)

    def close(self) -> None:
        """Leave nothing open."""
        self._run(self._engine.dispose())
        self._loop.close()

    def _run(self, step: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(step)

    def commit(self, step: Callable[[Session], Awaitable[T]], *, or_crash: bool = False) -> T:
        """Do it in a transaction of its own; what was done is rolled back where the crash comes first."""
        return self._run(self._transact(step, commits=not or_crash))

    async def _transact(self, step: Callable[[Session], Awaitable[T]], *, commits: bool) -> T:
        async with self._sessions() as session:
            result = await step(session)
            if commits:
                await session.commit()
            return result

    def write(self, write: Write) -> None:
        """What the activity does that is given this."""
        match write:
            case ScoreOutcomes():
                self._run(self._persist.persist_scores(write))
            case ScoresGivenBack():
                self._run(self._persist.give_back_requests(write))
            case ComputedBatch():
                self._run(self._batch.persist_batch(write))
            case BatchGivenBack():
                self._run(self._batch.give_back_batch(write))

    def forget(self) -> None:
        """Begin anew; sequences go on."""
        self.commit(lambda session: session.execute(_FORGET))

    def let_pass(self, seconds: int) -> None:
        """Make every time in the rows that much older."""
        self.commit(lambda session: _let_pass(session, timedelta(seconds=seconds)))

    def look(self) -> Stored:
        """All of it, in one snapshot."""
        return self.commit(_look)


async def _define(session: Session) -> None:
    await session.execute(CREATE_COPIES)
    for score_type, window in WINDOWS.items():
        if score_type != FIXED:
            await a_stored_definition(session, score_type, REGISTER, debounce=window)
    fixed = {"score_type": FIXED, "contributing_attributes": ["income"], "debounce": vars(WINDOWS[FIXED])}
    # no service is of this name: scores are played here
    await session.execute(insert(G2PRegisterScoreDefinition).values(register_id=REGISTER, score_config={}, **fixed))


async def _let_pass(session: Session, time: timedelta) -> None:
    for statement in _LET_PASS:
        await session.execute(statement, {"time": time})


async def _look(session: Session) -> Stored:
    requests, scores, history, batches, copies = (await session.execute(_LOOK)).one()
    return Stored(_by_key(requests), _by_key(scores), history, set(batches), copies)


def _by_key(rows: list[dict[str, Any]]) -> dict[Key, dict[str, Any]]:
    return {key_of(row): row for row in rows}


def key_of(row: dict[str, Any]) -> Key:
    """What the row is about."""
    return row["internal_record_id"], row["score_type"]
