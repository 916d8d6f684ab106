"""The hub of score events: what it offers to whom, and connections that are lost without a word."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.event_ids import Mark, mark_of
from api.events import EventLimits, ScoreEventHub
from api.services import ApiServices
from event_streams import PATIENCE, a_client, streaming
from forgetful_proxy import ForgetfulProxy
from live_api import serving
from objects import a_computed_score
from postgres_sessions import asked_for
from scoring.messages import ScoreOutcomes, ScoreRequest
from store.database import SessionFactory, make_engine, make_sessions
from store.notifications import listen_for_score_events
from store.score_states import list_score_states
from store.scores import save_outcomes

LAND: dict[str, Any] = {"change_payload": {"assets.land_area": 3}}
"""A change that touches one score type alone."""
PMT_PENDING = ("PMT_SCORE", "pending", "pending")


@pytest.fixture
async def forgetful(database_url: str) -> AsyncIterator[ForgetfulProxy]:
    """The way to the test's database."""
    async with ForgetfulProxy(database_url) as proxy:
        yield proxy


@pytest.fixture
async def behind(services: ApiServices, forgetful: ForgetfulProxy) -> AsyncIterator[ApiServices]:
    """An API all of whose connections take that way; it asks them soon."""
    engine = make_engine(forgetful.url, tried_after=3600)
    limits = EventLimits(check_interval=0.3, answer_within=0.3)
    listen = partial(listen_for_score_events, forgetful.url)
    yield replace(services, sessions=make_sessions(engine), listen=listen, event_limits=limits)
    await asyncio.wait_for(engine.dispose(), PATIENCE)


async def test_connections_that_were_lost_without_a_word_are_replaced_and_the_stream_goes_on(
    behind: ApiServices, forgetful: ForgetfulProxy, defined: SessionFactory
) -> None:
    async with serving(create_app(behind)) as port, a_client(port) as http, streaming(http, "A") as stream:
        await asked_for(defined, "A", **LAND)
        before = await stream.told()
        forgetful.forget()
        await asked_for(defined, "A", **LAND)

        assert [before, await stream.told()] == [[PMT_PENDING]] * 2


async def test_a_hub_stops_while_its_connection_is_silent(sessions: SessionFactory, forgetful: ForgetfulProxy) -> None:
    hub = ScoreEventHub(sessions, partial(listen_for_score_events, forgetful.url), EventLimits())
    running = hub.running()
    await running.__aenter__()
    with hub.subscribed("A", {}, "officer") as subscription:
        assert await subscription.wait(PATIENCE)
    forgetful.forget()

    await asyncio.wait_for(running.__aexit__(None, None, None), 5)


async def seen_now(sessions: SessionFactory) -> dict[str, Mark]:
    """What a client has seen who was sent all there is."""
    async with sessions() as session:
        return {one.score_type: mark_of(one) for one in (await list_score_states(session, ["A"]))["A"]}


class Overtaken:
    """Between the first reading of record A and its answer, A is scored, and a client comes who has seen that."""

    def __init__(self, hub: ScoreEventHub, sessions: SessionFactory, request: ScoreRequest) -> None:
        self._hub = hub
        self._sessions = sessions
        self._request = request
        self._has_happened = False
        self.newcomer = hub.subscribed("A", {}, "newcomer")

    def __call__(self, connection: Any, _cursor: object, statement: str, *_: object) -> None:
        """A hook of SQLAlchemy."""
        if "FULL JOIN" in statement and not self._has_happened:
            self._has_happened = True
            connection.connection.dbapi_connection.run_async(lambda _: self._happen())

    async def _happen(self) -> None:
        async with self._sessions.begin() as session:
            await save_outcomes(session, ScoreOutcomes("farmers", "A", [a_computed_score(self._request)]))
        self.newcomer = self._hub.subscribed("A", await seen_now(self._sessions), "newcomer")
        self.subscription = self.newcomer.__enter__()


async def test_who_has_seen_more_than_a_reading_under_way_is_not_told_its_old_state(
    defined: SessionFactory, database_url: str, engine: AsyncEngine
) -> None:
    request = await asked_for(defined, "A", **LAND)
    other = make_engine(database_url)
    hub = ScoreEventHub(defined, partial(listen_for_score_events, database_url), EventLimits())
    overtaken = Overtaken(hub, make_sessions(other), request)
    event.listen(engine.sync_engine, "after_cursor_execute", overtaken)
    async with hub.running():
        with hub.subscribed("A", {}, "first") as first:
            assert await first.wait(PATIENCE)
            told = first.next_event()
            assert await overtaken.subscription.wait(PATIENCE)
            told_in_the_past = overtaken.subscription.next_event()
            overtaken.newcomer.__exit__(None, None, None)
    await other.dispose()

    assert told is not None
    assert told.kind == "pending"
    assert told_in_the_past is None
