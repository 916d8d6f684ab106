"""What a request may cost, on a real socket: bytes, time, and a client that goes away."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from fastapi.responses import StreamingResponse
from sqlalchemy import TextClause, text

from api.app import create_app
from api.limits import RequestLimits
from api.services import ApiServices
from http_client import Api
from live_api import HOST, serving
from objects import a_farmer_register
from registry.change_requests import NewChangeRequest, create_change_request
from signed_tokens import permitting_everything
from steadyscore.http_protocol import BoundedHttp
from store.database import SessionFactory, make_engine, make_sessions

LIMITS = RequestLimits(max_body_bytes=2_000, timeout=0.5)
PATIENT = RequestLimits(max_body_bytes=2_000)


@dataclass(frozen=True)
class Wire:
    """A connection on which a test writes what it wants."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def write(self, *lines: str, body: bytes = b"") -> None:
        """Send lines as a request's head, and a body."""
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body)

    async def answer(self) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON body of the next answer."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        status, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await self.reader.readexactly(int(headers["content-length"]))
        return int(status.split()[1]), headers, json.loads(body)

    async def is_closed(self) -> bool:
        """Wait for the end; what still comes is lost."""
        return await self.reader.read() == b""


@contextlib.asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def client_at(port: int) -> httpx.AsyncClient:
    """Of somebody who may do everything."""
    return httpx.AsyncClient(base_url=f"http://{HOST}:{port}", headers=permitting_everything())


@pytest.fixture
async def port(services: ApiServices) -> AsyncIterator[int]:
    """Where the application answers, with little time and few bytes."""
    async with serving(create_app(replace(services, limits=LIMITS))) as port:
        yield port


STRANGERS = ("POST /registers HTTP/1.1", "Host: x", "Content-Type: application/json")


def post(path: str = "/registers") -> tuple[str, ...]:
    """The head of a request by somebody who may do everything."""
    token = permitting_everything()["Authorization"]
    return f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json", f"Authorization: {token}"


async def test_a_body_that_says_it_is_too_large_is_refused_before_anybody_asks_who_it_is(services: ApiServices) -> None:
    async with serving(create_app(replace(services, limits=PATIENT))) as port, wire_to(port) as wire:
        wire.write(*STRANGERS, "Content-Length: 2001", body=b"x" * 2001)

        status, headers, problem = await wire.answer()

        assert (status, headers["connection"]) == (413, "close")
        assert problem["detail"] == "the body may have 2000 bytes at most"
        assert await wire.is_closed()


async def test_a_body_that_goes_on_beyond_the_limit_is_refused_where_it_passes_it(port: int) -> None:
    async with wire_to(port) as wire:
        wire.write(*post(), "Transfer-Encoding: chunked", body=b"7d1\r\n" + b"x" * 2001 + b"\r\n")

        status, headers, problem = await wire.answer()

        assert (status, headers["content-type"]) == (413, "application/problem+json")
        assert problem["type"] == "urn:steadyscore:problem:RequestEntityTooLarge"
        assert await wire.is_closed()


async def test_a_body_of_the_largest_size_is_read(port: int) -> None:
    body = json.dumps({"register_mnemonic": "F", "register_purpose": "REGISTER", "attributes": {"a": "text"}})
    async with wire_to(port) as wire:
        wire.write(*post(), "Content-Length: 2000", body=body.ljust(2000).encode())

        status, headers, _ = await wire.answer()

        assert status == 201
        assert "connection" not in headers


async def test_a_body_without_end_is_not_read_for_who_may_not_pass(services: ApiServices) -> None:
    async with serving(create_app(services)) as port, wire_to(port) as wire:
        wire.write(*STRANGERS, "Transfer-Encoding: chunked", body=b"1\r\nx\r\n")

        status, headers, _ = await wire.answer()

        assert (status, headers["connection"]) == (401, "close")
        assert await wire.is_closed()


async def test_a_body_that_trickles_is_a_timeout_of_the_request(port: int) -> None:
    async with wire_to(port) as wire:
        wire.write(*post(), "Content-Length: 1000", body=b"{")

        status, headers, problem = await wire.answer()

        assert (status, headers["connection"]) == (408, "close")
        assert problem["detail"] == "the body did not arrive within 0.5 seconds; nothing was done"
        assert await wire.is_closed()


async def one_number(sessions: SessionFactory, statement: TextClause) -> int:
    # a transaction sees the same activity to its end
    async with sessions() as session:
        return int(await session.scalar(statement) or 0)


