"""The hub of score events: one connection that listens, one query for whatever changed, however many the clients.

PostgreSQL tells the id of a record whose scores change. The hub reads the states of those that have subscribers here,
and each subscriber takes what differs from what it was last sent. Nothing is queued: a slow one gets the newest.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

from api.event_ids import Mark
from api.event_subscriptions import Subscription
from scoring.failures import describe_exception
from store.database import SessionFactory
from store.notifications import Listener, ListenForScoreEvents
from store.score_states import list_score_states

logger = logging.getLogger(__name__)

COALESCE = 0.03
"""Seconds in which notifications are gathered for one query."""
FIRST_DELAY, LONGEST_DELAY = 0.2, 10.0
"""Seconds before the hub connects again."""

END_STREAMS = "end_streams"
"""In the state of the application's lifespan: what a server calls before it waits for open answers."""


@dataclass(frozen=True)
class EventLimits:
    """So many streams open at a time in this process, and of one identity; a comment each `heartbeat` seconds.

    After `check_interval` without a notification the connection is asked whether it still is one, and has
    `answer_within` to answer. A reading may take `check_interval`.
    """

    heartbeat: float = 15.0
    max_streams: int = 1_000
    max_streams_per_identity: int = 50
    check_interval: float = 30.0
    answer_within: float = 5.0


class NoRoomForStream(Exception):
    """The text says why there is none now."""


class TooManyStreams(NoRoomForStream):
    """The identity has as many as it may."""


class ScoreEventHub:
    """Subscriptions by record, and the task that serves them; it runs while the application does."""

    def __init__(self, sessions: SessionFactory, listen: ListenForScoreEvents | None, limits: EventLimits) -> None:
        self.limits = limits
        self._sessions = sessions
        self._listen = listen
        self._is_open = False
        self._subscriptions: dict[str, set[Subscription]] = {}
        self._streams_of: Counter[str] = Counter()
        self._unread: set[str] = set()
        self._heard = asyncio.Event()
        self._delay = FIRST_DELAY

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve subscriptions while the context is open."""
        self._is_open = self._listen is not None
        serving = asyncio.create_task(self._serve())
        try:
            yield
        finally:
            self.close()
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving

    @property
    def streams(self) -> int:
        """How many are open."""
        return self._streams_of.total()

    def close(self) -> None:
        """End every stream and take no more: a server that stops waits for its open answers."""
        self._is_open = False
        for subscriptions in self._subscriptions.values():
            for subscription in subscriptions:
                subscription.end()

    @contextmanager
    def subscribed(self, internal_record_id: str, seen: Mapping[str, Mark], subject: str) -> Iterator[Subscription]:
        """This identity's subscription to what differs from what was seen of a record; raises NoRoomForStream."""
        self._require_room(subject)
        subscription = Subscription(internal_record_id, seen)
        self._streams_of[subject] += 1
        self._subscriptions.setdefault(internal_record_id, set()).add(subscription)
        if self._hear(internal_record_id):
            self._heard.set()
        try:
            yield subscription
        finally:
            # forgets who has none left
            self._streams_of -= Counter([subject])
            self._remove(subscription)

    def _require_room(self, subject: str) -> None:
        if not self._is_open:
            raise NoRoomForStream("this process streams no events now; read get_scores meanwhile, or ask again")
        if self.streams >= self.limits.max_streams:
            raise NoRoomForStream("this process has as many event streams open as it may; ask again later")
        if self._streams_of[subject] >= self.limits.max_streams_per_identity:
            raise TooManyStreams(
                "this identity has as many event streams open as it may; close one, or ask again later"
            )

    def _remove(self, subscription: Subscription) -> None:
        of_record = self._subscriptions[subscription.internal_record_id]
        of_record.remove(subscription)
        if not of_record:
            del self._subscriptions[subscription.internal_record_id]

    def _hear(self, internal_record_id: str) -> bool:
        """Whether anybody here wants to know of the record, which is read then."""
        is_wanted = internal_record_id in self._subscriptions
        if is_wanted:
            self._unread.add(internal_record_id)
        return is_wanted

    async def _serve(self) -> None:
        while self._listen is not None:
            try:
                async with self._listen(self._heard, self._hear) as listener:
                    # nobody told what changed before
                    self._unread.update(self._subscriptions)
                    await self._deliver_while_connected(listener)
            except Exception as error:  # noqa: BLE001 - whatever it is, the streams stay open and are served afterwards
                logger.warning("score events wait, as something failed; trying again: %s", describe_exception(error))
            await asyncio.sleep(self._delay * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, keeps no secret
            self._delay = min(2 * self._delay, LONGEST_DELAY)

    async def _deliver_while_connected(self, listener: Listener) -> None:
        while True:
            self._heard.clear()
            listener.require_connected()
            await self._deliver()
            self._delay = FIRST_DELAY
            try:
                async with asyncio.timeout(self.limits.check_interval):
                    await self._heard.wait()
            except TimeoutError:
                await listener.require_answering(self.limits.answer_within)
            await asyncio.sleep(COALESCE)

    async def _deliver(self) -> None:
        records, self._unread = self._unread & self._subscriptions.keys(), set()
        if not records:
            return
        # who comes during the query may have seen more than it tells, and waits for the next
        subscriptions = [one for record in records for one in self._subscriptions[record]]
        async with asyncio.timeout(self.limits.check_interval), self._sessions() as session:
            states = await list_score_states(session, records)
        for subscription in subscriptions:
            subscription.offer(states.get(subscription.internal_record_id, ()))
