"""The Builder Score's fixed window, as its migrated definition has it: between two computations of a user it passes."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from builder_windows import ADA, AT_ONCE, Builder, a_vouch
from builders.register import BUILDER_SCORE, BUILDERS
from objects import AN_ACTOR
from postgres_sessions import claim_due, records_in, rows_in, set_requests
from scoring.debounce import DebouncePolicy
from scoring.pending import PendingScores
from store.database import SessionFactory
from store.definition_tables import G2PRegisterScoreDefinition
from store.definitions import to_debounce
from store.outbox import RecordRequests, give_back
from store.requests import request_scores
from store.retries import retry_scores
from store.sweeping import SweepPolicy, sweep_overdue

A_SECOND = timedelta(seconds=1)
"""More than the statements of a test take between a trigger and what it causes."""


async def policy_of(sessions: SessionFactory) -> DebouncePolicy:
    """The window of BUILDER_SCORE as it was migrated."""
    of_builders = G2PRegisterScoreDefinition.register_id == BUILDERS
    async with sessions() as session:
        return to_debounce(
            (await session.execute(select(G2PRegisterScoreDefinition.debounce).where(of_builders))).scalar_one()
        )


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

    assert await ada.due_in() == pytest.approx(30, abs=5)


async def test_a_relay_that_is_late_makes_no_window_longer(ada: Builder) -> None:
    await ada.trigger()
    await ada.let_pass(90)
    await ada.trigger()
    await ada.let_pass(90)
    await ada.claim()
    await ada.signal()

    assert await ada.due_in() == pytest.approx(120, abs=5)


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
    assert await ada.due_in() == pytest.approx(200, abs=5)


@pytest.mark.parametrize("is_stored", [True, False], ids=["the run has stored it", "the run still computes"])
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

    assert await ada.due_in() == pytest.approx(300, abs=5)


async def test_what_is_on_its_way_when_the_run_ends_waits_a_window_from_its_trigger(ada: Builder) -> None:
    await ada.signaled()
    await ada.let_pass(250)
    await ada.trigger()
    await ada.let_pass(50)
    await ada.compute()
    await ada.claim()
    await ada.persist()

    ada.run = PendingScores()
    await ada.signal()

    assert await ada.due_in() == pytest.approx(250, abs=5)


async def test_a_new_run_after_temporal_was_wiped_waits_for_what_is_left_of_the_window(ada: Builder) -> None:
    await ada.signaled()
    await ada.let_pass(200)
    await ada.trigger()
    ada.run = PendingScores()
    await ada.let_pass(250)

    await ada.claim()
    await ada.signal()

    assert await ada.due_in() == pytest.approx(50, abs=5)
    assert (await ada.row()).due_at - datetime.now(UTC) == pytest.approx(timedelta(seconds=50), abs=A_SECOND)


async def test_a_run_that_is_cancelled_leaves_what_is_left_of_its_window(ada: Builder) -> None:
    await ada.signaled()
    await ada.let_pass(100)
    [request] = ada.run.take_all()
    async with ada.sessions.begin() as session:
        assert await give_back(session, [RecordRequests(BUILDERS, ADA, [request])], AT_ONCE) == 1
    ada.run = PendingScores()
    await ada.let_pass(50)

    await ada.claim()
    await ada.signal()

    assert await ada.due_in() == pytest.approx(150, abs=5)
    assert (await ada.row()).due_at - datetime.now(UTC) == pytest.approx(timedelta(seconds=150), abs=A_SECOND)


async def test_what_waits_in_the_run_while_an_older_one_is_stored_waits_as_long_as_its_row(ada: Builder) -> None:
    await ada.signaled()
    await ada.let_pass(300)
    await ada.compute()
    await ada.signaled()
    await ada.let_pass(60)

    await ada.persist()

    assert await ada.due_in() == pytest.approx(300, abs=5)
    assert (await ada.row()).due_at - datetime.now(UTC) == pytest.approx(timedelta(seconds=300), abs=A_SECOND)


async def test_a_window_begins_when_the_row_is_there_to_be_changed_not_when_the_transaction_began(
    ada: Builder,
) -> None:
    await ada.signaled()
    await ada.let_pass(300)
    await ada.compute()

    async with ada.sessions.begin() as long:
        began_at = await long.scalar(func.now())
        await ada.persist()
        stored_at = (await ada.row()).compute_latest_timestamp
        await request_scores(long, a_vouch())

    row = await ada.row()
    assert began_at < stored_at <= row.pending_since == row.compute_latest_timestamp
    assert row.due_at == row.pending_since + timedelta(seconds=300)


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
    assert await ada.due_in() == pytest.approx(300, abs=5)


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


async def test_what_a_trigger_takes_out_of_its_batch_is_due_at_once_with_its_newest_state(ada: Builder) -> None:
    await ada.trigger()
    await ada.let_pass(300)
    [batch] = await claim_due(ada.sessions)

    await ada.trigger()

    assert await records_in(ada.sessions, batch, BUILDER_SCORE) == []
    [next_batch] = [other for other in await claim_due(ada.sessions) if other.batch_id != batch.batch_id]
    [in_batch] = await rows_in(ada.sessions, next_batch, BUILDER_SCORE)
    assert in_batch.sequence == (await ada.row()).sequence


async def test_triggers_that_come_while_the_row_is_in_a_batch_begin_no_window_after_window(ada: Builder) -> None:
    await ada.trigger()
    first = await ada.row()
    await ada.let_pass(300)

    for _ in range(5):
        assert len(await claim_due(ada.sessions)) == 1
        await ada.trigger()
        await ada.let_pass(1)

    row = await ada.row()
    assert row.sequence > first.sequence
    assert row.due_at < datetime.now(UTC)
    assert first.pending_since - row.pending_since == timedelta(seconds=305)


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


async def test_a_failed_score_that_is_asked_for_again_of_the_run_in_which_it_failed_waits_out_nothing(
    ada: Builder,
) -> None:
    await ada.signaled()
    await ada.let_pass(300)
    await ada.compute()
    await set_requests(ada.sessions, ADA, compute_status="FAILED", processing_since=None)
    ada.run.failed([BUILDER_SCORE])

    async with ada.sessions.begin() as session:
        await retry_scores(session, AN_ACTOR, ADA)
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
