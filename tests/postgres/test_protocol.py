"""The whole protocol as a state machine: every step may be the last, come twice, late or in another order.

The store functions run on PostgreSQL, a run's state is the real one; Temporal, relays and the passing of time are
played. The examples are the same in every run. More of them, and others:
`TEST_PROTOCOL_EXAMPLES=2000 TEST_PROTOCOL_SEED=7 pytest tests/postgres/test_protocol.py`
"""

import os
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from protocol.choices import Choices, Step
from protocol.database import ProtocolDatabase
from protocol.oracle import Oracle
from protocol.relays import PlayedRelays
from protocol.steps import (
    A_DAY,
    A_FIXED,
    A_LEASE,
    A_MOMENT,
    FIXED,
    FIXED_WINDOW,
    RECORDS,
    REGISTER,
    WITHIN_A_WINDOW,
    WITHIN_THE_FIXED,
    Fate,
    Fates,
    Sent,
    Stop,
    Tick,
    score_of,
)
from protocol.temporal import PlayedTemporal
from scoring.json_values import JsonValue
from store.audit import Actor
from store.batches import load_batch
from store.database import Session
from store.outbox import list_requests
from store.requests import ApprovedChange, request_scores
from store.retries import retry_scores

EXAMPLES = int(os.environ.get("TEST_PROTOCOL_EXAMPLES", "90"))
SEED = int(os.environ.get("TEST_PROTOCOL_SEED", "0"))
STEPS = 30
ROUNDS_TO_SETTLE = 10
ROUNDS_OF_A_STREAM = 4

# most of it one record's: what comes twice, late or in another order must meet something
records = st.sampled_from([*RECORDS[:1] * 3, *RECORDS])
paths = st.sampled_from(["income", "income", "assets.land_area"])
which = st.integers(0, 3)
fate = st.sampled_from([Fate.SCORED, Fate.SCORED, Fate.SCORED, Fate.FAILED_FOR_NOW, Fate.FAILED])
fates = st.tuples(fate, fate, fate)
stops = st.sampled_from(
    [*[Stop.WRITTEN] * 2, *[Stop.WRITTEN_LATE] * 3, Stop.TIMED_OUT, Stop.UNNOTICED, Stop.COMPUTED, Stop.TAKEN]
)
ticks = st.sampled_from([Tick.SETTLED, Tick.SETTLED, Tick.SENT, Tick.CLAIMED])
sendings = st.sampled_from([Sent.ONCE, Sent.ONCE, Sent.ONCE, Sent.TWICE, Sent.UNDER_WAY, Sent.REFUSED])
TIMES = [A_LEASE, A_MOMENT, A_MOMENT, WITHIN_A_WINDOW, WITHIN_THE_FIXED, A_FIXED, A_DAY]
ALL_SCORED: Fates = (Fate.SCORED, Fate.SCORED, Fate.SCORED)


choices: Choices["Protocol"] = Choices()