async def waiting(sessions: SessionFactory, count: int) -> None:
    """Wait until so many approvals wait for a lock."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while await one_number(sessions, waits) != count:
        await asyncio.sleep(0.02)


async def in_transactions(sessions: SessionFactory) -> int:
    """Sessions besides this one that have a transaction open."""
    open_ones = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL "
        "AND pid <> pg_backend_pid()"
    )
    return await one_number(sessions, open_ones)


@dataclass(frozen=True)
class Locked:
    """A change request that somebody holds locked, and an API with two connections of its own."""

    change_request_id: str
    services: ApiServices
    release: Any


@pytest.fixture
async def locked(services: ApiServices, sessions: SessionFactory, database_url: str) -> AsyncIterator[Locked]:
    """An approval of it waits."""
    async with sessions.begin() as session:
        register = await a_farmer_register(session)
        new = NewChangeRequest(register.register_id, {"income": 1})
        change_request_id = (await create_change_request(session, new)).change_request_id
    engine = make_engine(database_url, pool_size=2)
    async with sessions() as holder:
        lock = text("SELECT 1 FROM change_requests WHERE change_request_id = :id FOR UPDATE")
        await holder.execute(lock, {"id": change_request_id})
        yield Locked(change_request_id, replace(services, sessions=make_sessions(engine)), holder.rollback)
    await engine.dispose()


def approval(locked: Locked) -> str:
    return f"/change-requests/{locked.change_request_id}/approve"


async def test_what_takes_too_long_is_given_up_and_leaves_no_transaction_open(
    locked: Locked, sessions: SessionFactory
) -> None:
    app = create_app(replace(locked.services, limits=LIMITS))
    async with serving(app) as port, client_at(port) as http:
        answers = await asyncio.gather(*(http.post(approval(locked)) for _ in range(5)))

        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["type"] for answer in answers} == {"urn:steadyscore:problem:TookTooLong"}
        assert "may have happened or not" in answers[0].json()["detail"]
        await waiting(sessions, 0)
        # the one that holds the lock
        assert await in_transactions(sessions) == 1

        await locked.release()
        approved = await http.post(approval(locked))

    assert (approved.status_code, approved.json()["status"]) == (200, "APPROVED")
    assert await in_transactions(sessions) == 0


async def test_a_client_that_hangs_up_leaves_no_transaction_open(locked: Locked, sessions: SessionFactory) -> None:
    async with serving(create_app(locked.services)) as port:
        for _ in range(2):
            async with wire_to(port) as wire:
                wire.write(*post(approval(locked)))
                await wire.writer.drain()
        await waiting(sessions, 2)

        await locked.release()
        async with client_at(port) as http:
            again = await http.post(approval(locked))

    assert again.status_code == 409
    assert await in_transactions(sessions) == 0


async def test_an_answer_that_has_begun_is_not_cut(services: ApiServices) -> None:
    app = create_app(replace(services, limits=LIMITS))

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(slowly(), media_type="text/event-stream")

    async with serving(app) as port, client_at(port) as http:
        answer = await http.get("/stream")

    assert answer.text == "first second"


async def slowly() -> AsyncIterator[bytes]:
    """An answer that takes longer than a request may."""
    yield b"first "
    await asyncio.sleep(2 * LIMITS.timeout)
    yield b"second"


class Hasty(BoundedHttp):
    """Waits as little as a test does."""

    head_seconds = 0.2


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
async def test_a_connection_on_which_no_request_comes_is_closed(services: ApiServices, sent: bytes) -> None:
    async with serving(create_app(services), Hasty) as port, wire_to(port) as wire:
        wire.writer.write(sent)

        assert await wire.is_closed()


async def test_a_connection_on_which_a_request_is_answered_lives_on(services: ApiServices) -> None:
    async with serving(create_app(services), Hasty) as port, wire_to(port) as wire:
        for _ in range(3):
            wire.write("GET /health/live HTTP/1.1", "Host: x")
            assert (await wire.answer())[0] == 200
            await asyncio.sleep(Hasty.head_seconds)


HOST_LINE = b" HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(b"hello\r\n\r\n", 400, id="no HTTP"),
        pytest.param(b"GET /" + HOST_LINE + b"X: " + b"x" * 200_000 + b"\r\n\r\n", 400, id="a header too large"),
        pytest.param(b"GET /" + b"x" * 200_000 + b"" + HOST_LINE + b"\r\n", 400, id="a path too long"),
        pytest.param(b"GET /records/" + b"x" * 9_000 + b"" + HOST_LINE + b"\r\n", 401, id="an id too long"),
        pytest.param(b"GET /%ff%00" + HOST_LINE + b"\r\n", 404, id="a path that is no text"),
        pytest.param(b"POST /registers" + HOST_LINE + b"Content-Length: -1\r\n\r\n", 400, id="a negative length"),
        pytest.param(
            b"GET /no" + HOST_LINE + b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n", 404, id="WebSocket"
        ),
        pytest.param(b"POST /registers" + HOST_LINE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, id="chunks"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, id="TLS"),
    ],
)
async def test_what_no_route_takes_is_a_problem(services: ApiServices, sent: bytes, expected: int) -> None:
    async with serving(create_app(services)) as port, wire_to(port) as wire:
        wire.writer.write(sent)

        status, headers, problem = await wire.answer()

    assert status == expected
    assert headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert "server" not in headers


async def test_the_body_of_another_type_is_refused_by_its_type(api: Api) -> None:
    answer = await api.http.post("/registers", content=b"a=b", headers={"content-type": "text/plain"})

    assert (answer.status_code, answer.json()["detail"]) == (415, "send the body as application/json")
