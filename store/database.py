"""Engine and sessions, and the declarative base with its constraint names."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Dialect, MetaData, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

Session: TypeAlias = AsyncSession
SessionFactory: TypeAlias = async_sessionmaker[AsyncSession]

DATABASE_ERRORS = (SQLAlchemyError, OSError, TimeoutError)
"""What a database that is away looks like, and some mistakes of ours: `is_database_away` tells them apart."""

# PostgreSQL's classes of data, integrity and syntax errors; SQLAlchemy does not tell all of them apart for asyncpg
_MISTAKES = {"22", "23", "42"}


def is_database_away(error: BaseException) -> bool:
    """Whether it is worth trying again later."""
    sqlstate = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
    return isinstance(error, DATABASE_ERRORS) and sqlstate[:2] not in _MISTAKES


def describe_database_error(error: BaseException) -> str:
    """What to say of it: its kind and what to look at, never its text."""
    what = "cannot be reached" if is_database_away(error) else "refuses what it is asked; is it migrated?"
    return f"the database {what} ({type(error).__name__})"


NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    """All tables of the project."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


WAIT_SECONDS = 10.0
"""For a free connection."""

TRIED_AFTER = 1.0
"""Seconds idle after which a connection is tried before it is used; trying each time costs more than most reads do."""

ANSWER_SECONDS = 5.0
"""A connection that is tried has so long to answer."""


def make_engine(
    url: str,
    pool_size: int = 10,
    *,
    wait: float = WAIT_SECONDS,
    tried_after: float = TRIED_AFTER,
    answer_within: float = ANSWER_SECONDS,
) -> AsyncEngine:
    """An engine whose errors never show parameters: they are people's data."""
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=0, hide_parameters=True, pool_timeout=wait)
    event.listen(engine.sync_engine, "checkin", _remember_when)
    event.listen(engine.sync_engine, "checkout", _Trial(engine.dialect, tried_after, answer_within).require_alive)
    return engine


def _remember_when(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["idle_since"] = time.monotonic()


@dataclass(frozen=True)
class _Trial:
    """What a connection has to pass that lay idle for `after` seconds: an answer `within` so many."""

    dialect: Dialect
    after: float
    within: float

    def require_alive(self, connection: DBAPIConnection, record: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
        """Let the pool replace what is broken: all its connections, as whatever broke one has met the others."""
        idle = time.monotonic() - record.info.get("idle_since", time.monotonic())
        is_closed = record.driver_connection is None or record.driver_connection.is_closed()
        if is_closed or (idle >= self.after and not self._answers(connection, record.driver_connection)):
            raise InvalidatePoolError

    def _answers(self, connection: DBAPIConnection, driver_connection: Any) -> bool:
        # the ping has no end of its own where the other side is silently gone
        giving_up = asyncio.get_running_loop().call_later(self.within, driver_connection.terminate)
        try:
            return self.dialect.do_ping(connection)
        except self.dialect.loaded_dbapi.Error as error:
            if not self.dialect.is_disconnect(error, connection, None):
                raise
            return False
        finally:
            giving_up.cancel()


def make_sessions(engine: AsyncEngine) -> SessionFactory:
    """Sessions whose objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


def make_read_sessions(sessions: SessionFactory) -> SessionFactory:
    """Sessions on the same pool whose statements stand by themselves: BEGIN and ROLLBACK cost more than a read does."""
    engine: AsyncEngine = sessions.kw["bind"]
    return async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False)