class Protocol(RuleBasedStateMachine):
    """Approvals, relays, runs and time, one step of one of them after the other."""

    def __init__(self, database: ProtocolDatabase) -> None:
        super().__init__()
        self._database = database
        self._database.forget()
        self._temporal = PlayedTemporal(database.write, lambda *part: database.commit(partial(_load, part=part)))
        self._relays = PlayedRelays(database, self._temporal.receive)
        self._oracle = Oracle()
        self._approvals = 0
        self._records: dict[str, dict[str, JsonValue]] = {record: {"income": 0} for record in RECORDS}

    @rule(step=st.runner().flatmap(choices.possible))
    def go_on(self, step: Step["Protocol"]) -> None:
        """Whoever it is."""
        step.take(self, **step.arguments)

    @initialize(record=records, path=paths)
    def begin(self, record: str, path: str) -> None:
        """Without an approval there is nothing to see."""
        self._approve(record, path)

    @choices.step(4, record=records, path=paths)
    def approve(self, record: str, path: str) -> None:
        """An approval that scores both types or one."""
        self._approve(record, path)

    @choices.step(1, record=records, path=paths)
    def approve_twice(self, record: str, path: str) -> None:
        """A burst."""
        self._approve(record, path)
        self._approve(record, path)

    @choices.step(1, record=records, path=paths)
    def crash_before_the_approval_commits(self, record: str, path: str) -> None:
        """All its work is rolled back."""
        self._approve(record, path, or_crash=True)

    def _approve(self, record: str, path: str, *, or_crash: bool = False) -> None:
        self._approvals += 1
        attributes = self._records[record] | {path: self._approvals}
        change = ApprovedChange(REGISTER, "REGISTER", record, str(self._approvals), {path: self._approvals}, attributes)
        requested = self._database.commit(partial(_request, change=change), or_crash=or_crash)
        if not or_crash:
            self._records[record] = attributes
            for score_type, sequence, values in requested:
                self._oracle.expect((record, score_type), sequence, score_of(values))

    @choices.step(1, lambda self: "FAILED" in self._oracle.statuses, record=st.sampled_from(RECORDS))
    def ask_again(self, record: str) -> None:
        """Somebody asks again for what failed."""
        for score_type, sequence in self._database.commit(partial(_ask_again, record=record)):
            self._oracle.expect_at_once((record, score_type), sequence)

    @choices.step(5, room=st.sampled_from([1_000, 1_000, 0, 1]), sweeps=st.booleans(), sent=sendings, tick=ticks)
    def relay_ticks(self, room: int, sent: Sent, tick: Tick, *, sweeps: bool) -> None:
        """A relay claims what it finds, with room on the record road or without, and gets so far with it."""
        self._relays.tick(room, tick, sent, sweeps=sweeps)

    @choices.step(3, room=st.sampled_from([1_000, 1_000, 0]))
    def all_goes_well(self, room: int) -> None:
        """For once nothing crashes and nobody is slow."""
        self.time_passes(A_MOMENT)
        self._all_go_on(room)

    @choices.step(2, lambda self: self._left_of_window() > 0, room=st.sampled_from([1_000, 0]))
    def all_goes_well_just_before_a_window_ends(self, room: int) -> None:
        """Whatever came in since the last score is not due yet."""
        self.time_passes(self._left_of_window())
        self._all_go_on(room)

    def _left_of_window(self) -> int:
        """Seconds until the fixed window of the newest score is nearly over."""
        stored = [at for (_, score_type), at in self._oracle.stored_at.items() if score_type == FIXED]
        passed = int((self._temporal.now - max(stored)).total_seconds()) if stored else FIXED_WINDOW
        return FIXED_WINDOW - 50 - passed

    @choices.step(1, record=records, room=st.sampled_from([1_000, 0, 0]))
    def approvals_go_on_and_on(self, record: str, room: int) -> None:
        """Nothing crashes, but whenever Temporal has been told of one approval, the next one comes."""
        began_at = self._temporal.now
        for _ in range(ROUNDS_OF_A_STREAM):
            self.time_passes(A_FIXED)
            self._relays.tick(room, Tick.SETTLED, sweeps=True)
            self._approve(record, "income")
            self._runs_go_on()
            self._all_go_on(room)
            self.what_always_holds()
        stored_at = self._oracle.stored_at.get((record, FIXED), began_at)
        assert stored_at > began_at, "who approves without an end puts the score off without an end"

    @choices.step(
        4, lambda self: self._relays.claims, which=which, sent=sendings, tick=st.sampled_from([Tick.SETTLED, Tick.SENT])
    )
    def relay_goes_on(self, which: int, sent: Sent, tick: Tick) -> None:
        """A relay that was slow goes on, whatever has become of its claim."""
        claims = self._relays.claims
        self._relays.go_on(claims[which % len(claims)], tick, sent)

    @choices.step(2, lambda self: self._relays.under_way, which=which)
    def call_arrives(self, which: int) -> None:
        """What a relay had sent long ago comes in, for the first time or again."""
        self._relays.arrive(which % len(self._relays.under_way))

    @choices.step(6, lambda self: self._temporal.record_runs, which=which, fates=fates, stop=stops)
    def run_goes_on(self, which: int, fates: Fates, stop: Stop) -> None:
        """A record's run gets so far."""
        runs = list(self._temporal.record_runs.values())
        self._temporal.record_goes_on(runs[which % len(runs)], fates, stop)

    @choices.step(
        2,
        lambda self: any(run.signals for run in self._temporal.record_runs.values()),
        which=which,
        again=st.booleans(),
    )
    def run_reads_a_signal(self, which: int, *, again: bool) -> None:
        """Any of those that it has not read, which it may meet again."""
        signaled = [run for run in self._temporal.record_runs.values() if run.signals]
        run = signaled[which % len(signaled)]
        run.read(run.signals[-1] if again else run.signals.pop(), self._temporal.now)

    @choices.step(
        1,
        lambda self: self._temporal.record_runs,
        which=which,
        how=st.sampled_from(["continues as new", "is cancelled", "is terminated"]),
    )
    def run_is_interrupted(self, which: int, how: str) -> None:
        """Somebody ends it, or it is full."""
        runs = list(self._temporal.record_runs.values())
        run = runs[which % len(runs)]
        if how == "is terminated":
            self._temporal.lose_record(run)
        elif how == "is cancelled":
            self._temporal.cancel_record(run)
        elif not (run.in_hand or run.writing or run.is_cancelled):
            run.continue_as_new(self._temporal.now)

    @choices.step(4, lambda self: self._temporal.batch_runs, which=which, fates=fates, stop=stops)
    def batch_goes_on(self, which: int, fates: Fates, stop: Stop) -> None:
        """One score type of a batch gets so far."""
        parts = [(run, part) for run in self._temporal.batch_runs.values() for part in run.parts]
        self._temporal.batch_goes_on(*parts[which % len(parts)], fates, stop)

    @choices.step(
        1,
        lambda self: self._temporal.batch_runs,
        which=which,
        how=st.sampled_from(["cannot be computed", "is cancelled", "is terminated"]),
    )
    def batch_is_interrupted(self, which: int, how: str) -> None:
        """Somebody ends it, or it takes every worker down."""
        runs = list(self._temporal.batch_runs.values())
        run = runs[which % len(runs)]
        if how == "is terminated":
            self._temporal.lose_batch(run)
        elif how == "is cancelled":
            self._temporal.cancel_batch(run)
        else:
            run.give_up_computing()

    @choices.step(4, lambda self: self._temporal.late, which=which)
    def late_write_gets_through(self, which: int) -> None:
        """An attempt that was given up long ago writes after all, for the first time or again."""
        self._temporal.get_through(which % len(self._temporal.late))

    @choices.step(1, lambda self: self._temporal.record_runs or self._temporal.batch_runs)
    def temporal_is_wiped(self) -> None:
        """All runs are gone."""
        self._temporal.lose_everything()

    @choices.step(3, seconds=st.sampled_from(TIMES))
    def time_passes(self, seconds: int) -> None:
        """For everybody."""
        self._temporal.let_pass(seconds)
        self._database.let_pass(seconds)

    @invariant()
    def what_always_holds(self) -> None:
        """I1, I4, I5, windows and copies."""
        temporal = self._temporal
        self._oracle.check(self._database.look(), temporal.sequences | temporal.lost, temporal.astray, temporal.now)

    def teardown(self) -> None:
        """I1, I2: from wherever it is, when nothing crashes any more, everything ends by itself."""
        # what failed before is the finding
        if sys.exc_info()[0] is None:
            self._settle()
            self._oracle.check_settled(self._database.look())

    def _settle(self) -> None:
        for number in range(ROUNDS_TO_SETTLE):
            self.time_passes(A_DAY)
            self._all_go_on(1_000 if number % 2 else 0)
            self.what_always_holds()
            if not self._oracle.statuses & {"PENDING", "PROCESSING"}:
                return

    def _all_go_on(self, room: int) -> None:
        self._relays.tick(room, Tick.SETTLED, sweeps=True)
        self._runs_go_on()

    def _runs_go_on(self) -> None:
        for run in list(self._temporal.record_runs.values()):
            while not run.is_over and (run.pending.next_due_at() or self._temporal.now) <= self._temporal.now:
                self._temporal.record_goes_on(run, ALL_SCORED, Stop.WRITTEN)
        for batch in list(self._temporal.batch_runs.values()):
            for score_type in list(batch.parts):
                self._temporal.batch_goes_on(batch, score_type, ALL_SCORED, Stop.WRITTEN)


