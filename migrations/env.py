"""Alembic's environment: runs on the connection it is given, else on DATABASE_URL; one migration at a time."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import builders.tables  # noqa: F401 - the tables of all belong to the metadata
import registry.tables  # noqa: F401
import store.audit
import store.definition_tables
import store.recomputation_table
import store.tables  # noqa: F401
from steadyscore.settings import read_settings
from store.database import Base

TAKE_TURN = text("SELECT pg_advisory_xact_lock(hashtext('steadyscore migrations'))")


def run_on(connection: Connection) -> None:
    """Run the migrations on this connection."""
    connection.execute(TAKE_TURN)
    context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_on_configured() -> None:
    """Run the migrations on DATABASE_URL, for the `alembic` command."""
    engine = create_async_engine(read_settings().require_database_url(), poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run_on)
    finally:
        await engine.dispose()


def run_offline() -> None:
    """Print the SQL instead of running it (`alembic upgrade head --sql`)."""
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run_on(given)
elif context.is_offline_mode():
    run_offline()
else:
    asyncio.run(run_on_configured())
