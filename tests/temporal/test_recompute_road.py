"""A register recomputed by everything that is real: database, relay, Temporal, worker, batch road."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError

from objects import FARMER, an_approval
from recompute_registers import a_recomputed_register
from scoring.recompute_messages import RecomputationStatus
from store.database import SessionFactory
from store.roads import RoadLimits
from temporal_fakes.recomputing import Recomputing
from temporal_fakes.registered import Farmers, until
from workflows.recompute_register import RecomputeRegisterWorkflow

COMPLETED, PAUSED, RUNNING = RecomputationStatus.COMPLETED, RecomputationStatus.PAUSED, RecomputationStatus.RUNNING
CANCELLED = RecomputationStatus.CANCELLED
SCORES = "SELECT count(*) FROM g2p_register_scores"
OPEN = "SELECT count(*) FROM g2p_score_compute_queue WHERE compute_status IN ('PENDING', 'PROCESSING')"
SLOWLY = 50.0
"""Records a second: a page of 50 each second, so that something can happen meanwhile."""


@pytest.fixture
async def recomputing(sessions: SessionFactory, database_url: str, temporal: Client) -> AsyncIterator[Recomputing]:
    """A register of its own, and a relay that looks after lost runs every second."""
    register = await a_recomputed_register(sessions)
    farmers = Farmers(database_url, sessions, temporal, register.register_id)
    relay = farmers.relay(limits=RoadLimits(), poll_interval=0.2, retry_delay=0.2, batch_check_interval=1.0)
    running = asyncio.create_task(relay.run())
    yield Recomputing(register, temporal)
    relay.stop()
    await running


async def test_every_record_gets_its_score_page_by_page_on_the_batch_road(recomputing: Recomputing) -> None:
    register = recomputing.register
    await register.records(300)
    asked = await register.ask()

    async with recomputing.worker(recompute_max_outstanding=100):
        progress = await recomputing.until_status(asked, COMPLETED)
        queried = await recomputing.run.query(RecomputeRegisterWorkflow.progress)
        result = await recomputing.run.result()

    assert (progress.total, progress.looked_at, progress.requested) == (300, 300, 300)
    assert (progress.outstanding, progress.failed) == (0, 0)
    assert queried == progress
    assert result["status"] == "COMPLETED"
    assert await register.execute(SCORES) == 300
    assert await register.execute("SELECT count(DISTINCT computed_score) FROM g2p_register_scores") == 1
    assert await register.execute("SELECT min(triggered_by_cr_id) FROM g2p_register_scores") == asked
    assert await register.execute("SELECT count(*) FROM g2p_register_score_history") == 300
    assert await register.execute("SELECT count(*) FROM g2p_score_compute_queue WHERE on_record_road") == 0


async def test_a_page_costs_few_events(recomputing: Recomputing) -> None:
    await recomputing.register.records(300)
    asked = await recomputing.ask_unheard()

    async with recomputing.worker():
        await recomputing.start()
        await recomputing.until_status(asked, COMPLETED)
        await recomputing.run.result()
    events = await recomputing.events()

    # six pages, an empty one, and the end, each an activity and the task that its end causes; started, first task, end
    assert sum(events.values()) <= 8 * 6 + 5
    assert "TIMER_STARTED" not in events


async def test_a_long_one_continues_as_new_and_loses_nothing(recomputing: Recomputing) -> None:
    await recomputing.register.records(300)
    asked = await recomputing.ask_unheard()

    async with recomputing.worker():
        first = await recomputing.start(steps_a_run=2)
        progress = await recomputing.until_status(asked, COMPLETED)
        await recomputing.until_run_is(WorkflowExecutionStatus.COMPLETED)

    assert (await first.describe()).status is WorkflowExecutionStatus.CONTINUED_AS_NEW
    assert (progress.looked_at, progress.requested) == (300, 300)
    assert await recomputing.register.execute("SELECT count(*) FROM g2p_register_score_history") == 300


async def test_a_pause_holds_it_and_a_resume_lets_it_go_on(recomputing: Recomputing) -> None:
    await recomputing.register.records(150)
    asked = await recomputing.register.ask(rate=SLOWLY)

    async with recomputing.worker():
        await recomputing.until_looked_at(asked, 50)
        await recomputing.control(asked, PAUSED)
        held_at = (await recomputing.register.progress(asked)).looked_at
        await until_paused(recomputing)
        await until_looked_after(recomputing)
        still_at = (await recomputing.register.progress(asked)).looked_at
        await recomputing.control(asked, RUNNING)
        progress = await recomputing.until_status(asked, COMPLETED)

    assert held_at == still_at < 150
    assert progress.requested == 150


async def until_looked_after(recomputing: Recomputing) -> None:
    """Wait until the relay has looked after it twice more."""
    looked_at = set()

    async def twice() -> bool:
        looked_at.add(await recomputing.register.execute("SELECT start_after FROM g2p_score_recomputations"))
        return len(looked_at) > 4

    await until(twice)


async def until_paused(recomputing: Recomputing) -> None:
    """Wait until the run knows of it."""

    async def is_paused() -> bool:
        return bool((await recomputing.run.query(RecomputeRegisterWorkflow.progress)).status == PAUSED)

    await until(is_paused)


async def test_the_signals_pause_and_resume_whatever_comes_with_them(recomputing: Recomputing) -> None:
    await recomputing.register.records(150)
    asked = await recomputing.register.ask(rate=SLOWLY)

    async with recomputing.worker():
        await recomputing.until_looked_at(asked, 50)
        await recomputing.run.signal("pause", args=["now", {"by": 1}])
        held = await recomputing.until_status(asked, PAUSED)
        await recomputing.run.signal("resume")
        progress = await recomputing.until_status(asked, COMPLETED)

    assert held.looked_at < 150
    assert progress.requested == 150


async def test_a_paused_one_stays_paused_when_its_run_is_lost(recomputing: Recomputing) -> None:
    await recomputing.register.records(100)
    asked = await recomputing.register.ask(rate=SLOWLY)

    async with recomputing.worker():
        await recomputing.until_looked_at(asked, 50)
        await recomputing.control(asked, PAUSED)
        await until_paused(recomputing)
        await recomputing.run.terminate()
        await recomputing.until_run_is(WorkflowExecutionStatus.RUNNING)
        await until_paused(recomputing)
        held = await recomputing.register.progress(asked)
        await recomputing.control(asked, RUNNING)
        await recomputing.until_status(asked, COMPLETED)

    assert (held.status, held.looked_at) == (PAUSED, 50)


async def test_a_cancelled_run_ends_it_and_what_was_requested_is_computed(recomputing: Recomputing) -> None:
    await recomputing.register.records(150)
    asked = await recomputing.register.ask(rate=SLOWLY)

    async with recomputing.worker():
        await recomputing.until_looked_at(asked, 50)
        await recomputing.run.cancel()
        progress = await recomputing.until_status(asked, CANCELLED)
        with pytest.raises(WorkflowFailureError):
            await recomputing.run.result()
        await until_nothing_is_open(recomputing)

    assert (await recomputing.run.describe()).status is WorkflowExecutionStatus.CANCELED
    assert progress.requested < 150
    assert await recomputing.register.execute(SCORES) == progress.requested


async def until_nothing_is_open(recomputing: Recomputing) -> None:
    """Wait until every request has ended."""

    async def nothing_is_open() -> bool:
        return bool(await recomputing.register.execute(OPEN) == 0)

    await until(nothing_is_open)


@pytest.mark.parametrize("paused_before", [False, True])
async def test_a_cancel_in_the_table_ends_the_run(recomputing: Recomputing, *, paused_before: bool) -> None:
    await recomputing.register.records(150)
    asked = await recomputing.register.ask(rate=SLOWLY)

    async with recomputing.worker():
        await recomputing.until_looked_at(asked, 50)
        if paused_before:
            await recomputing.control(asked, PAUSED)
            await until_paused(recomputing)
        await recomputing.control(asked, CANCELLED)
        await recomputing.until_run_is(WorkflowExecutionStatus.COMPLETED)
        result = await recomputing.run.result()
        await until_nothing_is_open(recomputing)
        start_after = await recomputing.register.execute("SELECT start_after FROM g2p_score_recomputations")

    assert result["status"] == "CANCELLED"
    assert result["requested"] < 150
    assert start_after is None


async def test_a_terminated_run_is_started_again_and_goes_on_from_the_cursor(recomputing: Recomputing) -> None:
    register = recomputing.register
    await register.records(200)
    asked = await register.ask(rate=SLOWLY)

    async with recomputing.worker():
        await recomputing.until_looked_at(asked, 100)
        await recomputing.run.terminate()
        joined = await register.asked()
        progress = await recomputing.until_status(asked, COMPLETED)

    assert (joined.recomputation_id, joined.joined) == (asked, True)
    assert (progress.looked_at, progress.requested) == (200, 200)
    assert await register.execute("SELECT count(*) FROM g2p_register_score_history") == 200


async def test_what_fails_for_good_is_counted_and_holds_up_nothing(recomputing: Recomputing) -> None:
    register = recomputing.register
    await register.records(60)
    await register.records(3, FARMER | {"income": "a lot"})
    asked = await register.ask()

    async with recomputing.worker():
        progress = await recomputing.until_status(asked, COMPLETED)

    assert (progress.requested, progress.failed) == (63, 3)
    assert await register.execute(SCORES) == 60
    assert await register.execute("SELECT failed FROM g2p_score_recomputations") == 3


async def test_an_approval_meanwhile_wins(recomputing: Recomputing) -> None:
    register = recomputing.register
    records = await register.records(100)
    asked = await register.ask()

    async def approve(record: str) -> str:
        async with register.sessions.begin() as session:
            return (await an_approval(session, register.register_id, {"income": 1}, record)).change_request_id

    async with recomputing.worker(recompute_page_size=20, recompute_max_outstanding=20):
        await recomputing.until_looked_at(asked, 20)
        approved = {record: await approve(record) for record in records}
        await recomputing.until_status(asked, COMPLETED)
        await until_nothing_is_open(recomputing)

    farmers = Farmers("", register.sessions, recomputing.client, register.register_id)
    scores = {record: (await farmers.scores(record))["PMT_SCORE"] for record in records}
    assert {score.computed_score for score in scores.values()} == {2.23}
    by_approval = [record for record in records if scores[record].triggered_by_cr_id == approved[record]]
    by_page_after_it = [record for record in records if scores[record].triggered_by_cr_id == asked]
    assert len(by_approval) + len(by_page_after_it) == len(records)
    assert by_approval


async def test_at_a_rate_it_waits_between_pages_on_a_timer_of_the_run(recomputing: Recomputing) -> None:
    await recomputing.register.records(50)
    asked = await recomputing.ask_unheard(rate=20.0)

    async with recomputing.worker():
        await recomputing.start()
        await recomputing.until_status(asked, COMPLETED)
    history = await recomputing.run.fetch_history()

    timers = [
        event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta().total_seconds()
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED
    ]
    assert timers == [1.0, 1.0, 0.5]


async def test_a_definition_that_is_disabled_meanwhile_ends_it_with_a_reason(recomputing: Recomputing) -> None:
    await recomputing.register.records(150)
    asked = await recomputing.register.ask(rate=SLOWLY)

    async with recomputing.worker():
        await recomputing.until_looked_at(asked, 50)
        await recomputing.register.change_definition(is_enabled=False)
        progress = await recomputing.until_status(asked, RecomputationStatus.FAILED)
        result = await recomputing.run.result()

    assert progress.reason == "the score definition for PMT_SCORE was disabled"
    assert result["status"] == "FAILED"


async def test_a_join_after_the_definition_has_changed_begins_again(recomputing: Recomputing) -> None:
    register = recomputing.register
    await register.records(150)
    asked = await register.ask(rate=SLOWLY)

    async with recomputing.worker():
        await recomputing.until_looked_at(asked, 100)
        await register.change_definition(score_config={"weights": {"income": 2}})
        joined = await register.ask(only_stale=True, rate=10_000)
        await recomputing.until_status(asked, COMPLETED)

    assert joined == asked
    assert await register.execute("SELECT count(*) FROM g2p_register_scores WHERE definition_version = 2") == 150


async def test_a_new_one_right_after_the_end_of_another_is_not_lost(recomputing: Recomputing) -> None:
    await recomputing.register.records(10)

    async with recomputing.worker():
        for _ in range(5):
            asked = await recomputing.register.ask()
            await recomputing.until_status(asked, COMPLETED)

    assert await recomputing.register.execute("SELECT count(*) FROM g2p_register_score_history") == 50


async def test_only_stale_computes_nothing_again_that_is_fresh(recomputing: Recomputing) -> None:
    register = recomputing.register
    await register.records(60)

    async with recomputing.worker():
        await recomputing.until_status(await register.ask(), COMPLETED)
        again = await recomputing.until_status(await register.ask(only_stale=True), COMPLETED)

    assert (again.looked_at, again.requested) == (60, 0)
    assert await register.execute("SELECT count(*) FROM g2p_register_score_history") == 60


async def test_another_worker_goes_on_where_one_went_away(recomputing: Recomputing) -> None:
    await recomputing.register.records(150)
    asked = await recomputing.register.ask(rate=SLOWLY)

    async with recomputing.worker():
        await recomputing.until_looked_at(asked, 50)
    async with recomputing.worker():
        progress = await recomputing.until_status(asked, COMPLETED)

    assert (progress.looked_at, progress.requested) == (150, 150)
    assert await recomputing.register.execute("SELECT count(*) FROM g2p_register_score_history") == 150


async def test_a_run_that_is_cancelled_while_it_is_paused_ends_it(recomputing: Recomputing) -> None:
    asked = await recomputing.register.ask()
    await recomputing.control(asked, PAUSED)

    async with recomputing.worker():
        await recomputing.until_run_is(WorkflowExecutionStatus.RUNNING)
        await until_paused(recomputing)
        await recomputing.run.cancel()
        await recomputing.until_status(asked, CANCELLED)
        await recomputing.until_run_is(WorkflowExecutionStatus.CANCELED)
