"""LISTEN on a connection of its own, outside the pool."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from scoring.names import SCORES_REQUESTED_CHANNEL


class Listener:
    """`heard` is set whenever an approval with score requests commits, and when the connection is lost."""

    def __init__(self, connection: Any) -> None:
        self.heard = asyncio.Event()
        self._connection = connection

    def require_connected(self) -> None:
        """Raise ConnectionError when notifications no longer arrive."""
        if self._connection.is_closed():
            raise ConnectionError("the connection that listens was lost")


@asynccontextmanager
async def listen_for_requests(database_url: str) -> AsyncIterator[Listener]:
    """Listen while the context is open; raises one of `store.database.DATABASE_ERRORS` when that cannot be."""
    engine = create_async_engine(database_url, poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            yield await _listen(connection)
    finally:
        await engine.dispose()


async def _listen(connection: AsyncConnection) -> Listener:
    # SQLAlchemy has no LISTEN of its own; this is asyncpg's connection
    driver_connection: Any = (await connection.get_raw_connection()).driver_connection
    listener = Listener(driver_connection)
    driver_connection.add_termination_listener(lambda *_: listener.heard.set())
    await driver_connection.add_listener(SCORES_REQUESTED_CHANNEL, lambda *_: listener.heard.set())
    return listener
