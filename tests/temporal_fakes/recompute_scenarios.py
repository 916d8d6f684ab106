"""Runs that between them take every branch of RecomputeRegisterWorkflow, on activities that follow a script."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeAlias

from temporalio import activity
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from objects import an_id
from scoring.names import recompute_workflow_id
from scoring.recompute_messages import (
    RecomputationChange,
    RecomputationProgress,
    RecomputationStep,
    RegisterRecomputation,
)
from temporal_fakes.activities import PATIENCE_SECONDS
from temporal_fakes.runs import WORKER_IDENTITY
from temporal_fakes.scenarios import Scenario
from workflows.recompute_register import RecomputeRegisterWorkflow

Handle: TypeAlias = WorkflowHandle[Any, Any]

PAGE = RecomputationProgress("recompute:1", "RUNNING", total=10, looked_at=5, requested=5, outstanding=5, page=5)
NO_ROOM = RecomputationProgress("recompute:1", "RUNNING", total=10, looked_at=5, requested=5, outstanding=5)
AT_A_RATE = RecomputationProgress("recompute:1", "RUNNING", total=10, looked_at=5, requested=5, rate=50, page=5)
ALL = RecomputationProgress("recompute:1", "RUNNING", 10, 10, 10, outstanding=5, page=5, all_requested=True)
PAUSED = RecomputationProgress("recompute:1", "PAUSED", total=10, looked_at=5, requested=5)
DONE = RecomputationProgress("recompute:1", "COMPLETED", 10, 10, 10, all_requested=True)


class ScriptedSteps:
    """Each step, whichever it is, answers what the script says next, and the last of it for ever."""

    def __init__(self, *script: RecomputationProgress | Exception | asyncio.Event) -> None:
        self._script = list(script)
        self.taken: list[str] = []
        self.changes: list[RecomputationChange] = []

    async def _next(self, name: str) -> RecomputationProgress:
        self.taken.append(name)
        answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            return await self._next(name)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @activity.defn(name="request_page")
    async def request_page(self, step: RecomputationStep) -> RecomputationProgress:
        """As the script says."""
        del step
        return await self._next("request_page")

    @activity.defn(name="complete_recomputation")
    async def complete_recomputation(self, step: RecomputationStep) -> RecomputationProgress:
        """As the script says."""
        del step
        return await self._next("complete_recomputation")

    @activity.defn(name="change_recomputation")
    async def change_recomputation(self, change: RecomputationChange) -> RecomputationProgress:
        """It is so."""
        self.changes.append(change)
        return RecomputationProgress("recompute:1", change.status, reason=change.reason)

    async def until_taken(self, steps: int) -> None:
        """Wait until so many steps have begun."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.taken) < steps:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def a_run(client: Client, steps: ScriptedSteps, **started_with: Any) -> AsyncIterator[Handle]:
    """A run and its worker, on a task queue of its own."""
    register_id = an_id()
    handle = await client.start_workflow(
        RecomputeRegisterWorkflow.run,
        RegisterRecomputation(register_id, "PMT_SCORE", **started_with),
        id=recompute_workflow_id(register_id, "PMT_SCORE"),
        task_queue=f"tests-{register_id}",
    )
    worker = Worker(
        client,
        task_queue=f"tests-{register_id}",
        workflows=[RecomputeRegisterWorkflow],
        activities=[steps.request_page, steps.complete_recomputation, steps.change_recomputation],
        identity=WORKER_IDENTITY,
        graceful_shutdown_timeout=timedelta(0),
    )
    async with worker, asyncio.timeout(PATIENCE_SECONDS):
        yield handle


async def pages_and_the_end(client: Client) -> WorkflowHistory:
    """Two pages, no room for a while, and outstanding scores at the end."""
    async with a_run(client, ScriptedSteps(PAGE, NO_ROOM, ALL, ALL, DONE)) as run:
        await run.result()
        return await run.fetch_history()


async def at_a_rate(client: Client) -> WorkflowHistory:
    """Timers between pages."""
    async with a_run(client, ScriptedSteps(AT_A_RATE, AT_A_RATE, ALL, DONE)) as run:
        await run.result()
        return await run.fetch_history()


async def a_pause_by_signals(client: Client) -> WorkflowHistory:
    """Paused and resumed by signals, the first with arguments that nobody expects."""
    gate = asyncio.Event()
    steps = ScriptedSteps(PAGE, gate, PAGE, DONE)
    async with a_run(client, steps) as run:
        await steps.until_taken(2)
        await run.signal("pause", args=["now", 1])
        gate.set()
        while len(steps.changes) < 1:
            await asyncio.sleep(0.02)
        await run.signal("resume")
        await run.result()
        return await run.fetch_history()


async def a_pause_in_the_table(client: Client) -> WorkflowHistory:
    """Paused and resumed by others; the relay tells it to look."""
    steps = ScriptedSteps(PAGE, PAUSED, PAGE, DONE)
    async with a_run(client, steps) as run:
        await steps.until_taken(2)
        while (await run.query(RecomputeRegisterWorkflow.progress)).status != "PAUSED":
            await asyncio.sleep(0.02)
        await run.signal("look_again")
        await run.result()
        return await run.fetch_history()


async def another_right_after_the_end(client: Client) -> WorkflowHistory:
    """Told to look while it ends: it does not return before it has."""
    gate = asyncio.Event()
    steps = ScriptedSteps(ALL, gate, DONE, PAGE, DONE)
    async with a_run(client, steps) as run:
        await steps.until_taken(2)
        await run.signal("look_again")
        gate.set()
        await run.result()
        return await run.fetch_history()


async def cancel(client: Client) -> WorkflowHistory:
    """In the middle of a page."""
    steps = ScriptedSteps(PAGE, asyncio.Event())
    async with a_run(client, steps) as run:
        await steps.until_taken(2)
        await run.cancel()
        while (await run.describe()).close_time is None:
            await asyncio.sleep(0.02)
        return await run.fetch_history()


async def a_failure(client: Client) -> WorkflowHistory:
    """What no retry mends, after what one does."""
    away = ApplicationError("the page could not be requested", type="OSError")
    disabled = ApplicationError("PMT_SCORE was disabled", type="ScoreDefinitionDisabled", non_retryable=True)
    async with a_run(client, ScriptedSteps(PAGE, away, disabled)) as run:
        await run.result()
        return await run.fetch_history()


async def continue_as_new(client: Client) -> WorkflowHistory:
    """The first of several runs."""
    async with a_run(client, ScriptedSteps(PAGE, PAGE, PAGE, ALL, DONE), steps_a_run=2) as run:
        await run.result()
        return await client.get_workflow_handle(run.id, run_id=run.first_execution_run_id).fetch_history()


SCENARIOS: Mapping[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        pages_and_the_end,
        at_a_rate,
        a_pause_by_signals,
        a_pause_in_the_table,
        another_right_after_the_end,
        cancel,
        a_failure,
        continue_as_new,
    )
}
