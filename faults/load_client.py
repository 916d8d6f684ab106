"""Change requests over HTTP against APIs that may be killed, restart or answer 5xx at any moment.

A request is repeated at the next API until one tells how it ended. That is safe: a change request has the id that its
asker gave it, so creating it twice is a conflict, and so is approving it twice.
"""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx

RETRY_SECONDS = 0.2
ANSWER_SECONDS = 10.0


class NeverAnswered(Exception):
    """Nobody told in time how a request ended: it may have been carried out."""


class Refused(Exception):
    """The answer was a 4xx: what was asked for was not done, and would not be done if it was asked for again."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        super().__init__(
            f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text}"
        )


@dataclass(frozen=True)
class Answer:
    """How a request ended, and whether an attempt before failed."""

    response: httpx.Response
    is_repeated: bool


@dataclass(frozen=True)
class ChangeRequestClient:
    """Asks the APIs in turn; gives up after `patience` seconds."""

    http: httpx.AsyncClient
    urls: Sequence[str]
    patience: float
    failed_attempts: "Counter[int | None]" = field(default_factory=Counter)
    """How often each status came instead of an answer; None for none at all."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """In place of those of `http`."""
    _turns: "itertools.count[int]" = field(default_factory=itertools.count)

    async def post(self, path: str, body: object = None) -> dict[str, Any]:
        """POST until it is answered; raise Refused or NeverAnswered."""
        return await self.send("POST", path, body)

    async def send(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """The same for what may be asked for again, whatever its method; nothing where nothing is answered."""
        response = _accepted((await self._ask(method, path, body)).response)
        answered: dict[str, Any] = response.json() if response.content else {}
        return answered

    async def create(self, body: dict[str, Any]) -> None:
        """Create a change request with an id of the caller's, which nobody else uses."""
        answer = await self._ask("POST", "/change-requests", body)
        if answer.response.status_code == HTTPStatus.CONFLICT and answer.is_repeated:
            return
        _accepted(answer.response)

    async def approve(self, change_request_id: str, *, once: bool = False) -> str:
        """Approve it; its record's id. With `once` an attempt that is not answered is the last one."""
        answer = await self._ask("POST", f"/change-requests/{change_request_id}/approve", once=once)
        if answer.response.is_success:
            return str(answer.response.json()["internal_record_id"])
        if answer.response.status_code != HTTPStatus.CONFLICT:
            raise Refused(answer.response)
        return await self._look(change_request_id, answer)

    async def _look(self, change_request_id: str, conflict: Answer) -> str:
        found = _accepted((await self._ask("GET", f"/change-requests/{change_request_id}")).response).json()
        if found["status"] != "APPROVED":
            raise Refused(conflict.response)
        return str(found["internal_record_id"])

    async def _ask(self, method: str, path: str, body: object = None, *, once: bool = False) -> Answer:
        is_repeated = False
        gives_up_at = time.monotonic() + self.patience
        while True:
            response = await self._attempt(method, path, body)
            if response is not None and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                return Answer(response, is_repeated)
            is_repeated = True
            self.failed_attempts[None if response is None else response.status_code] += 1
            if once or time.monotonic() > gives_up_at:
                raise NeverAnswered(path)
            await asyncio.sleep(RETRY_SECONDS)

    async def _attempt(self, method: str, path: str, body: object) -> httpx.Response | None:
        url = self.urls[next(self._turns) % len(self.urls)]
        try:
            return await self.http.request(method, url + path, json=body, headers=self.headers)
        except httpx.TransportError:
            return None


def _accepted(response: httpx.Response) -> httpx.Response:
    if not response.is_success:
        raise Refused(response)
    return response
