"""Whoever changes what a profile shows tells of it: once it is committed, and of nothing else."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from builders.profiles import listen_for_profile_changes, notify_profile_changed
from builders.records import save_builder_scores
from builders.users import ProfileChange, update_profile
from builders_world import a_builder, builders
from persisted_builders import Compute, by_batch, by_record, persist
from store.database import SessionFactory

MARKER = "all that was told before"


@pytest.fixture
async def heard(database_url: str) -> AsyncIterator[asyncio.Queue[str]]:
    """The ids that are told, as they come."""
    user_ids: asyncio.Queue[str] = asyncio.Queue()

    def hear(user_id: str) -> bool:
        user_ids.put_nowait(user_id)
        return False

    async with listen_for_profile_changes(database_url, asyncio.Event(), hear):
        yield user_ids


async def told(sessions: SessionFactory, heard: asyncio.Queue[str]) -> list[str]:
    """What was told until now."""
    async with sessions.begin() as session:
        await notify_profile_changed(session, [MARKER])
    user_ids: list[str] = []
    while (user_id := await asyncio.wait_for(heard.get(), 20)) != MARKER:
        user_ids.append(user_id)
    return user_ids


@pytest.mark.parametrize("road", [by_record, by_batch])
async def test_scores_that_change_are_told_and_those_that_stay_are_not(
    sessions: SessionFactory, heard: asyncio.Queue[str], road: Compute
) -> None:
    async with sessions.begin() as session:
        ann, ben, cem = [(await a_builder(session)).user_id for _ in range(3)]
    await told(sessions, heard)

    await persist(sessions, *await road(sessions, {ann: 10.0, ben: 0.0, cem: 20.0}))
    first = await told(sessions, heard)
    async with sessions.begin() as session:
        await save_builder_scores(session, [ann, ben, cem])

    assert sorted(first) == sorted([ann, cem])
    assert await told(sessions, heard) == []


async def test_a_profile_that_changes_is_told_and_the_same_again_is_not(
    sessions: SessionFactory, heard: asyncio.Queue[str]
) -> None:
    [ann] = await builders(sessions, 1)
    await told(sessions, heard)

    found = []
    for _ in range(2):
        async with sessions.begin() as session:
            await update_profile(session, ann.actor, ProfileChange(location="Nakuru"))
        found.append(await told(sessions, heard))

    assert found == [[ann.user_id], []]


async def test_what_is_rolled_back_is_not_told(sessions: SessionFactory, heard: asyncio.Queue[str]) -> None:
    [ann] = await builders(sessions, 1)
    await told(sessions, heard)

    async with sessions() as session:
        await update_profile(session, ann.actor, ProfileChange(location="Nakuru"))
        await session.rollback()

    assert await told(sessions, heard) == []
