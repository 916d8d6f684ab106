"""The relay: claim what is pending, signal it to Temporal or start it as a batch, mark it. Several at once are safe."""

import asyncio
import logging
import math
import random
import time
from collections.abc import Sequence
from datetime import timedelta

from relay.policy import RelayPolicy
from relay.recomputations import settle_recomputations, wake_recomputations
from relay.signals import Answer, SignalSender
from scoring.messages import MAX_REQUEST_BYTES
from store.batches import Batch, claim_batches, put_off_start
from store.database import DATABASE_ERRORS, Session, SessionFactory, describe_database_error
from store.notifications import Listener, listen_for_requests
from store.outbox import RecordRequests, claim_pending, give_up, mark_signaled, put_off
from store.recomputation_claims import ClaimedRecomputation, claim_recomputations
from store.roads import list_outlooks, next_turn_in, take_turn
from store.sweeping import sweep_overdue

logger = logging.getLogger(__name__)


class Relay:
    """Runs until it is stopped; a stop ends the tick under way first, so that no claim stays behind."""

    def __init__(self, database_url: str, sessions: SessionFactory, sender: SignalSender, policy: RelayPolicy) -> None:
        self._database_url = database_url
        self._sessions = sessions
        self._sender = sender
        self._policy = policy
        self._stopping = asyncio.Event()
        self._next_sweep = time.monotonic()

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
                logger.warning("%s; trying again", describe_database_error(error))
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
            wait = await next_turn_in(session)
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
        """Signal and start what is to be, once; returns whether anything was claimed."""
        records, batches, recomputations = await self._claim()
        # no transaction is open while Temporal is talked to: no approval waits for it
        answers, started, woken = await asyncio.gather(
            asyncio.gather(*(self._sender.send(record) for record in records)),
            asyncio.gather(*(self._sender.start(batch) for batch in batches)),
            wake_recomputations(self._sender.client, recomputations),
        )
        if records:
            await self._settle([answer for of_record in answers for answer in of_record])
        if batches:
            await self._settle_batches(batches, started)
        if recomputations:
            await self._settle_recomputations(recomputations, woken)
        return bool(records or batches or recomputations)

    async def _claim(self) -> tuple[list[RecordRequests], list[Batch], list[ClaimedRecomputation]]:
        limits, lease = self._policy.limits, timedelta(seconds=self._policy.lease)
        restart_after = timedelta(seconds=self._policy.sweep.restart_after)
        async with self._sessions.begin() as session:
            if not await take_turn(session):
                return [], [], []
            await self._sweep_now_and_then(session)
            outlooks = await list_outlooks(session, limits)
            return (
                await claim_pending(session, outlooks, limits.records_per_tick, lease, restart_after),
                await claim_batches(session, outlooks, limits, lease),
                await claim_recomputations(session, lease),
            )

    async def _sweep_now_and_then(self, session: Session) -> None:
        """Within the turn, so one relay at a time; what it finds is claimed like everything else."""
        if time.monotonic() < self._next_sweep:
            return
        self._next_sweep = time.monotonic() + self._policy.sweep.sweep_interval
        if swept := await sweep_overdue(session, self._policy.sweep):
            logger.warning("%d requests were under way for too long; they are signaled again", swept)

    async def _settle_batches(self, batches: Sequence[Batch], answers: Sequence[Answer]) -> None:
        accepted = [batch for batch, answer in zip(batches, answers, strict=True) if answer is Answer.ACCEPTED]
        later = [batch for batch in batches if batch not in accepted]
        async with self._sessions.begin() as session:
            await put_off_start(session, accepted, timedelta(seconds=self._policy.batch_check_interval))
            if later:
                logger.warning("Temporal did not take the start of %d batches; started again later", len(later))
                await put_off_start(session, later, self._jittered_delay())

    async def _settle_recomputations(
        self, recomputations: Sequence[ClaimedRecomputation], answers: Sequence[Answer]
    ) -> None:
        delays = timedelta(seconds=self._policy.batch_check_interval), self._jittered_delay()
        async with self._sessions.begin() as session:
            await settle_recomputations(session, recomputations, answers, delays)

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
