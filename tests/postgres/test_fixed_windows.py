"""The Builder Score's fixed window, as its migrated definition has it: between two computations of a user it passes.

What a run does in between (take what is due, wait, be done) is played with its own `PendingScores`; time passes by
moving what the rows know of into the past.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, update

from builders.register import BUILDER_SCORE, BUILDERS, VOUCHES
from objects import AN_ACTOR, a_computed_score, an_approved_change
from postgres_sessions import claim_due, claim_records, records_in, requests_of, set_requests
from scoring.debounce import DebouncePolicy
from scoring.messages import ScoreOutcomes, ScoreRequest
from scoring.pending import PendingScores
from store.database import SessionFactory
from store.definition_tables import G2PRegisterScoreDefinition
from store.definitions import to_debounce
from store.outbox import RecordRequests, mark_signaled
from store.requests import request_scores
from store.retries import retry_scores
from store.scores import save_outcomes
from store.sweeping import SweepPolicy, sweep_overdue
from store.tables import G2PScoreComputeQueue

ADA = "ada"
AT_ONCE = timedelta(0)
A_SECOND = timedelta(seconds=1)
"""More than the statements of a test take between a trigger and what it causes."""


async def policy_of(sessions: SessionFactory) -> DebouncePolicy:
    """The window of BUILDER_SCORE as it was migrated."""
    of_builders = G2PRegisterScoreDefinition.register_id == BUILDERS
    async with sessions() as session:
        return to_debounce(
            (await session.execute(select(G2PRegisterScoreDefinition.debounce).where(of_builders))).scalar_one()
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
        change = an_approved_change(
            register_id=BUILDERS,
            internal_record_id=ADA,
            change_payload={VOUCHES: None},
            record_attributes={VOUCHES: 1},
        )
        async with self.sessions.begin() as session:
            await request_scores(session, change)

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
        """The run stores what it computed; with nothing pending it is done, and the next one knows of nothing."""
        outcomes = ScoreOutcomes(BUILDERS, ADA, computed=[a_computed_score(request, 1.0) for request in self.in_hand])
        async with self.sessions.begin() as session:
            await save_outcomes(session, outcomes)
        self.in_hand = []
        if not self.run:
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


@pytest.fixture
def ada(sessions: SessionFactory) -> Builder:
    return Builder(sessions)


async def test_the_window_is_fixed_at_five_minutes(sessions: SessionFactory) -> None:
    policy = await policy_of(sessions)

    assert policy.quiet_period == policy.max_wait == 300


async def test_triggers_while_the_run_waits_do_not_move_its_window(ada: Builder) -> None:
    await ada.signaled()
    for _ in range(3):
        await ada.let_pass(90)
        await ada.signaled()

    assert await ada.due_in() == pytest.approx(30, abs=1)


async def test_a_relay_that_is_late_makes_no_window_longer(ada: Builder) -> None:
    await ada.trigger()
    await ada.let_pass(90)
    await ada.trigger()
    await ada.let_pass(90)
    await ada.claim()
    await ada.signal()

    assert await ada.due_in() == pytest.approx(120, abs=1)


async def test_what_the_relay_is_late_with_until_the_run_has_computed_waits_a_whole_window(ada: Builder) -> None:
    await ada.signaled()
    await ada.let_pass(250)
    await ada.trigger()
    await ada.let_pass(50)
    await ada.compute()
    await ada.persist()

    assert (await ada.row()).due_at - datetime.now(UTC) == pytest.approx(timedelta(seconds=300), abs=A_SECOND)
    await ada.let_pass(100)
    await ada.claim()
    await ada.signal()
    assert await ada.due_in() == pytest.approx(200, abs=1)


@pytest.mark.parametrize("is_stored", [True, False], ids=["the run is gone", "the run still computes"])
async def test_what_is_claimed_before_the_run_has_stored_and_signaled_after_it_waits_a_whole_window(
    ada: Builder, *, is_stored: bool
) -> None:
    await ada.signaled()
    await ada.let_pass(250)
    await ada.trigger()
    await ada.let_pass(50)

    await ada.compute()
    await ada.claim()
    if is_stored:
        await ada.persist()
    await ada.signal()

    assert await ada.due_in() == pytest.approx(300, abs=1)


async def test_a_run_that_has_stored_one_score_and_computes_the_next_still_knows_its_window(ada: Builder) -> None:
    await ada.signaled()
    await ada.let_pass(300)
    await ada.compute()
    await ada.signaled()
    await ada.persist()
    await ada.let_pass(299)
    await ada.trigger()
    await ada.let_pass(51)

    await ada.compute()
    await ada.claim()
    await ada.signal()

    assert len(ada.computed_at) == 2
    assert await ada.due_in() == pytest.approx(300, abs=1)


async def test_a_repetition_of_what_was_stored_moves_no_window(ada: Builder) -> None:
    await ada.signaled()
    await ada.let_pass(300)
    await ada.compute()
    in_hand = ada.in_hand
    await ada.persist()
    await ada.trigger()
    await ada.let_pass(60)
    before = await ada.row()

    ada.in_hand = in_hand
    await ada.persist()

    after = await ada.row()
    assert (after.pending_since, after.due_at) == (before.pending_since, before.due_at)


async def test_on_the_batch_road_a_window_is_waited_out_in_the_row_and_no_trigger_moves_it(ada: Builder) -> None:
    await ada.trigger()
    await ada.let_pass(200)
    await ada.trigger()

    await ada.let_pass(99)
    early = await claim_due(ada.sessions)
    await ada.let_pass(1)
    [batch] = await claim_due(ada.sessions)

    assert early == []
    assert await records_in(ada.sessions, batch, BUILDER_SCORE) == [ADA]


async def test_a_trigger_takes_the_row_out_of_its_batch_into_a_window_of_its_own(ada: Builder) -> None:
    await ada.trigger()
    await ada.let_pass(300)
    [batch] = await claim_due(ada.sessions)

    await ada.trigger()

    assert await records_in(ada.sessions, batch, BUILDER_SCORE) == []
    await ada.let_pass(299)
    assert await claim_due(ada.sessions) == []


async def test_a_row_whose_run_waits_goes_by_no_batch_however_late_it_is(ada: Builder) -> None:
    await ada.signaled()
    await ada.let_pass(250)
    await ada.trigger()
    await ada.let_pass(900)

    assert await claim_due(ada.sessions) == []


async def test_the_sweeper_takes_no_request_that_waits_out_its_window_for_a_lost_one(ada: Builder) -> None:
    policy = SweepPolicy()
    await ada.signaled()
    swept = []
    for seconds in (policy.sweep_after + 1, 300 - policy.sweep_after - 2, policy.sweep_after - 1, 3):
        await ada.let_pass(seconds)
        async with ada.sessions.begin() as session:
            swept.append(await sweep_overdue(session, policy))

    assert swept == [0, 0, 0, 1]


async def test_a_swept_request_is_computed_at_once(ada: Builder) -> None:
    await ada.signaled()
    await ada.let_pass(421)
    ada.run = PendingScores()
    async with ada.sessions.begin() as session:
        await sweep_overdue(session, SweepPolicy())

    await ada.claim()
    await ada.signal()

    assert await ada.due_in() < 0


async def test_a_failed_score_that_is_asked_for_again_waits_out_nothing_though_the_run_had_it(ada: Builder) -> None:
    await ada.signaled()
    await set_requests(ada.sessions, ADA, compute_status="FAILED", processing_since=None)

    async with ada.sessions.begin() as session:
        await retry_scores(session, AN_ACTOR, ADA)
    ada.run = PendingScores()
    await ada.claim()
    await ada.signal()

    assert await ada.due_in() <= 0


@pytest.mark.parametrize("seed", range(4))
async def test_no_two_computations_come_within_a_window_whatever_relay_and_run_are_late_with(
    ada: Builder, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a sequence to repeat, not a secret
    steps = (ada.trigger, ada.claim, ada.signal, ada.compute, ada.persist)
    for _ in range(150):
        for step in chance.sample(steps, chance.randint(1, len(steps))):
            await step()
        await ada.let_pass(chance.choice((0, 0, 0.5, 5, 40, 120)))
    for step in (ada.persist, ada.signal, ada.claim, ada.signal):
        await step()
    await ada.let_pass(600)
    await ada.compute()
    await ada.persist()

    window = timedelta(seconds=(await policy_of(ada.sessions)).max_wait)
    gaps = [later - earlier for earlier, later in pairwise(ada.computed_at)]
    assert len(gaps) > 5
    assert min(gaps) > window - A_SECOND
    row = await ada.row()
    assert (row.compute_status, row.computed_sequence) == ("COMPLETED", row.sequence)
