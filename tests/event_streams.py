"""A client of an event stream, as a browser is one."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from live_api import HOST
from signed_tokens import permitting_everything

PATH = "/register-data/score_events"
PATIENCE = 20


@dataclass(frozen=True)
class Event:
    """One event, as it came."""

    kind: str
    event_id: str
    data: dict[str, Any]

    @property
    def told(self) -> tuple[str, str, str]:
        """What it tells of, in short."""
        return self.data["score_type"], self.kind, self.data["status"]


@dataclass
class EventStream:
    """An open stream; comments are counted by the way."""

    response: httpx.Response
    lines: AsyncIterator[str] = field(init=False)
    comments: list[str] = field(default_factory=list)
    retry: int | None = None

    def __post_init__(self) -> None:
        self.lines = self.response.aiter_lines()

    async def block(self) -> dict[str, str] | None:
        """The fields of the next block, None at the end of the stream."""
        fields: dict[str, str] = {}
        async for line in self.lines:
            if not line:
                return fields
            name, _, value = line.partition(": ")
            fields[name] = value
        return None

    async def next(self) -> Event | None:
        """The next event, None at the end of the stream."""
        async with asyncio.timeout(PATIENCE):
            while (fields := await self.block()) is not None:
                if "event" in fields:
                    return Event(fields["event"], fields["id"], json.loads(fields["data"]))
                self.comments.append(fields[""])
                self.retry = int(fields["retry"]) if "retry" in fields else self.retry
        return None

    async def told(self, count: int = 1) -> list[tuple[str, str, str]]:
        """What so many events tell of: score type, kind and status of each."""
        events = [await self.next() for _ in range(count)]
        return [event.told for event in events if event is not None]

    async def comment(self) -> str:
        """The next comment; there must be no event before it."""
        async with asyncio.timeout(PATIENCE):
            fields = await self.block()
        assert fields is not None
        return fields[""]


def a_client(port: int) -> httpx.AsyncClient:
    """May do everything; holds as many connections as it is asked for."""
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(base_url=f"http://{HOST}:{port}", limits=limits, headers=permitting_everything())


@asynccontextmanager
async def streaming(http: httpx.AsyncClient, record: str, **headers: str) -> AsyncIterator[EventStream]:
    """The record's events; it has begun."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with http.stream("GET", PATH, params={"internal_record_id": record}, headers=sent, timeout=None) as response:
        assert response.status_code == 200, await response.aread()
        stream = EventStream(response)
        yield stream
