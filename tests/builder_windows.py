"""A user whose score has a window, with the relay that serves it and its run: in steps, on PostgreSQL.

What a run does in between (take what is due, wait, be done) is played with its own `PendingScores`; time passes by
moving what the rows know of into the past.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from builders.register import BUILDER_SCORE, BUILDERS, VOUCHES
from objects import a_computed_score, an_approved_change
from postgres_sessions import claim_records, requests_of
from scoring.messages import ScoreOutcomes, ScoreRequest
from scoring.pending import PendingScores
from store.database import SessionFactory
from store.outbox import RecordRequests, mark_signaled
from store.requests import ApprovedChange, request_scores
from store.scores import save_outcomes
from store.tables import G2PScoreComputeQueue

ADA = "ada"
AT_ONCE = timedelta(0)


def a_vouch() -> ApprovedChange:
    """Somebody vouches for the user."""
    return an_approved_change(
        register_id=BUILDERS,
        internal_record_id=ADA,
        change_payload={VOUCHES: None},
        record_attributes={VOUCHES: 1},
    )


@dataclass
class Builder:
    """A user, the relay that serves it, and its run; `computed_at` tells when it computed."""

    sessions: SessionFactory
    skipped: timedelta = AT_ONCE
    run: PendingScores = field(default_factory=PendingScores)
    in_hand: list[ScoreRequest] = field(default_factory=list)
    claimed: list[RecordRequests] = field(default_factory=list)
    computed_at: list[datetime] = field(default_factory=list)

    def now(self) -> datetime:
        """The time, with what was skipped of it."""
        return datetime.now(UTC) + self.skipped

    async def let_pass(self, seconds: float) -> None:
        """Everything that the row knows of happened so much earlier."""
        queue, earlier = G2PScoreComputeQueue, timedelta(seconds=seconds)
        names = ("due_at", "compute_latest_timestamp", "pending_since", "processing_since", "signal_after")
        async with self.sessions.begin() as session:
            await session.execute(update(queue).values({name: getattr(queue, name) - earlier for name in names}))
        self.skipped += earlier

    async def trigger(self) -> None:
        """Somebody's event changes what the score is made of."""
        async with self.sessions.begin() as session:
            await request_scores(session, a_vouch())

    async def claim(self) -> None:
        """A relay claims what is pending, and has not signaled it yet."""
        if not self.claimed:
            self.claimed = await claim_records(self.sessions, lease=AT_ONCE)

    async def signal(self) -> None:
        """It signals what it claimed, to the run that is open or to a new one."""
        for request in [request for record in self.claimed for request in record.requests]:
            self.run.add(request, self.now())
        async with self.sessions.begin() as session:
            await mark_signaled(session, self.claimed, AT_ONCE)
        self.claimed = []

    async def compute(self) -> None:
        """The run computes what is due."""
        if not self.in_hand and (due := self.run.take_due(self.now())):
            self.in_hand = due
            self.computed_at.append(self.now())

    async def persist(self) -> None:
        """The run stores what it computed; with nothing pending or on its way it is done, the next knows of nothing.

        What becomes of a request whose run ends while it is on its way has a test of its own.
        """
        outcomes = ScoreOutcomes(BUILDERS, ADA, computed=[a_computed_score(request, 1.0) for request in self.in_hand])
        async with self.sessions.begin() as session:
            await save_outcomes(session, outcomes)
        self.run.stored([request.score_type for request in self.in_hand], self.now())
        self.in_hand = []
        if not (self.run or self.claimed):
            self.run = PendingScores()

    async def signaled(self) -> None:
        """Trigger, and a relay that is not late."""
        await self.trigger()
        await self.claim()
        await self.signal()

    async def row(self) -> G2PScoreComputeQueue:
        """The request."""
        return (await requests_of(self.sessions, ADA))[BUILDER_SCORE]

    async def due_in(self) -> float:
        """Seconds until the run computes what it has."""
        due_at = self.run.next_due_at()
        assert due_at is not None
        return (due_at - self.now()).total_seconds()
