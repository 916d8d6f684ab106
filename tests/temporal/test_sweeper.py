"""Runs that somebody or something took away come back by themselves, through the sweeper."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from objects import a_request
from scoring.debounce import MAX_SECONDS, DebouncePolicy
from scoring.messages import RecordScoring, ScoreRequest, ScoresRequested
from scoring.names import TASK_QUEUE, score_record_workflow_id
from store.sweeping import SweepPolicy
from temporal_fakes.registered import THREE_QUICK_ATTEMPTS, Farmers
from workflows.score_record import ScoreRecordWorkflow

COMPLETED = {"FSF_SCORE": "COMPLETED", "PMT_SCORE": "COMPLETED"}
SOON = SweepPolicy(sweep_after=0.3, sweep_interval=0.1)

pytestmark = pytest.mark.usefixtures("worker")


async def signal_by_hand(farmers: Farmers, record: str, request: ScoreRequest) -> None:
    """Signal the record's run past the relay, starting one where none is open."""
    await farmers.client.start_workflow(
        ScoreRecordWorkflow.run,
        RecordScoring(farmers.register_id, record, THREE_QUICK_ATTEMPTS),
        id=score_record_workflow_id(farmers.register_id, record),
        task_queue=TASK_QUEUE,
        start_signal="scores_requested",
        start_signal_args=[ScoresRequested([request])],
    )


async def swept_by(farmers: Farmers, policy: SweepPolicy) -> AsyncIterator[None]:
    """A relay that sweeps by this policy."""
    relay = farmers.relay(sweep=policy)
    running = asyncio.create_task(relay.run())
    yield
    relay.stop()
    await running


@pytest.fixture
async def sweeping(farmers: Farmers) -> AsyncIterator[None]:
    async for _ in swept_by(farmers, SOON):
        yield


@pytest.fixture
async def restarting(farmers: Farmers) -> AsyncIterator[None]:
    async for _ in swept_by(farmers, SweepPolicy(sweep_after=0.3, sweep_interval=0.1, restart_after=1)):
        yield


async def in_its_window(farmers: Farmers) -> str:
    """A record whose run waits out its window."""
    await farmers.execute(
        """UPDATE g2p_register_score_definitions SET debounce = '{"quiet_period": 1.5, "max_wait": 1.5}'"""
    )
    record = await farmers.approve()
    await farmers.until_statuses(record, FSF_SCORE="PROCESSING", PMT_SCORE="PROCESSING")
    return record


@pytest.mark.usefixtures("sweeping")
async def test_i1_a_terminated_run_comes_back_by_itself(farmers: Farmers) -> None:
    record = await in_its_window(farmers)

    await farmers.run_of(record).terminate()

    await farmers.until_statuses(record, **COMPLETED)
    assert len(await farmers.history(record, "PMT_SCORE")) == 1


@pytest.mark.usefixtures("sweeping")
async def test_i1_a_cancelled_run_comes_back_by_itself(farmers: Farmers) -> None:
    record = await in_its_window(farmers)

    await farmers.run_of(record).cancel()

    await farmers.until_statuses(record, **COMPLETED)
    assert len(await farmers.history(record, "PMT_SCORE")) == 1


@pytest.mark.usefixtures("restarting")
async def test_i9_a_signal_of_the_far_future_hides_no_approval_for_ever(farmers: Farmers) -> None:
    record = await farmers.approve()
    await farmers.until_statuses(record, **COMPLETED)
    await signal_by_hand(farmers, record, a_request(2**62, debounce=DebouncePolicy(MAX_SECONDS, MAX_SECONDS)))

    await farmers.approve({"income": 1}, record)

    await farmers.until_statuses(record, **COMPLETED)
    assert (await farmers.scores(record))["PMT_SCORE"].computed_score == pytest.approx(0.4 * 1 + 0.3 * 2.1 + 0.3 * 4)
