"""Runs that between them take every branch of ScoreBatchWorkflow, on activities that follow a script."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from objects import an_id
from scoring.batch_messages import BatchGivenBack, BatchGroup, BatchScoring, BatchToCompute, ComputedBatch
from scoring.messages import ComputePolicy
from scoring.names import score_batch_workflow_id
from temporal_fakes.activities import PATIENCE_SECONDS
from temporal_fakes.runs import WORKER_IDENTITY
from temporal_fakes.scenarios import Scenario
from workflows.score_batch import ScoreBatchWorkflow

ARITHMETIC = BatchGroup(["FSF_SCORE", "PMT_SCORE"], locally=True)
AWAITING = BatchGroup(["AWAITS"])

FAILS_FOR_NOW = ApplicationError("more than half of the batch failed for now", type="ApplicationError")
FAILS_FOR_GOOD = ApplicationError("the batch cannot be computed", type="ScoringError", non_retryable=True)


class ScriptedBatch:
    """Computes groups as scripted: what stands there is raised or waited for, one attempt after the other."""

    def __init__(self, **script: list[Exception | asyncio.Event]) -> None:
        self._script = script
        self.computed: list[tuple[str, bool]] = []
        self.persisted: list[ComputedBatch] = []
        self.given_back: list[BatchGivenBack] = []

    @activity.defn(name="compute_batch")
    async def compute_batch(self, task: BatchToCompute) -> ComputedBatch:
        """As the script says."""
        self.computed.append((task.score_types[0], activity.info().is_local))
        left = self._script.get(task.score_types[0])
        if left:
            next_one = left.pop(0)
            if isinstance(next_one, Exception):
                raise next_one
            await next_one.wait()
        return ComputedBatch(task.batch_id)

    @activity.defn(name="persist_batch")
    async def persist_batch(self, batch: ComputedBatch) -> None:
        """Remember it."""
        self.persisted.append(batch)

    @activity.defn(name="give_back_batch")
    async def give_back_batch(self, given_back: BatchGivenBack) -> None:
        """Remember it."""
        self.given_back.append(given_back)

    async def until_computing(self, score_type: str) -> None:
        """Wait until this group's computation has begun."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while score_type not in [begun for begun, _ in self.computed]:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def a_batch_run(
    client: Client, batch: ScriptedBatch, *groups: BatchGroup
) -> AsyncIterator[WorkflowHandle[Any, Any]]:
    """A run and its worker, on a task queue of its own."""
    batch_id = an_id()
    handle = await client.start_workflow(
        ScoreBatchWorkflow.run,
        BatchScoring(batch_id, "farmers", list(groups), ComputePolicy()),
        id=score_batch_workflow_id("farmers", batch_id),
        task_queue=f"tests-{batch_id}",
    )
    worker = Worker(
        client,
        task_queue=f"tests-{batch_id}",
        workflows=[ScoreBatchWorkflow],
        activities=[batch.compute_batch, batch.persist_batch, batch.give_back_batch],
        identity=WORKER_IDENTITY,
        graceful_shutdown_timeout=timedelta(0),
    )
    async with worker, asyncio.timeout(PATIENCE_SECONDS):
        yield handle


async def two_groups(client: Client) -> WorkflowHistory:
    """One computed locally, the other by an activity of its own."""
    async with a_batch_run(client, ScriptedBatch(), ARITHMETIC, AWAITING) as run:
        await run.result()
        return await run.fetch_history()


async def arithmetic_that_fails_once(client: Client) -> WorkflowHistory:
    """Tried again by an activity of its own."""
    async with a_batch_run(client, ScriptedBatch(FSF_SCORE=[FAILS_FOR_NOW]), ARITHMETIC) as run:
        await run.result()
        return await run.fetch_history()


async def a_group_that_cannot_be_computed(client: Client) -> WorkflowHistory:
    """Handed to the record road, while the other is stored."""
    async with a_batch_run(client, ScriptedBatch(AWAITS=[FAILS_FOR_GOOD]), ARITHMETIC, AWAITING) as run:
        await run.result()
        return await run.fetch_history()


async def cancel(client: Client) -> WorkflowHistory:
    """In the middle of a computation."""
    batch = ScriptedBatch(AWAITS=[asyncio.Event()])
    async with a_batch_run(client, batch, AWAITING) as run:
        await batch.until_computing("AWAITS")
        await run.cancel()
        while (await run.describe()).close_time is None:
            await asyncio.sleep(0.02)
        return await run.fetch_history()


SCENARIOS: Mapping[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (two_groups, arithmetic_that_fails_once, a_group_that_cannot_be_computed, cancel)
}
