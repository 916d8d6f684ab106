"""Databases that tests make on the server, copy and drop."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from store.database import SessionFactory, make_engine, make_sessions

_NOT_ALL_VISIBLE = text(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    " AND relallvisible < relpages LIMIT 1"
)


async def run_on_server(server_url: str, statement: str) -> None:
    """Carry it out outside of any transaction."""
    engine = create_async_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


def url_of(server_url: str, database: str) -> str:
    """The URL of another database on this server."""
    return make_url(server_url).set(database=database).render_as_string(hide_password=False)


async def create_copy(server_url: str, name: str, template: str) -> None:
    """Make a database with what is in the template, file by file."""
    await run_on_server(server_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")


async def drop(server_url: str, name: str) -> None:
    """Remove it with whoever is in it."""
    await run_on_server(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def filled(server_url: str, template: str, statements: str) -> Iterator[str]:
    """A template with more in it: a file whose tests want a hundred thousand rows has them made once."""
    name = f"template_{uuid.uuid4().hex}"
    asyncio.run(create_copy(server_url, name, template))
    asyncio.run(_fill(url_of(server_url, name), statements))
    yield name
    asyncio.run(drop(server_url, name))


async def _fill(url: str, statements: str) -> None:
    engine = make_engine(url)
    await fill(make_sessions(engine), statements)
    await engine.dispose()


async def fill(sessions: SessionFactory, statements: str, tables: str = "") -> None:
    """Fill the database by these statements, let the planner know, and put away what is old, of all or some tables."""
    async with sessions.begin() as session:
        # VACUUM takes nothing for old whose commit may not have reached the disk
        await session.execute(text("SET LOCAL synchronous_commit = on"))
        for statement in filter(str.strip, statements.split(";\n")):
            await session.execute(text(statement))
    async with sessions() as session:
        connection = await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        await connection.execute(text(f"VACUUM ANALYZE {tables}"))
        # whoever has a snapshot still, on its way out, keeps pages from being marked: plans would differ by that
        while not tables and await connection.scalar(_NOT_ALL_VISIBLE):
            await connection.execute(text("VACUUM"))
