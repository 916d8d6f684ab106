"""One round of a record's run: what is due is computed concurrently and persisted together, at a known cost."""

import asyncio
import logging

import pytest
from temporalio.client import Client
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from objects import a_request
from scoring.debounce import DebouncePolicy
from scoring.messages import ComputedScore, ComputePolicy, RecordScoring, ScoreOutcomes, ScoreRequest
from temporal_fakes.activities import FakeActivities, the_sequence
from temporal_fakes.runs import RecordRuns, a_record, a_worker
from workflows.score_record import ScoreRecordWorkflow

A_WINDOW = DebouncePolicy(0.3, 0.3)


async def test_two_score_types_of_one_signal_are_persisted_by_one_activity(temporal: Client) -> None:
    fakes = FakeActivities()
    pmt, fsf = a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE")

    async with a_record(temporal, fakes) as record:
        await record.signal(pmt, fsf)
        await record.ended()

    both = [ComputedScore(fsf, 2.0, "a formula", "1"), ComputedScore(pmt, 1.0, "a formula", "1")]
    assert fakes.persisted == [ScoreOutcomes("farmers", record.internal_record_id, computed=both)]


async def test_score_types_are_computed_concurrently(temporal: Client) -> None:
    fakes = FakeActivities()
    meeting = asyncio.Barrier(2)

    async def meet(request: ScoreRequest) -> float:
        await meeting.wait()  # passes only when both are there
        return await the_sequence(request)

    fakes.serve("PMT_SCORE", meet)
    fakes.serve("FSF_SCORE", meet)

    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE"))
        await record.ended()

    assert fakes.most_at_once == 2


async def test_a_change_with_two_score_types_costs_one_timer_and_at_most_30_events(temporal: Client) -> None:
    fakes = FakeActivities()

    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1, "PMT_SCORE", debounce=A_WINDOW), a_request(2, "FSF_SCORE", debounce=A_WINDOW))
        await record.ended()
        events = await record.events()

    assert events["TIMER_STARTED"] == events["TIMER_FIRED"] == 1
    assert events["WORKFLOW_EXECUTION_SIGNALED"] == 1
    assert events.total() <= 30


async def test_a_request_without_a_window_starts_no_timer(temporal: Client) -> None:
    fakes = FakeActivities()

    async with a_record(temporal, fakes) as record:
        await record.signal(a_request())
        await record.ended()

        assert (await record.events())["TIMER_STARTED"] == 0


async def test_a_run_that_was_never_signaled_ends_at_once(temporal: Client) -> None:
    fakes = FakeActivities()

    async with a_record(temporal, fakes) as record:
        started = RecordScoring("farmers", record.internal_record_id, ComputePolicy())
        await temporal.execute_workflow(
            ScoreRecordWorkflow.run, started, id=record.workflow_id, task_queue=record.task_queue
        )
        events = await record.events()

    assert fakes.tried == []
    assert events.total() == 5


async def test_the_run_is_at_home_in_the_sandbox(temporal: Client, caplog: pytest.LogCaptureFixture) -> None:
    fakes = FakeActivities()
    record = RecordRuns(temporal, "a-record-in-the-sandbox", ComputePolicy())
    worker = a_worker(record, fakes)

    with caplog.at_level(logging.WARNING):
        async with worker:
            await record.signal(a_request())
            await record.ended()

    assert isinstance(worker.config()["workflow_runner"], SandboxedWorkflowRunner)
    assert caplog.records == []
