"""What a request may cost: so many bytes of body, and so much time until its answer begins."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem_response


@dataclass(frozen=True)
class RequestLimits:
    """`max_body_bytes` holds for routes of the application; what is mounted has a limit of its own."""

    max_body_bytes: int = 1_048_576
    timeout: float = 30.0


def is_mounted(scope: Scope) -> bool:
    """Whether the path belongs to an application that is mounted in this one, with rules of its own."""
    mounts = (route for route in scope["app"].routes if isinstance(route, Mount))
    return any(mount.path and f"{scope['path']}/".startswith(f"{mount.path}/") for mount in mounts)


class LimitRequests:
    """Answers 413 to a body that is too large, 408 to one that trickles and 503 to what takes too long.

    An answer that has begun, such as a stream, is never cut.
    """

    def __init__(self, app: ASGIApp, limits: RequestLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ASGI asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _LimitedRequest(self._limits, scope, receive, send).run(self._app)


class _LimitedRequest:
    def __init__(self, limits: RequestLimits, scope: Scope, receive: Receive, send: Send) -> None:
        self._limits = limits
        self._scope = scope
        self._receive = receive
        self._send = send
        self._max_bytes = None if is_mounted(scope) else limits.max_body_bytes
        self._received = 0
        self._is_reading = False
        self._has_ended = False
        self._clock = asyncio.timeout(limits.timeout)

    async def run(self, app: ASGIApp) -> None:
        try:
            async with self._clock:
                if self._is_too_large(int(Headers(scope=self._scope).get("content-length", "0"))):
                    await self._refuse_length()
                else:
                    await app(self._scope, self._count, self._watch)
        except TimeoutError:
            if not self._clock.expired():
                raise
            await self._answer(self._too_late())

    def _is_too_large(self, size: int) -> bool:
        return self._max_bytes is not None and size > self._max_bytes

    async def _count(self) -> Message:
        self._is_reading = not self._has_ended
        message = await self._receive()
        self._is_reading = False
        self._received += len(message.get("body", b""))
        self._has_ended = not message.get("more_body", False)
        if self._is_too_large(self._received):
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._size_detail(), {"Connection": "close"})
        return message

    async def _watch(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if not self._clock.expired():
                self._clock.reschedule(None)
            # the server would read a body without end to its end
            if not self._has_ended and "transfer-encoding" in Headers(scope=self._scope):
                MutableHeaders(scope=message)["Connection"] = "close"
        await self._send(message)

    async def _refuse_length(self) -> None:
        # who sends a little too much reads the answer only after sending; who sends far too much is cut off
        more = True
        while more and self._received < 2 * self._limits.max_body_bytes:
            message = await self._receive()
            self._received += len(message.get("body", b""))
            more = message.get("more_body", False)
        problem = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLarge", self._size_detail()
        await self._answer(problem_response(Request(self._scope), *problem))

    def _size_detail(self) -> str:
        return f"the body may have {self._max_bytes} bytes at most"

    def _too_late(self) -> Response:
        seconds = f"{self._limits.timeout:g} seconds"
        request = Request(self._scope)
        if self._is_reading:
            detail = f"the body did not arrive within {seconds}; nothing was done"
            return problem_response(request, HTTPStatus.REQUEST_TIMEOUT, "RequestTimeout", detail)
        detail = (
            f"this took longer than {seconds} and was given up; "
            "a change that was asked for may have happened or not: look, or ask again"
        )
        return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, "TookTooLong", detail)

    async def _answer(self, response: Response) -> None:
        response.headers["Connection"] = "close"
        await response(self._scope, self._receive, self._send)
