"""Event streams as connections: how many there may be, how they end, what they cost, and what they outlive."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from api.app import create_app
from api.events import EventLimits
from api.services import ApiServices
from bench.builders_plans import Sent, caught
from event_streams import PATH, PATIENCE, a_client, streaming
from http_client import client_of
from live_api import HOST, serving
from objects import a_computed_score
from postgres_sessions import asked_for, set_requests
from scoring.messages import ScoreOutcomes
from signed_tokens import permitting_everything
from store.database import SessionFactory
from store.scores import save_outcomes

OF_A = {"internal_record_id": "A"}
LAND: dict[str, Any] = {"change_payload": {"assets.land_area": 3}}
"""A change that touches one score type alone."""
PMT_PENDING = ("PMT_SCORE", "pending", "pending")
ONE_OR_TWO = ([(["A"],)], [(["A"],)] * 2)
"""Readings of record A: the second is of what a stream began with, where that comes late."""
MORE_THAN_SOCKETS_HOLD = "no " * 3_000_000
END_LISTENING = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE query = 'LISTEN "score_events"' AND datname = current_database()
"""


@asynccontextmanager
async def live_client(services: ApiServices, **limits: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API of its own."""
    services = replace(services, event_limits=EventLimits(**limits))
    async with serving(create_app(services)) as port, a_client(port) as http:
        yield http


def readings(sent: list[Sent]) -> list[tuple[object, ...]]:
    """The parameters of each reading of states."""
    return [one.parameters for one in sent if "FULL JOIN" in one.statement]


async def test_several_apis_tell_the_same(live: ApiServices, defined: SessionFactory) -> None:
    async with (
        live_client(live) as http,
        live_client(live) as other_http,
        streaming(http, "A") as one,
        streaming(other_http, "A") as other,
    ):
        request = await asked_for(defined, "A", **LAND)
        asked = await one.told(), await other.told()
        async with defined.begin() as session:
            await save_outcomes(session, ScoreOutcomes("farmers", "A", [a_computed_score(request)]))
        events = await one.next(), await other.next()

    assert asked == ([PMT_PENDING], [PMT_PENDING])
    assert events[0] == events[1]
    assert events[0] is not None
    assert events[0].told == ("PMT_SCORE", "computed", "current")


async def allow_connections(server_url: str, database_url: str, *, allowed: bool) -> None:
    """Or let nobody connect any more; who is connected stays so."""
    engine = create_async_engine(server_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        name = make_url(database_url).database
        await connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {allowed}'))
    await engine.dispose()


async def test_what_happened_while_nobody_listened_is_told_afterwards_on_the_same_stream(
    live: ApiServices, defined: SessionFactory, postgres_url: str, database_url: str
) -> None:
    async with live_client(live, heartbeat=0.05) as http, streaming(http, "A") as stream:
        await asked_for(defined, "A", **LAND)
        await stream.told()
        await allow_connections(postgres_url, database_url, allowed=False)
        async with defined.begin() as session:
            ended = (await session.scalars(text(END_LISTENING))).all()
        request = await asked_for(defined, "A", **LAND)
        async with defined.begin() as session:
            await save_outcomes(session, ScoreOutcomes("farmers", "A", [a_computed_score(request)]))
        meanwhile = [await stream.comment() for _ in range(3)]
        await allow_connections(postgres_url, database_url, allowed=True)

        assert await stream.told() == [("PMT_SCORE", "computed", "current")]
    assert ended == [True]
    assert meanwhile == ["ping"] * 3


async def test_beyond_the_bound_a_client_is_told_to_come_again_and_a_place_is_free_as_soon_as_one_leaves(
    live: ApiServices,
) -> None:
    async with live_client(live, max_streams=1) as http:
        async with streaming(http, "A"):
            refused = await http.get(PATH, params=OF_A)
        async with asyncio.timeout(PATIENCE):
            while await status_of(http) != 200:
                await asyncio.sleep(0.01)

    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    assert (refused.headers["retry-after"], refused.json()["status"]) == ("5", 503)
    assert "as many event streams open as it may" in refused.json()["detail"]


async def test_an_identity_has_a_bound_of_its_own_and_others_come_in(live: ApiServices) -> None:
    other = permitting_everything(sub="somebody-else")
    async with live_client(live, max_streams_per_identity=1) as http:
        async with streaming(http, "A"):
            refused = await http.get(PATH, params=OF_A)
            async with streaming(http, "A", **other) as stream:
                assert await stream.comment() == "connected"
        async with asyncio.timeout(PATIENCE):
            while await status_of(http) != 200:
                await asyncio.sleep(0.01)

    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert (refused.headers["retry-after"], refused.json()["status"]) == ("5", 429)
    assert "this identity has as many event streams open as it may" in refused.json()["detail"]


async def status_of(http: httpx.AsyncClient) -> int:
    """What a new stream is answered with; it is closed at once."""
    async with http.stream("GET", PATH, params=OF_A) as response:
        return response.status_code


async def test_clients_that_leave_without_a_word_leave_nothing_behind(live: ApiServices) -> None:
    app = create_app(live)
    async with serving(app) as port:
        for _ in range(20):
            async with a_client(port) as http, streaming(http, "A"):
                pass
        async with asyncio.timeout(PATIENCE):
            while app.state.score_events.streams:
                await asyncio.sleep(0.01)


async def test_a_stream_ends_with_its_token(live: ApiServices) -> None:
    expires = datetime.now(UTC) + timedelta(seconds=2)
    token = permitting_everything(exp=expires)
    async with live_client(live) as http, streaming(http, "A", **token) as stream:
        ended = await stream.next()

    assert ended is None
    assert datetime.now(UTC) >= expires - timedelta(seconds=1)


@contextmanager
def never_reading(port: int, token: Mapping[str, str]) -> Iterator[None]:
    """A client that asks for record A's events and reads nothing."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect((HOST, port))
        [(name, value)] = token.items()
        client.sendall(f"GET {PATH}?internal_record_id=A HTTP/1.1\r\nHost: x\r\n{name}: {value}\r\n\r\n".encode())
        yield


async def test_a_client_that_does_not_read_has_its_place_no_longer_than_its_token(
    live: ApiServices, defined: SessionFactory
) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", compute_status="FAILED", compute_latest_error_message=MORE_THAN_SOCKETS_HOLD)
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    app = create_app(live)
    async with serving(app) as port, asyncio.timeout(PATIENCE):
        with never_reading(port, permitting_everything(exp=expires)):
            while not app.state.score_events.streams:
                await asyncio.sleep(0.01)
            while app.state.score_events.streams:
                await asyncio.sleep(0.01)

    assert datetime.now(UTC) >= expires


async def test_a_server_that_stops_ends_its_streams_and_does_not_wait_for_them(live: ApiServices) -> None:
    server = serving(create_app(live))
    async with a_client(await server.__aenter__()) as http, streaming(http, "A") as stream:
        stopping = asyncio.ensure_future(server.__aexit__(None, None, None))
        ended = await stream.next()
        await asyncio.wait_for(stopping, 5)

    assert ended is None


async def test_an_idle_stream_gets_a_comment_now_and_then(live: ApiServices) -> None:
    async with live_client(live, heartbeat=0.05) as http, streaming(http, "A") as stream:
        comments = [await stream.comment() for _ in range(3)]

    assert comments == ["connected", "ping", "ping"]


async def test_what_happens_to_records_that_nobody_watches_here_is_not_read(
    live: ApiServices, defined: SessionFactory, engine: AsyncEngine
) -> None:
    many = "SELECT count(pg_notify('score_events', 'R-' || one)::text) FROM generate_series(1, 1000) AS one"
    async with live_client(live) as http, streaming(http, "A") as stream:
        await asked_for(defined, "A", **LAND)
        await stream.told()
        with caught(engine) as sent:
            async with defined.begin() as session:
                await session.execute(text(many))
            await asked_for(defined, "A", **LAND)
            await stream.told()

    assert readings(sent) in ONE_OR_TWO


async def test_however_many_clients_watch_a_record_it_is_read_once(
    live: ApiServices, defined: SessionFactory, engine: AsyncEngine
) -> None:
    async with live_client(live) as http, asyncio.TaskGroup() as clients:
        opened = asyncio.Barrier(51)

        async def watch() -> list[tuple[str, str, str]]:
            async with streaming(http, "A") as stream:
                await stream.told()
                await opened.wait()
                return await stream.told()

        await asked_for(defined, "A", **LAND)
        watching = [clients.create_task(watch()) for _ in range(50)]
        await opened.wait()
        with caught(engine) as sent:
            await asked_for(defined, "A", **LAND)
            told = [await one for one in watching]

    assert told == [[PMT_PENDING]] * 50
    assert readings(sent) in ONE_OR_TWO


async def test_an_api_that_does_not_listen_says_so(services: ApiServices) -> None:
    async with client_of(create_app(services)) as http:
        refused = await http.get(PATH, params=OF_A)

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "streams no events now" in refused.json()["detail"]
