"""The approving process: the same transaction for every contender, with the contender's trigger in it or after it."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bench.approvals import Approval
from bench.contenders.contender import Trigger

_DEADLOCK = "40P01"

_APPLY = text("""
UPDATE bench_records SET attributes = :attributes, change_request_id = :change_request_id, revision = revision + 1
WHERE record_id = :record_id RETURNING revision
""").bindparams(bindparam("attributes", type_=JSONB))


@dataclass(frozen=True)
class Accepted:
    """An approval and its times, in seconds since the epoch."""

    approval: Approval
    wanted_at: float
    """When it was to begin by the schedule; where there is none, when it began."""
    committed_at: float
    accepted_at: float
    """When the approving process was done with it, trigger included."""
    retries: int = 0
    """How often PostgreSQL ended its transaction, as the victim of a deadlock."""


class Driver:
    """Approves with a bound on what is under way at once."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], trigger: Trigger, connections: int) -> None:
        self._sessions = sessions
        self._trigger = trigger
        self._connections = connections
        self._log: list[Accepted] = []

    async def approve_all(self, approvals: Sequence[Approval]) -> list[Accepted]:
        """Approve at the scheduled moments, and what has none as fast as possible beside it."""
        self._log = []
        at_once = iter([one for one in approvals if one.scheduled_at is None])
        lanes = [self._approve_one_by_one(at_once) for _ in range(self._connections)]
        scheduled = (one for one in approvals if one.scheduled_at is not None)
        await asyncio.gather(self._approve_by_the_clock(scheduled), *lanes)
        return self._log

    async def _approve_one_by_one(self, approvals: Iterator[Approval]) -> None:
        for approval in approvals:
            await self._approve(approval, time.time())

    async def _approve_by_the_clock(self, approvals: Iterable[Approval]) -> None:
        start = time.time()
        free = asyncio.Semaphore(self._connections)
        async with asyncio.TaskGroup() as under_way:
            for approval in approvals:
                wanted_at = start + (approval.scheduled_at or 0)
                await asyncio.sleep(wanted_at - time.time())
                # the schedule goes on however long this one takes
                under_way.create_task(self._approve_when(free, approval, wanted_at))

    async def _approve_when(self, free: asyncio.Semaphore, approval: Approval, wanted_at: float) -> None:
        async with free:
            await self._approve(approval, wanted_at)

    async def _approve(self, approval: Approval, wanted_at: float) -> None:
        for retries in itertools.count():
            try:
                revision = await self._commit(approval)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
                    raise
                continue
            committed_at = time.time()
            await self._trigger.after_commit(approval, revision)
            self._log.append(Accepted(approval, wanted_at, committed_at, time.time(), retries))
            return

    async def _commit(self, approval: Approval) -> int:
        async with self._sessions.begin() as session:
            revision = await session.scalar(
                _APPLY,
                {
                    "attributes": approval.attributes,
                    "change_request_id": approval.change_request_id,
                    "record_id": approval.record_id,
                },
            )
            await self._trigger.within_transaction(session, approval)
        return int(revision)


@asynccontextmanager
async def driving(database_url: str, trigger: Trigger, connections: int) -> AsyncIterator[Driver]:
    """A driver with a pool of its own, warm; as many more connections for what comes by the clock."""
    engine = create_async_engine(database_url, pool_size=2 * connections, max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    try:
        await asyncio.gather(*(_connect(sessions) for _ in range(2 * connections)))
        yield Driver(sessions, trigger, connections)
    finally:
        await engine.dispose()


async def _connect(sessions: async_sessionmaker[AsyncSession]) -> None:
    async with sessions() as session:
        await session.execute(text("SELECT pg_sleep(0.1)"))
