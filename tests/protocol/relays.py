"""Relays whose every step may be their last: claims that are held, sent and settled, or forgotten."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from protocol.database import ProtocolDatabase
from protocol.steps import A_LEASE, A_MOMENT, Sent, Tick, reason_of
from relay.signals import Answer
from store.batches import Batch, claim_batches, put_off_start
from store.database import Session
from store.outbox import RecordRequests, claim_pending, give_up, mark_signaled, put_off
from store.roads import RoadLimits, list_outlooks, take_turn
from store.sweeping import SweepPolicy, sweep_overdue

LEASE = timedelta(seconds=A_LEASE - 50)
LATER = timedelta(seconds=A_MOMENT - 50)
SWEEP = SweepPolicy(sweep_after=A_LEASE - 50, restart_after=50_050)


@dataclass
class Claim:
    """What a relay has claimed, and what Temporal said to it."""

    message: RecordRequests | Batch
    answer: Answer | None = None


class PlayedRelays:
    """Any number of relays, as claims that somebody holds; `under_way` are calls that nobody waits for any more."""

    def __init__(self, database: ProtocolDatabase, receive: Callable[[RecordRequests | Batch], None]) -> None:
        self._database = database
        self._receive = receive
        self._batches: list[str] = []
        self.claims: list[Claim] = []
        self.under_way: list[RecordRequests | Batch] = []

    def tick(self, room: int, tick: Tick, sent: Sent = Sent.ONCE, *, sweeps: bool) -> None:
        """Claim, and go on with all of it."""
        limits = RoadLimits(max_open_records=room, max_open_batches=8, batch_gap=0)
        claims = self._database.commit(partial(_claim, limits=limits, sweeps=sweeps))
        self.claims += claims
        for claim in self._in_order(claims):
            self.go_on(claim, tick, sent)

    def _in_order(self, claims: list[Claim]) -> list[Claim]:
        """Oldest batch first: their ids are drawn at random, and an example must run the same way twice."""
        batches = [claim.message.batch_id for claim in claims if isinstance(claim.message, Batch)]
        self._batches += [batch_id for batch_id in batches if batch_id not in self._batches]
        return sorted(
            claims,
            key=lambda claim: self._batches.index(claim.message.batch_id) if isinstance(claim.message, Batch) else -1,
        )

    def go_on(self, claim: Claim, tick: Tick, sent: Sent) -> None:
        """Send what is claimed and settle what Temporal said to it: so far as the relay gets."""
        if tick is Tick.CLAIMED:
            return
        if claim.answer is None:
            claim.answer = self._send(claim.message, sent)
        if tick is Tick.SETTLED:
            self._database.commit(partial(_settle, claim=claim))
            self.claims.remove(claim)

    def _send(self, message: RecordRequests | Batch, sent: Sent) -> Answer:
        match sent:
            case Sent.UNDER_WAY:
                self.under_way.append(message)
                return Answer.LATER
            case Sent.REFUSED:
                return Answer.REFUSED
            case _:
                for _ in range(2 if sent is Sent.TWICE else 1):
                    self._receive(message)
                return Answer.ACCEPTED

    def arrive(self, which: int) -> None:
        """A call that nobody waits for any more comes in; it may have a twin."""
        self._receive(self.under_way[which])


async def _claim(session: Session, limits: RoadLimits, *, sweeps: bool) -> list[Claim]:
    assert await take_turn(session)
    if sweeps:
        await sweep_overdue(session, SWEEP)
    outlooks = await list_outlooks(session, limits)
    restart_after = timedelta(seconds=SWEEP.restart_after)
    records = await claim_pending(session, outlooks, limits.records_per_tick, LEASE, restart_after)
    batches = await claim_batches(session, outlooks, limits, LEASE)
    return [*map(Claim, records), *map(Claim, batches)]


async def _settle(session: Session, claim: Claim) -> None:
    match claim.message, claim.answer:
        case Batch() as batch, Answer.ACCEPTED:
            await put_off_start(session, [batch], LEASE)
        case Batch() as batch, _:
            await put_off_start(session, [batch], LATER)
        case RecordRequests() as record, Answer.ACCEPTED:
            await mark_signaled(session, [record], LATER)
        case RecordRequests() as record, Answer.REFUSED:
            reason = reason_of(*(request.sequence for request in record.requests))
            await give_up(session, [record], "SignalRefused", reason)
        case RecordRequests() as record, _:
            await put_off(session, [record], LATER)
