"""HTTP as uvicorn speaks it, with what it lacks: an end to waiting for a request, and problems where it is no HTTP."""

import asyncio
import json
import socket
from http import HTTPStatus
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.events import END_STREAMS

HEAD_SECONDS = 15.0
"""A connection that sends something has so long to finish a request's headers."""

HEADERS = [
    (b"content-type", b"application/problem+json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"connection", b"close"),
]


GRACE_SECONDS = 20
"""So long what is under way may go on after SIGTERM; a stream has no end of its own."""


class ApiServer(uvicorn.Server):
    """Ends the event streams as it stops; uvicorn waits for open answers before it tells the application."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop gracefully."""
        if end_streams := self.lifespan.state.get(END_STREAMS):
            end_streams()
        await super().shutdown(sockets)


def make_server(app: ASGIApp, host: str, port: int) -> uvicorn.Server:
    """The server of the API; uvicorn's bound on connections is left out, as its 503 would be no problem (RFC 9457)."""
    return ApiServer(
        uvicorn.Config(
            app,
            host,
            port,
            http=BoundedHttp,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


class BoundedHttp(H11Protocol):
    """Closes connections on which no request comes to be; uvicorn itself waits for ever."""

    head_seconds = HEAD_SECONDS
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._expect_a_request()

    def data_received(self, data: bytes) -> None:
        """Stop waiting where a request has begun; data that comes beside requests prolongs nothing."""
        super().data_received(data)
        # uvicorn's own annotation leaves None out
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]
            self._expect_a_request()
        else:
            self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._forget()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or has headers that are too large, with a problem."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            status = HTTPStatus.BAD_REQUEST
            body = _problem(status, msg)
            headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
            self._send(h11.Response(status_code=status, headers=headers, reason=status.phrase.encode()))
            self._send(h11.Data(data=body))
            self._send(h11.EndOfMessage())
        if self.cycle is not None:
            # a request whose body is no HTTP needs no other answer
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _send(self, event: Any) -> None:
        self.transport.write(self.conn.send(event))

    def _expect_a_request(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.head_seconds, self.transport.close)

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _problem(status: HTTPStatus, detail: str) -> bytes:
    problem = {
        "type": "urn:steadyscore:problem:MalformedHttp",
        "title": status.phrase,
        "status": status,
        "detail": detail,
        "instance": "",
    }
    return json.dumps(problem).encode()
