"""Listening to PostgreSQL for as long as the application runs, on connections that are lost and made again."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn, Protocol

from scoring.failures import describe_exception
from store.notifications import Listen, Listener

logger = logging.getLogger(__name__)

COALESCE = 0.03
"""Seconds in which notifications are gathered before they are attended to."""
FIRST_DELAY, LONGEST_DELAY = 0.2, 10.0
"""Seconds before it is connected again."""


@dataclass(frozen=True, kw_only=True)
class ConnectionChecks:
    """After `check_interval` without news the connection is asked whether it still is one, and has `answer_within`."""

    check_interval: float = 30.0
    answer_within: float = 5.0


class Ear(Protocol):
    """What hears notifications; `heard` wakes it up, whoever sets it."""

    heard: asyncio.Event

    def hear(self, payload: str) -> bool:
        """Of a notification; whether to wake up for it."""

    def connected(self) -> None:
        """Every notification is heard from now on; some may have been missed before."""

    async def attend(self) -> None:
        """Do what is to be done, when connected and after waking up; where it fails, it is connected again."""

    def disconnected(self) -> None:
        """Nothing is heard from now on."""


@asynccontextmanager
async def listening(listen: Listen | None, ear: Ear, checks: ConnectionChecks) -> AsyncIterator[None]:
    """Let the ear hear while the context is open; without `listen` there is nothing to hear."""
    if listen is None:
        yield
        return
    serving = asyncio.create_task(_Listening(listen, ear, checks).serve())
    try:
        yield
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


class _Listening:
    def __init__(self, listen: Listen, ear: Ear, checks: ConnectionChecks) -> None:
        self._listen = listen
        self._ear = ear
        self._checks = checks
        self._delay = FIRST_DELAY

    async def serve(self) -> NoReturn:
        while True:
            try:
                async with self._listen(self._ear.heard, self._ear.hear) as listener:
                    self._ear.connected()
                    try:
                        await self._attend_while_connected(listener)
                    finally:
                        self._ear.disconnected()
            except Exception as error:  # noqa: BLE001 - whatever it is, who listens is served afterwards
                name = type(self._ear).__name__
                logger.warning("%s waits, as something failed; trying again: %s", name, describe_exception(error))
            await asyncio.sleep(self._delay * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, keeps no secret
            self._delay = min(2 * self._delay, LONGEST_DELAY)

    async def _attend_while_connected(self, listener: Listener) -> NoReturn:
        while True:
            self._ear.heard.clear()
            listener.require_connected()
            await self._ear.attend()
            self._delay = FIRST_DELAY
            try:
                async with asyncio.timeout(self._checks.check_interval):
                    await self._ear.heard.wait()
            except TimeoutError:
                await listener.require_answering(self._checks.answer_within)
            listener.require_connected()
            await asyncio.sleep(COALESCE)
