"""The relay: claim what is pending, signal it to Temporal, mark it. Several at once are safe."""

import asyncio
import logging
import math
import random
from collections.abc import Sequence
from datetime import timedelta

from relay.policy import RelayPolicy
from relay.signals import Answer, SignalSender
from scoring.messages import MAX_REQUEST_BYTES
from store.database import DATABASE_ERRORS, SessionFactory
from store.notifications import Listener, listen_for_requests
from store.outbox import RecordRequests, claim_pending, give_up, mark_signaled, next_signal_in, put_off

logger = logging.getLogger(__name__)


class Relay:
    """Runs until it is stopped; a stop ends the tick under way first, so that no claim stays behind."""

    def __init__(self, database_url: str, sessions: SessionFactory, sender: SignalSender, policy: RelayPolicy) -> None:
        self._database_url = database_url
        self._sessions = sessions
        self._sender = sender
        self._policy = policy
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End `run` after the tick under way."""
        self._stopping.set()

    async def run(self) -> None:
        """Tick for as long as it takes; a database that is away is waited for."""
        while not self._stopping.is_set():
            try:
                async with listen_for_requests(self._database_url) as listener:
                    await self._tick_while_listening(listener)
            except DATABASE_ERRORS as error:
                logger.warning("the database cannot be reached (%s); trying again", type(error).__name__)
                await self._wait(self._stopping, self._policy.poll_interval)

    async def _tick_while_listening(self, listener: Listener) -> None:
        while not self._stopping.is_set():
            listener.heard.clear()
            claimed_any = await self.tick()
            listener.require_connected()
            await self._wait(self._stopping, self._policy.tick_interval)
            if not claimed_any:
                await self._wait_until_heard(listener.heard, await self._seconds_to_next())

    async def _seconds_to_next(self) -> float:
        async with self._sessions() as session:
            wait = await next_signal_in(session)
        return min(self._policy.poll_interval, wait.total_seconds() if wait is not None else math.inf)

    async def _wait_until_heard(self, heard: asyncio.Event, seconds: float) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (heard, self._stopping)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return

    async def tick(self) -> bool:
        """Signal what is pending once; returns whether anything was claimed."""
        policy = self._policy
        async with self._sessions.begin() as session:
            claimed = await claim_pending(session, policy.records_per_tick, timedelta(seconds=policy.lease))
        # no transaction is open while Temporal is talked to: no approval waits for it
        answers = await asyncio.gather(*(self._sender.send(record) for record in claimed))
        if claimed:
            await self._settle([answer for of_record in answers for answer in of_record])
        return bool(claimed)

    async def _settle(self, answers: Sequence[tuple[RecordRequests, Answer]]) -> None:
        by_answer: dict[Answer, list[RecordRequests]] = {answer: [] for answer in Answer}
        for record, answer in answers:
            by_answer[answer].append(record)
        async with self._sessions.begin() as session:
            if accepted := by_answer[Answer.ACCEPTED]:
                await mark_signaled(session, accepted, timedelta(seconds=self._policy.signal_interval))
            if later := by_answer[Answer.LATER]:
                logger.warning("Temporal did not take the signals of %d records; sent again later", len(later))
                await put_off(session, later, self._jittered_delay())
            if refused := by_answer[Answer.REFUSED]:
                reason = f"the request is too large (over {MAX_REQUEST_BYTES} bytes) or malformed for Temporal"
                await give_up(session, refused, "SignalRefused", reason)

    def _jittered_delay(self) -> timedelta:
        return timedelta(seconds=self._policy.retry_delay * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load, keeps no secret
