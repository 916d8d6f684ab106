"""Waiting until all scores are those of their records' last approved states, or until that is given up."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg  # type: ignore[import-untyped]

from bench.records import count_computations, count_settled

_POLL_SECONDS = 0.25
# asking is work, too: at most a twentieth of the time
_REST_PER_QUESTION = 20
_QUIET_SECONDS = 1.0
_DRAIN_SECONDS = 60.0


@dataclass(frozen=True)
class Patience:
    """How long to wait in all, and how long without any progress."""

    limit_seconds: float
    stall_seconds: float


async def wait_until_settled(
    connection: asyncpg.Connection, registers: Iterable[str], expected: int, patience: Patience
) -> int:
    """Return how many scores are missing: 0, unless the patience was over first."""
    started = progressed = time.monotonic()
    before = -1
    while True:
        asked = time.monotonic()
        now = await count_settled(connection, registers)
        answered = time.monotonic()
        if now >= expected:
            return 0
        if now != before:
            before, progressed = now, answered
        if answered - started > patience.limit_seconds or answered - progressed > patience.stall_seconds:
            return expected - now
        await asyncio.sleep(max(_POLL_SECONDS, _REST_PER_QUESTION * (answered - asked)))


async def wait_until_quiet(connection: asyncpg.Connection) -> None:
    """Return once nothing more is computed: what is done twice may come after all is settled."""
    before, deadline = -1, time.monotonic() + _DRAIN_SECONDS
    while (now := await count_computations(connection)) != before and time.monotonic() < deadline:
        before = now
        await asyncio.sleep(_QUIET_SECONDS)
