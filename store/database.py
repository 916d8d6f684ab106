"""Engine and sessions, and the declarative base with its constraint names."""

from typing import TypeAlias

from sqlalchemy import MetaData
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

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


def make_engine(url: str, pool_size: int = 10) -> AsyncEngine:
    """An engine whose errors never show parameters: they are people's data."""
    return create_async_engine(
        url, pool_size=pool_size, max_overflow=0, pool_pre_ping=True, hide_parameters=True, pool_timeout=10
    )


def make_sessions(engine: AsyncEngine) -> SessionFactory:
    """Sessions whose objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)
