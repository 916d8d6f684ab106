"""Profiles by username are kept, and no process answers with one that it was told has changed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.profile_cache import CacheLimits, ProfileCache
from api.profile_schemas import Profile
from api.services import ApiServices
from bench.builders_plans import Sent, caught
from builder_clients import a_builder
from builders.profiles import listen_for_profile_changes, notify_profile_changed
from builders.tables import User
from forgetful_proxy import ForgetfulProxy
from http_client import client_of
from persisted_builders import by_batch, by_record, persist
from ranked_users import users_with
from store.database import SessionFactory, make_engine, make_sessions
from store.notifications import Hear, Listen, Listener

PATIENCE = 20
END_LISTENING = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN \"user_profiles\"'"


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as it holds."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            await asyncio.sleep(0.005)


@dataclass
class Clock:
    """Shows what it is set to."""

    now: float = 1_000.0

    def __call__(self) -> float:
        """As `time.monotonic`."""
        return self.now


@pytest.fixture
def listen(database_url: str) -> Listen:
    """Hears of profiles in the test's database."""
    return partial(listen_for_profile_changes, database_url)


@asynccontextmanager
async def keeping(cache: ProfileCache) -> AsyncIterator[ProfileCache]:
    """The cache, as soon as it hears of changes."""
    async with cache.running():
        await until_keeping(cache)
        yield cache


async def until_keeping(cache: ProfileCache) -> None:
    async def keeps() -> bool:
        return cache.is_keeping

    await until(keeps)


async def found(cache: ProfileCache, username: str) -> Profile:
    """The profile, which is there."""
    profile = await cache.find(username)
    assert profile is not None
    return profile


async def rename(sessions: SessionFactory, user_id: str, display_name: str) -> None:
    """Change a profile, and tell of it, as `update_profile` does."""
    async with sessions.begin() as session:
        user = await session.get_one(User, user_id)
        user.display_name = display_name
        await notify_profile_changed(session, [user_id])


async def sent_for(engine: AsyncEngine, read: Awaitable[object]) -> list[Sent]:
    with caught(engine) as sent:
        await read
    return sent


@asynccontextmanager
async def two_processes(live: ApiServices, database_url: str) -> AsyncIterator[tuple[Any, Any, AsyncEngine]]:
    """Clients of two applications, each with connections of its own; and the engine of the second."""
    async with AsyncExitStack() as stack:
        other = make_engine(database_url)
        stack.push_async_callback(other.dispose)
        apps = [create_app(live), create_app(replace(live, sessions=make_sessions(other)))]
        for app in apps:
            await stack.enter_async_context(app.router.lifespan_context(app))
            await until_keeping(app.state.profile_cache)
        first, second = [await stack.enter_async_context(client_of(app)) for app in apps]
        yield first, second, other


async def test_a_change_of_a_profile_in_one_process_is_seen_through_the_other(
    live: ApiServices, database_url: str
) -> None:
    async with two_processes(live, database_url) as (first, second, engine):
        amina = await a_builder(first, "amina")
        path = "/users/by-username/amina"
        await second.get(path)
        kept = await sent_for(engine, second.get(path))

        await amina.send("PATCH", "/users/me", {"location": "Nakuru"})

        async def seen() -> bool:
            return bool((await second.get(path)).json()["location"] == "Nakuru")

        await until(seen)
    assert kept == []


@pytest.mark.parametrize("road", [by_record, by_batch])
async def test_a_score_that_a_worker_stores_is_seen_through_every_process(
    live: ApiServices, database_url: str, sessions: SessionFactory, road: Any
) -> None:
    async with two_processes(live, database_url) as (first, second, engine):
        amina = await a_builder(first, "amina")
        path = "/users/by-username/amina"
        for http in (first, second):
            await http.get(path)
        kept = await sent_for(engine, second.get(path))

        await persist(sessions, *await road(sessions, {amina.user_id: 250.0}))

        async def seen() -> bool:
            return [(await http.get(path)).json()["builder_score"] for http in (first, second)] == [250, 250]

        await until(seen)
    assert kept == []


