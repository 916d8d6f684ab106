"""Migrations: they make the schema of the models, go down and up again, and two at once do no harm."""

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

import builders.tables  # noqa: F401 - the tables of all belong to the metadata
import registry.tables  # noqa: F401
import store.audit
import store.definition_tables
import store.tables  # noqa: F401
from builders_world import a_builder
from steadyscore.migrate import alembic_config, migrate
from store.database import Base, SessionFactory

PROJECT = Path(__file__).parents[2]

COMPUTED_FOR_BUILDERS = """
    INSERT INTO g2p_score_compute_batches (batch_id, register_id, start_after) VALUES ('a batch', 'builders', now());
    INSERT INTO g2p_score_recomputations (register_id, score_type, score_definition_id, definition_version)
        VALUES ('builders', 'BUILDER_SCORE', 'a definition', 1)
"""
OF_REGISTERS = "SELECT table_name FROM information_schema.columns WHERE column_name = 'register_id'"

CATALOG = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes"
    " WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conrelid <> coalesce(to_regclass('alembic_version'), 0)"
    " ORDER BY 1, 2",
    "sequences": "SELECT sequencename, data_type::text, start_value, increment_by, cache_size, cycle FROM pg_sequences"
    " ORDER BY 1",
    "everything else": "SELECT relkind::text, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    " AND relname NOT LIKE 'alembic_version%' ORDER BY 1, 2",
}


def catalog(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All that PostgreSQL knows of our schema."""
    return {name: [tuple(row) for row in connection.execute(text(query))] for name, query in CATALOG.items()}


def migrate_to(connection: Connection, revision: str) -> None:
    """Go down to the revision."""
    command.downgrade(alembic_config(connection), revision)


@pytest.fixture
async def empty_database(postgres_url: str) -> AsyncIterator[str]:
    """A database with nothing in it."""
    name = f"empty_{uuid.uuid4().hex}"
    server = create_async_engine(postgres_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with server.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await server.dispose()


@pytest.fixture
async def empty(empty_database: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the database with nothing in it."""
    engine = create_async_engine(empty_database, poolclass=NullPool)
    yield engine
    await engine.dispose()


async def test_the_migrations_make_the_schema_of_the_models(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"compare_server_default": True, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_migrations_make_what_the_models_would_make_to_the_last_check(
    engine: AsyncEngine, empty: AsyncEngine
) -> None:
    # Alembic's comparison sees no check constraints, no predicates of indexes and no sequences
    async with empty.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        made_by_models = await connection.run_sync(catalog)

    async with engine.connect() as connection:
        made_by_migrations = await connection.run_sync(catalog)

    assert all(made_by_models.values())
    assert made_by_migrations == made_by_models


async def test_down_to_nothing_and_up_again_is_the_same_schema(engine: AsyncEngine, database_url: str) -> None:
    async with engine.begin() as connection:
        before = await connection.run_sync(catalog)
        await connection.run_sync(migrate_to, "base")
        at_base = await connection.run_sync(catalog)

    await migrate(database_url)

    async with engine.begin() as connection:
        assert await connection.run_sync(catalog) == before
    assert {name: rows for name, rows in at_base.items() if rows} == {}


async def test_each_migration_goes_down_by_itself_and_up_again(engine: AsyncEngine, database_url: str) -> None:
    revisions = [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()]
    async with engine.begin() as connection:
        before = await connection.run_sync(catalog)

    for _ in revisions:
        async with engine.begin() as connection:
            await connection.run_sync(migrate_to, "-1")
    for revision in reversed(revisions):
        await migrate(database_url, revision)

    async with engine.begin() as connection:
        assert await connection.run_sync(catalog) == before


async def test_indexes_of_0006_are_built_before_any_table_that_was_there_is_closed_to_readers(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(migrate_to, "0005")

    async with engine.begin() as connection:
        closed_at, built_at = await connection.run_sync(closed_and_built)

    assert closed_at
    assert built_at
    assert max(built_at) < min(closed_at)


def closed_and_built(connection: Connection) -> tuple[list[int], list[int]]:
    """Migrate to 0006: which of its statements close a table to readers until the commit, and which build an index."""
    sent: list[str] = []

    @event.listens_for(connection, "before_cursor_execute")
    def catch(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement.strip())

    command.upgrade(alembic_config(connection), "0006")
    places = list(enumerate(sent))
    # an index that is dropped closes its table as well
    closed = [place for place, one in places if one.startswith(("ALTER TABLE", "DROP INDEX"))]
    return closed, [place for place, one in places if one.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX"))]


async def test_without_0007_nothing_is_left_of_the_register_of_builders(
    engine: AsyncEngine, sessions: SessionFactory
) -> None:
    async with sessions.begin() as session:
        await a_builder(session)

    async with engine.begin() as connection:
        for statement in COMPUTED_FOR_BUILDERS.split(";"):
            await connection.execute(text(statement))
        before = await connection.run_sync(builders_rows)
        await connection.run_sync(migrate_to, "0006")
        after = await connection.run_sync(builders_rows)

    assert {"g2p_score_compute_queue", "g2p_score_compute_batches", "g2p_score_recomputations"} <= set(before)
    assert after == []


def builders_rows(connection: Connection) -> list[str]:
    """The tables that name the register of builders."""
    tables = connection.scalars(text(OF_REGISTERS)).all()
    count = "SELECT count(*) FROM {} WHERE register_id = 'builders'"
    return [table for table in tables if connection.scalar(text(count.format(table)))]


async def test_migrating_what_is_migrated_changes_nothing(engine: AsyncEngine, database_url: str) -> None:
    async with engine.begin() as connection:
        before = await connection.run_sync(catalog)

    await migrate(database_url)

    async with engine.begin() as connection:
        assert await connection.run_sync(catalog) == before


async def test_a_migration_that_fails_leaves_the_database_empty(empty: AsyncEngine, empty_database: str) -> None:
    async with empty.begin() as connection:
        await connection.execute(text("CREATE TABLE records (id integer)"))

    with pytest.raises(Exception, match="records"):
        await migrate(empty_database)

    async with empty.begin() as connection:
        left = await connection.run_sync(catalog)
    assert left["everything else"] == [("r", "records")]


async def test_two_migrations_at_once_of_one_empty_database_both_succeed(
    empty: AsyncEngine, empty_database: str, engine: AsyncEngine
) -> None:
    take_turn = text("SELECT pg_advisory_xact_lock(hashtext('steadyscore migrations'))")
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

    async with empty.connect() as turn, engine.connect() as observer:
        await turn.execute(take_turn)
        at_once = [start_migration(empty_database) for _ in range(2)]
        try:
            async with asyncio.timeout(60):
                while (await observer.execute(waiting)).scalar_one() < 2:
                    await asyncio.sleep(0.02)
            await turn.rollback()
            ended = [await asyncio.to_thread(process.communicate) for process in at_once]
        finally:
            for process in at_once:
                process.kill()

    assert [process.returncode for process in at_once] == [0, 0], ended
    async with empty.connect() as connection, engine.connect() as migrated:
        assert await connection.run_sync(catalog) == await migrated.run_sync(catalog)


def start_migration(database_url: str) -> subprocess.Popen[str]:
    """`steadyscore migrate` as its own process."""
    return subprocess.Popen(
        [sys.executable, "-m", "steadyscore", "migrate"],
        cwd=PROJECT,
        env=os.environ | {"DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
