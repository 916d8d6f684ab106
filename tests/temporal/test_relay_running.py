"""The relay as it runs: woken by NOTIFY, surviving its connection, stopping without leaving a claim behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from relay.relay import Relay
from relay.signals import Answer, SignalSender
from store.outbox import RecordRequests
from temporal_fakes.activities import PATIENCE_SECONDS
from temporal_fakes.registered import AN_HOUR_IN_SECONDS, THREE_QUICK_ATTEMPTS, Farmers, until

SIGNALED = {"FSF_SCORE": "PROCESSING", "PMT_SCORE": "PROCESSING"}

LISTENERS = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%' AND state = 'idle'
"""


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[None]:
    """Run the relay, and see it stop when it is told to."""
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        relay.stop()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await task


async def test_a_notification_wakes_the_relay(farmers: Farmers) -> None:
    async with running(farmers.relay(poll_interval=AN_HOUR_IN_SECONDS)):
        for later in range(5):
            # nothing is waited for: the relay is still awake for the first approvals, and asleep for the last ones
            await asyncio.sleep(0.1 * later)
            record = await farmers.approve()
            await farmers.until_statuses(record, **SIGNALED)


async def test_what_was_approved_while_no_relay_ran_is_signaled_when_one_starts(farmers: Farmers) -> None:
    record = await farmers.approve()

    async with running(farmers.relay(poll_interval=AN_HOUR_IN_SECONDS)):
        await farmers.until_statuses(record, **SIGNALED)


async def test_an_approval_within_the_signal_interval_is_signaled_at_its_end_without_a_notification(
    farmers: Farmers,
) -> None:
    async with running(farmers.relay(poll_interval=AN_HOUR_IN_SECONDS, signal_interval=1)):
        record = await farmers.approve()
        await farmers.until_statuses(record, **SIGNALED)
        await farmers.approve({"income": 1}, record)
        await farmers.until_statuses(record, **SIGNALED)

    assert await farmers.signals(record) == 2


async def test_the_relay_listens_again_after_its_connection_was_lost(farmers: Farmers) -> None:
    async with running(farmers.relay(poll_interval=0.2)):
        await until(lambda: listens(farmers))
        lost = await farmers.execute(LISTENERS)
        await farmers.execute(f"SELECT pg_terminate_backend({lost})")

        await until(lambda: listens(farmers))

        assert await farmers.execute(LISTENERS) != lost
        record = await farmers.approve()
        await farmers.until_statuses(record, **SIGNALED)


async def listens(farmers: Farmers) -> bool:
    return await farmers.execute(LISTENERS) is not None


async def test_a_relay_that_waits_stops_at_once(farmers: Farmers) -> None:
    relay = farmers.relay(poll_interval=AN_HOUR_IN_SECONDS)
    task = asyncio.create_task(relay.run())
    await until(lambda: listens(farmers))

    relay.stop()

    async with asyncio.timeout(PATIENCE_SECONDS):
        await task
    assert not await listens(farmers)


@dataclass(frozen=True, kw_only=True)
class HeldSender(SignalSender):
    """Sends when it may."""

    asked: asyncio.Event
    may_send: asyncio.Event

    async def send(self, record: RecordRequests) -> list[tuple[RecordRequests, Answer]]:
        """Wait, then send."""
        self.asked.set()
        await self.may_send.wait()
        return await super().send(record)


async def test_a_relay_that_is_stopped_ends_its_tick_and_leaves_no_claim_behind(farmers: Farmers) -> None:
    sender = HeldSender(farmers.client, THREE_QUICK_ATTEMPTS, asked=asyncio.Event(), may_send=asyncio.Event())
    record = await farmers.approve()
    async with running(relay := farmers.relay(sender, poll_interval=AN_HOUR_IN_SECONDS)):
        await sender.asked.wait()

        relay.stop()
        sender.may_send.set()

    assert await farmers.statuses(record) == SIGNALED
    assert await farmers.signals(record) == 1


async def test_i1_a_relay_that_is_killed_within_its_tick_is_replaced_by_another(farmers: Farmers) -> None:
    sender = HeldSender(farmers.client, THREE_QUICK_ATTEMPTS, asked=asyncio.Event(), may_send=asyncio.Event())
    record = await farmers.approve()
    killed = asyncio.create_task(farmers.relay(sender, lease=1).run())
    await sender.asked.wait()

    killed.cancel()

    async with running(farmers.relay(poll_interval=0.2)):
        await farmers.until_statuses(record, **SIGNALED)
    assert killed.cancelled()
    assert await farmers.signals(record) == 1