async def _request(session: Session, change: ApprovedChange) -> list[tuple[str, int, dict[str, Any]]]:
    requested = await request_scores(session, change)
    rows = await list_requests(session, change.internal_record_id)
    return [
        (row.score_type, row.sequence, row.contributing_attribute_values) for row in rows if row.score_type in requested
    ]


async def _ask_again(session: Session, record: str) -> list[tuple[str, int]]:
    if not await list_requests(session, record):
        return []
    retried = await retry_scores(session, Actor("somebody", "api"), record)
    return [(one.score_type, one.sequence) for one in retried]


async def _load(session: Session, part: tuple[str, str]) -> Any:
    batch_id, score_type = part
    return await load_batch(session, batch_id, [score_type], ("", ""), 100)


@pytest.fixture
def database(database_url: str) -> Iterator[ProtocolDatabase]:
    """The test's own database, in synchronous steps."""
    database = ProtocolDatabase(database_url)
    yield database
    database.close()


# 0.3 seconds an example on a quiet machine; to make a failing one small takes its time
@pytest.mark.timeout(600 + 3 * EXAMPLES)
def test_i1_i3_i4_i5_hold_whatever_crashes_repeats_or_comes_late_at_any_step(database: ProtocolDatabase) -> None:
    @seed(SEED)
    class OnDatabase(Protocol):
        def __init__(self) -> None:
            super().__init__(database)

    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )

    run_state_machine_as_test(OnDatabase, settings=profile)
