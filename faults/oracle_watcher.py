"""Looks at the stored scores while a load is under way: none may go back to an older sequence, or disappear."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from faults.oracle_database import AWAY, connected

_SEQUENCES = "SELECT internal_record_id, score_type, sequence FROM g2p_register_scores"


@dataclass(frozen=True)
class Decrease:
    """A score that went back; `after` is None where it disappeared."""

    internal_record_id: str
    score_type: str
    before: int
    after: int | None


def decreases_between(
    before: Mapping[tuple[str, str], int], after: Mapping[tuple[str, str], int]
) -> Iterator[Decrease]:
    """The scores whose sequence fell from one look to the next, or that are gone."""
    for key, sequence in before.items():
        now = after.get(key)
        if now is None or now < sequence:
            yield Decrease(*key, sequence, now)


@dataclass
class Watcher:
    """Looks every `interval` seconds within an `async with`; goes on when PostgreSQL is back."""

    database_url: str
    interval: float = 0.25
    decreases: list[Decrease] = field(default_factory=list)
    looks: int = 0

    def __post_init__(self) -> None:
        self._seen: dict[tuple[str, str], int] = {}

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watching

    async def _watch(self) -> None:
        while True:
            try:
                await self._watch_connected()
            except AWAY:
                await asyncio.sleep(self.interval)

    async def _watch_connected(self) -> None:
        async with connected(self.database_url) as connection:
            while True:
                self._look({row[:2]: row[2] for row in await connection.fetch(_SEQUENCES)})
                await asyncio.sleep(self.interval)

    def _look(self, now: dict[tuple[str, str], int]) -> None:
        self.decreases += decreases_between(self._seen, now)
        self._seen = now
        self.looks += 1
