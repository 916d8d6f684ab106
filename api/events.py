"""The hub of score events: one connection that listens, one query for whatever changed, however many the clients.

PostgreSQL tells the id of a record whose scores change. The hub reads the states of those that have subscribers here,
and each subscriber takes what differs from what it was last sent. Nothing is queued: a slow one gets the newest.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from api.event_ids import Mark
from api.event_subscriptions import Subscription
from api.listening import ConnectionChecks, listening
from store.database import SessionFactory
from store.notifications import Listen
from store.score_states import list_score_states

END_STREAMS = "end_streams"
"""In the state of the application's lifespan: what a server calls before it waits for open answers."""


@dataclass(frozen=True)
class EventLimits(ConnectionChecks):
    """So many streams open at a time in this process, and of one identity; a comment each `heartbeat` seconds.

    A reading may take `check_interval`.
    """

    heartbeat: float = 15.0
    max_streams: int = 1_000
    max_streams_per_identity: int = 50


class NoRoomForStream(Exception):
    """The text says why there is none now."""


class TooManyStreams(NoRoomForStream):
    """The identity has as many as it may."""


class ScoreEventHub:
    """Subscriptions by record, and the task that serves them; it runs while the application does."""

    def __init__(self, sessions: SessionFactory, listen: Listen | None, limits: EventLimits) -> None:
        self.limits = limits
        self._sessions = sessions
        self._listen = listen
        self._is_open = False
        self._subscriptions: dict[str, set[Subscription]] = {}
        self._streams_of: Counter[str] = Counter()
        self._unread: set[str] = set()
        self.heard = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve subscriptions while the context is open."""
        self._is_open = self._listen is not None
        async with listening(self._listen, self, self.limits):
            try:
                yield
            finally:
                self.close()

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
        if self.hear(internal_record_id):
            self.heard.set()
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

    def hear(self, internal_record_id: str) -> bool:
        """Whether anybody here wants to know of the record, which is read then."""
        is_wanted = internal_record_id in self._subscriptions
        if is_wanted:
            self._unread.add(internal_record_id)
        return is_wanted

    def connected(self) -> None:
        """Nobody told what changed before: all that is subscribed to is read."""
        self._unread.update(self._subscriptions)

    def disconnected(self) -> None:
        """Streams stay open, and are served afterwards."""

    async def attend(self) -> None:
        """Read what changed, and offer it to those who subscribed to it."""
        records, self._unread = self._unread & self._subscriptions.keys(), set()
        if not records:
            return
        # who comes during the query may have seen more than it tells, and waits for the next
        subscriptions = [one for record in records for one in self._subscriptions[record]]
        async with asyncio.timeout(self.limits.check_interval), self._sessions() as session:
            states = await list_score_states(session, records)
        for subscription in subscriptions:
            subscription.offer(states.get(subscription.internal_record_id, ()))
