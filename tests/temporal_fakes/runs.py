"""A record's runs: signaled as the relay signals, looked at through their histories."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.worker import Worker

from objects import an_id
from scoring.messages import ComputePolicy, RecordScoring, ScoreRequest, ScoresRequested
from scoring.names import score_record_workflow_id
from temporal_fakes.activities import PATIENCE_SECONDS, FakeActivities
from workflows.score_record import ScoreRecordWorkflow

IMPATIENT = ComputePolicy(initial_interval=0.05, maximum_interval=0.05, maximum_attempts=3)
"""Three attempts, one soon after the other."""

NEVER_TIRED = ComputePolicy(initial_interval=0.05, maximum_interval=0.05, maximum_attempts=0)
"""Attempts without end."""

WORKER_IDENTITY = "a worker of the tests"

Handle = WorkflowHandle[ScoreRecordWorkflow, None]


@dataclass
class RecordRuns:
    """The runs of one record, on a task queue of its own; `latest` is the run that took the latest signal."""

    client: Client
    internal_record_id: str
    compute_policy: ComputePolicy
    latest: Handle | None = None

    @property
    def workflow_id(self) -> str:
        """The id of the record's workflow."""
        return score_record_workflow_id("farmers", self.internal_record_id)

    @property
    def task_queue(self) -> str:
        """Where this record's worker polls."""
        return f"tests-{self.internal_record_id}"

    async def signal(self, *requests: ScoreRequest) -> None:
        """Signal-with-start, as the relay does."""
        await self.signal_raw(ScoresRequested(list(requests)))

    async def signal_raw(self, *arguments: Any, name: str = "scores_requested", **started_with: Any) -> None:
        """Signal-with-start with whatever arguments; what it starts with can be more than the relay says."""
        self.latest = await self.client.start_workflow(
            ScoreRecordWorkflow.run,
            RecordScoring("farmers", self.internal_record_id, self.compute_policy, **started_with),
            id=self.workflow_id,
            task_queue=self.task_queue,
            start_signal=name,
            start_signal_args=arguments,
        )

    async def cancel(self) -> None:
        """Ask the latest run to end."""
        assert self.latest is not None
        await self.latest.cancel()

    async def ended(self) -> None:
        """Wait until the latest run, or what it continued as, has completed; skips time where the server can."""
        assert self.latest is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.latest.result()

    async def history(self, run_id: str | None = None) -> WorkflowHistory:
        """The history of a run, by default the latest."""
        return await self.client.get_workflow_handle(self.workflow_id, run_id=run_id).fetch_history()

    async def events(self) -> Counter[str]:
        """How many events of each kind the latest run's history has."""
        return counted((await self.history()).events)

    async def until_history(self, holds: Callable[[Counter[str]], bool]) -> None:
        """Wait until the latest run's history has these numbers of events; the server tells of none by itself."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds(await self.events()):
                await asyncio.sleep(0.05)

    async def until_settled(self) -> None:
        """Wait until the run has taken in every signal so far."""
        await self.until_history(lambda events: events["WORKFLOW_TASK_SCHEDULED"] == _finished_tasks(events))


def _finished_tasks(events: Counter[str]) -> int:
    return sum(events[f"WORKFLOW_TASK_{end}"] for end in ("COMPLETED", "FAILED", "TIMED_OUT"))


def counted(events: Sequence[HistoryEvent]) -> Counter[str]:
    """How many events there are of each kind, by names such as TIMER_STARTED."""
    return Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in events)


@asynccontextmanager
async def a_record(
    client: Client, fakes: FakeActivities, compute_policy: ComputePolicy = IMPATIENT
) -> AsyncIterator[RecordRuns]:
    """A record without any run, and a worker for it."""
    record = RecordRuns(client, an_id(), compute_policy)
    async with a_worker(record, fakes):
        yield record


def a_worker(record: RecordRuns, fakes: FakeActivities) -> Worker:
    """A worker for one record's runs, as production has it but for the activities."""
    return Worker(
        record.client,
        task_queue=record.task_queue,
        workflows=[ScoreRecordWorkflow],
        activities=fakes.registered,
        identity=WORKER_IDENTITY,
        graceful_shutdown_timeout=timedelta(0),
    )
