"""Connections to PostgreSQL for those who judge it from outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg  # type: ignore[import-untyped]

ANSWER_SECONDS = 30.0

AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    # the driver's own state machine, when the end of a connection comes in the middle of a statement
    asyncpg.InternalClientError,
)
"""What a PostgreSQL that stops, starts or is stopped answers with."""


@asynccontextmanager
async def connected(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection for the length of the block; the URL may name a driver, as SQLAlchemy's do."""
    scheme, _, rest = database_url.partition("://")
    connection = await asyncpg.connect(
        f"{scheme.partition('+')[0]}://{rest}", timeout=ANSWER_SECONDS, command_timeout=ANSWER_SECONDS
    )
    try:
        yield connection
    finally:
        await connection.close(timeout=ANSWER_SECONDS)
