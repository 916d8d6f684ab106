"""What a read of the code sends to PostgreSQL, how it is planned there, and how long the read takes."""

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

Session = AsyncSession
SessionFactory = async_sessionmaker[AsyncSession]
Read = Callable[[Session], Awaitable[Any]]

WARM_UP = 6
"""From the sixth execution on, PostgreSQL may take a plan that is the same for all parameters."""


@dataclass(frozen=True)
class Sent:
    """A statement with its parameters, as the driver gets it."""

    statement: str
    parameters: tuple[object, ...]


@contextmanager
def caught(engine: AsyncEngine) -> Iterator[list[Sent]]:
    """What is sent for the length of the block."""
    sent: list[Sent] = []

    def catch(_: object, __: object, statement: str, parameters: tuple[object, ...], *___: object) -> None:
        sent.append(Sent(statement, tuple(parameters)))

    event.listen(engine.sync_engine, "before_cursor_execute", catch)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", catch)


async def explain(engine: AsyncEngine, sessions: SessionFactory, read: Read) -> list[list[str]]:
    """The plan of each statement of the read, as PostgreSQL tells it when it has carried it out."""
    async with sessions() as session:
        with caught(engine) as sent:
            await read(session)
        connection = await (await session.connection()).get_raw_connection()
        driver: Any = connection.driver_connection
        return [await _plan(driver, one) for one in sent]


async def _plan(driver: Any, sent: Sent) -> list[str]:
    rows = await driver.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {sent.statement}", *sent.parameters)
    return [row[0] for row in rows]


async def time_read(sessions: SessionFactory, read: Read, repeats: int, warm_up: int = WARM_UP) -> Sequence[float]:
    """Milliseconds that each of the repeats takes in the code, a session and the way to PostgreSQL included."""
    for _ in range(warm_up):
        await _timed(sessions, read)
    return [await _timed(sessions, read) for _ in range(repeats)]


async def _timed(sessions: SessionFactory, read: Read) -> float:
    began = time.perf_counter()
    async with sessions() as session:
        await read(session)
    return 1000 * (time.perf_counter() - began)
