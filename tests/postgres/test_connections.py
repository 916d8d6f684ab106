"""The pool hands out no connection that the server has ended, and tries only those that have lain idle."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as NoneWasFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from forgetful_proxy import ForgetfulProxy
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


async def driver_of(connection: AsyncConnection) -> Any:
    """The driver's connection below it."""
    return (await connection.get_raw_connection()).driver_connection


async def used(engine: AsyncEngine) -> Any:
    """A connection that works, back in the pool."""
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT 7")) == 7
        return await driver_of(connection)


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


@pytest.mark.parametrize("ended", [3600.0], indirect=True)
async def test_where_one_was_broken_the_others_are_not_handed_out_either(
    engine: AsyncEngine, ended: AsyncEngine
) -> None:
    # the pool hands out first what came back first
    async with ended.connect() as other, ended.connect() as one:
        broken, suspect = await driver_of(one), await driver_of(other)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": broken.get_server_pid()})
    while not broken.is_closed():
        await asyncio.sleep(0.01)

    async with ended.connect(), ended.connect() as other:
        assert await driver_of(other) is not suspect
    assert suspect.is_closed()


async def test_a_connection_that_was_lost_without_a_word_is_replaced_when_it_is_tried(database_url: str) -> None:
    async with ForgetfulProxy(database_url) as proxy:
        engine = make_engine(proxy.url, tried_after=0, answer_within=0.2)
        before = await used(engine)
        proxy.forget()

        after = await asyncio.wait_for(used(engine), 10)
        await engine.dispose()

    assert after is not before


async def test_a_connection_is_waited_for_no_longer_than_it_is_said(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=1, wait=0.1)
    async with engine.connect():
        with pytest.raises(NoneWasFree):
            await asyncio.wait_for(used(engine), 5)
    await engine.dispose()
