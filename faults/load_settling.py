"""Waiting until a load has settled, as PostgreSQL tells."""

import asyncio
import time

from faults.oracle_database import AWAY, connected

POLL_SECONDS = 0.25

_OPEN = """
SELECT (SELECT count(*) FROM g2p_score_compute_queue WHERE compute_status IN ('PENDING', 'PROCESSING')) AS requests,
    (SELECT count(*) FROM g2p_score_recomputations WHERE status IN ('REQUESTED', 'RUNNING')) AS recomputations
"""


class NotSettled(Exception):
    """Something was still to be computed when the time was over."""


async def settled(database_url: str, timeout: float) -> float:  # noqa: ASYNC109 - how long to poll another process
    """Wait until nothing is to be computed and no recomputation is under way; how many seconds that took.

    PostgreSQL may be away meanwhile. Call it when no approval is under way any more.

    Raises:
        NotSettled: not within so many seconds; the text tells what was open at last.
    """
    began = time.monotonic()
    while still_open := await _open(database_url):
        if time.monotonic() - began > timeout:
            raise NotSettled(f"after {timeout:g} s: {still_open}")
        await asyncio.sleep(POLL_SECONDS)
    return time.monotonic() - began


async def _open(database_url: str) -> str | None:
    try:
        async with connected(database_url) as connection:
            requests, recomputations = await connection.fetchrow(_OPEN)
    except AWAY as error:
        return f"PostgreSQL does not answer ({type(error).__name__})"
    return f"{requests} requests, {recomputations} recomputations" if requests or recomputations else None