async def test_a_score_that_stays_the_same_leaves_the_profile_kept(
    live: ApiServices, database_url: str, sessions: SessionFactory
) -> None:
    async with two_processes(live, database_url) as (first, second, engine):
        amina, ben = await a_builder(first, "amina"), await a_builder(first, "ben")
        for name in ("amina", "ben"):
            await second.get(f"/users/by-username/{name}")
        await persist(sessions, *await by_record(sessions, {amina.user_id: 0.0, ben.user_id: 5.0}))

        async def ben_is_told() -> bool:
            return bool((await second.get("/users/by-username/ben")).json()["builder_score"] == 5)

        await until(ben_is_told)
        kept = await sent_for(engine, second.get("/users/by-username/amina"))

    assert kept == []


async def test_without_listening_nothing_is_kept(
    services: ApiServices, sessions: SessionFactory, engine: AsyncEngine
) -> None:
    await users_with(sessions, {"ann": 1})
    app = create_app(services)
    async with app.router.lifespan_context(app), client_of(app) as http:
        await http.get("/users/by-username/ann")
        again = await sent_for(engine, http.get("/users/by-username/ann"))

    assert len(again) == 1


async def test_a_profile_is_kept_for_five_minutes(
    sessions: SessionFactory, engine: AsyncEngine, listen: Listen
) -> None:
    await users_with(sessions, {"ann": 1})
    clock = Clock()
    async with keeping(ProfileCache(sessions, listen, CacheLimits(), clock)) as cache:
        await found(cache, "ann")
        clock.now += 299.9
        before = await sent_for(engine, found(cache, "ann"))
        clock.now += 0.2
        after = await sent_for(engine, found(cache, "ann"))

    assert (len(before), len(after)) == (0, 1)


async def test_of_so_many_profiles_that_one_goes_which_nobody_asked_for_longest(
    sessions: SessionFactory, engine: AsyncEngine, listen: Listen
) -> None:
    await users_with(sessions, {"ann": 1, "ben": 2, "cem": 3})
    async with keeping(ProfileCache(sessions, listen, CacheLimits(2))) as cache:
        for name in ("ann", "ben", "ann", "cem"):
            await found(cache, name)
        read = {name: len(await sent_for(engine, found(cache, name))) for name in ("ann", "cem", "ben")}

    assert read == {"ann": 0, "cem": 0, "ben": 1}


async def test_that_nobody_has_a_name_is_not_kept(sessions: SessionFactory, listen: Listen) -> None:
    async with keeping(ProfileCache(sessions, listen, CacheLimits())) as cache:
        before = await cache.find("ann")
        await users_with(sessions, {"ann": 1})

        assert (before, (await found(cache, "ann")).user_id) == (None, "ann")


async def test_a_reading_that_a_change_overtook_is_not_kept(
    sessions: SessionFactory, engine: AsyncEngine, database_url: str
) -> None:
    await users_with(sessions, {"ann": 1})
    heard = asyncio.Event()

    def listen(wake: asyncio.Event, hear: Hear) -> AbstractAsyncContextManager[Listener]:
        def and_tell(user_id: str) -> bool:
            hear(user_id)
            heard.set()
            return False

        return listen_for_profile_changes(database_url, wake, and_tell)

    other = make_engine(database_url)

    async def change() -> None:
        await rename(make_sessions(other), "ann", "New")
        await asyncio.wait_for(heard.wait(), PATIENCE)

    async with keeping(ProfileCache(sessions, listen, CacheLimits())) as cache:
        event.listen(engine.sync_engine, "after_cursor_execute", Overtaken(change))
        first = await found(cache, "ann")
        second = await found(cache, "ann")
        kept = await sent_for(engine, found(cache, "ann"))
    await other.dispose()

    assert (first.display_name, second.display_name, kept) == ("Builder ann", "New", [])


