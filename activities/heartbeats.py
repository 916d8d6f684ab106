"""Heartbeats of activities that wait or work for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

HEARTBEAT_SECONDS = 5.0


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Tell the server now and then that this worker is alive, however long it takes; it knows of no local activity."""
    if activity.info().is_local:
        yield
        return

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT_SECONDS)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
