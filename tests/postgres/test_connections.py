"""The pool hands out no connection that the server has ended, and tries only those that have lain idle."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.database import make_engine

END_ALL_OTHERS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@pytest.fixture
async def ended(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[AsyncEngine]:
    """An engine that tries connections after so many seconds."""
    engine = make_engine(database_url, tried_after=request.param)
    yield engine
    await engine.dispose()


async def used(engine: AsyncEngine) -> Any:
    """A connection that works, back in the pool."""
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT 7")) == 7
        return (await connection.get_raw_connection()).driver_connection


@pytest.mark.parametrize("ended", [0.0], indirect=True)
async def test_a_connection_that_was_ended_is_replaced_when_it_is_tried(
    engine: AsyncEngine, ended: AsyncEngine
) -> None:
    before = await used(ended)
    async with engine.connect() as connection:
        assert await connection.scalar(text(END_ALL_OTHERS)) == 1

    assert await used(ended) is not before


@pytest.mark.parametrize("ended", [3600.0], indirect=True)
async def test_a_connection_that_is_known_to_be_closed_is_replaced_untried(
    engine: AsyncEngine, ended: AsyncEngine
) -> None:
    before = await used(ended)
    async with engine.connect() as connection:
        await connection.scalar(text(END_ALL_OTHERS))
    while not before.is_closed():
        await asyncio.sleep(0.01)

    assert await used(ended) is not before


@pytest.mark.parametrize("ended", [3600.0], indirect=True)
async def test_a_connection_that_works_is_used_again(ended: AsyncEngine) -> None:
    before = await used(ended)

    assert await used(ended) is before