class Overtaken:
    """Something happens between the first reading of a profile and its answer."""

    def __init__(self, happen: Callable[[], Awaitable[None]]) -> None:
        self._happen = happen
        self._has_happened = False

    def __call__(self, connection: Any, _cursor: object, statement: str, *_: object) -> None:
        """A hook of SQLAlchemy."""
        if "FROM users" in statement and not self._has_happened:
            self._has_happened = True
            connection.connection.dbapi_connection.run_async(lambda _: self._happen())


async def test_a_change_of_another_user_leaves_a_reading_to_be_kept(
    sessions: SessionFactory, engine: AsyncEngine, listen: Listen
) -> None:
    await users_with(sessions, {"ann": 1, "ben": 2})
    async with keeping(ProfileCache(sessions, listen, CacheLimits())) as cache:
        await found(cache, "ann")
        await found(cache, "ben")
        await rename(sessions, "ben", "New")

        async def seen() -> bool:
            return (await found(cache, "ben")).display_name == "New"

        await until(seen)
        kept = await sent_for(engine, found(cache, "ann"))

    assert kept == []


def held_up(listen: Listen) -> tuple[Listen, asyncio.Event]:
    """The same, but a second connection is made only when the event is set."""
    may_connect = asyncio.Event()
    connections: list[asyncio.Event] = []

    @asynccontextmanager
    async def listen_later(wake: asyncio.Event, hear: Hear) -> AsyncIterator[Listener]:
        connections.append(wake)
        if len(connections) > 1:
            await may_connect.wait()
        async with listen(wake, hear) as listener:
            yield listener

    return listen_later, may_connect


async def test_while_the_connection_is_lost_nothing_is_kept_and_afterwards_all_anew(
    sessions: SessionFactory, engine: AsyncEngine, listen: Listen
) -> None:
    await users_with(sessions, {"ann": 1})
    later, may_connect = held_up(listen)
    async with keeping(ProfileCache(sessions, later, CacheLimits())) as cache:
        await found(cache, "ann")
        kept_before = await sent_for(engine, found(cache, "ann"))
        async with sessions.begin() as session:
            await session.execute(text(f"{END_LISTENING} AND datname = current_database()"))

        async def is_lost() -> bool:
            return not cache.is_keeping

        await until(is_lost)
        # nobody here is told of it
        await rename(sessions, "ann", "New")
        lost = [await sent_for(engine, found(cache, "ann")) for _ in range(2)]
        while_lost = await found(cache, "ann")
        may_connect.set()
        await until_keeping(cache)
        again = [await sent_for(engine, found(cache, "ann")) for _ in range(2)]

    assert kept_before == []
    assert [len(sent) for sent in lost] == [1, 1]
    assert while_lost.display_name == "New"
    assert [len(sent) for sent in again] == [1, 0]


async def test_a_reading_during_which_the_connection_was_made_anew_is_not_kept(
    sessions: SessionFactory, engine: AsyncEngine, database_url: str
) -> None:
    await users_with(sessions, {"ann": 1})
    other = make_engine(database_url)
    cache = ProfileCache(sessions, None, CacheLimits())

    async def change_unheard() -> None:
        cache.disconnected()
        await rename(make_sessions(other), "ann", "New")
        cache.connected()

    cache.connected()
    event.listen(engine.sync_engine, "after_cursor_execute", Overtaken(change_unheard))
    first, second = await found(cache, "ann"), await found(cache, "ann")
    await other.dispose()

    assert (first.display_name, second.display_name) == ("Builder ann", "New")


async def test_a_connection_that_is_silent_counts_as_lost(
    sessions: SessionFactory, engine: AsyncEngine, database_url: str
) -> None:
    await users_with(sessions, {"ann": 1})
    async with ForgetfulProxy(database_url) as forgetful:
        limits = CacheLimits(check_interval=0.2, answer_within=0.2)
        later, _ = held_up(partial(listen_for_profile_changes, forgetful.url))
        async with keeping(ProfileCache(sessions, later, limits)) as cache:
            await found(cache, "ann")
            forgetful.forget()

            async def is_lost() -> bool:
                return not cache.is_keeping

            await until(is_lost)
            sent = await sent_for(engine, found(cache, "ann"))

    assert len(sent) == 1
