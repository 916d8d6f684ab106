"""LISTEN on a connection of its own, outside the pool, and the end of a statement that notifies of records."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from scoring.names import SCORE_EVENTS_CHANNEL, SCORES_REQUESTED_CHANNEL

Hear: TypeAlias = Callable[[str], bool]
"""Told each notification's payload; whether it is worth waking up for."""


class Listener:
    """`heard` is set by a notification that is worth it, and when the connection is lost."""

    def __init__(self, connection: Any, heard: asyncio.Event) -> None:
        self.heard = heard
        self._connection = connection

    def require_connected(self) -> None:
        """Raise ConnectionError when notifications no longer arrive."""
        if self._connection.is_closed():
            raise ConnectionError("the connection that listens was lost")

    async def require_answering(self, within: float = 5.0) -> None:
        """Raise one of `store.database.DATABASE_ERRORS` where the other side is gone and nothing has told so."""
        self.require_connected()
        async with asyncio.timeout(within):
            await self._connection.execute("SELECT 1")


Listen: TypeAlias = Callable[[asyncio.Event, Hear], AbstractAsyncContextManager[Listener]]
"""`listen` on a channel of a database, such as `listen_for_score_events` on one."""


def listen_for_requests(database_url: str) -> AbstractAsyncContextManager[Listener]:
    """Hear whenever an approval with score requests commits; see `listen`."""
    return listen(database_url, SCORES_REQUESTED_CHANNEL, asyncio.Event(), lambda _: True)


def listen_for_score_events(
    database_url: str, heard: asyncio.Event, hear: Hear
) -> AbstractAsyncContextManager[Listener]:
    """Hear the id of each record a score of which becomes pending, is stored or fails; see `listen`."""
    return listen(database_url, SCORE_EVENTS_CHANNEL, heard, hear)


@asynccontextmanager
async def listen(database_url: str, channel: str, heard: asyncio.Event, hear: Hear) -> AsyncIterator[Listener]:
    """Listen while the context is open; raises one of `store.database.DATABASE_ERRORS` when that cannot be."""
    engine = create_async_engine(database_url, poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            driver_connection = await _driver_connection(connection)

            def notified(_connection: object, _pid: int, _channel: str, payload: str) -> None:
                if hear(payload):
                    heard.set()

            try:
                driver_connection.add_termination_listener(lambda _: heard.set())
                await driver_connection.add_listener(channel, notified)
                yield Listener(driver_connection, heard)
            finally:
                # a graceful close waits for the other side, without limit where that is silently gone
                driver_connection.terminate()
    finally:
        await engine.dispose()


async def _driver_connection(connection: AsyncConnection) -> Any:
    # SQLAlchemy has no LISTEN of its own; this is asyncpg's connection
    return (await connection.get_raw_connection()).driver_connection


def notify_of_records(rows: str) -> str:
    """The last part of a statement: tells of each record in the CTE `rows`, once, when the caller commits."""
    return f"SELECT pg_notify('{SCORE_EVENTS_CHANNEL}', internal_record_id) FROM {rows} GROUP BY internal_record_id"
