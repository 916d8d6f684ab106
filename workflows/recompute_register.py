"""RecomputeRegisterWorkflow: page after page through a register, as fast as its scores follow."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.recompute import RecomputeActivities
    from scoring.recompute_messages import (
        RecomputationChange,
        RecomputationProgress,
        RecomputationStatus,
        RecomputationStep,
        RegisterRecomputation,
    )
    from workflows.policies import OF_CURRENT_VERSION, WRITE_RETRIES, WRITE_TIMEOUT

STEP_TIMEOUT = timedelta(minutes=2)
HEARTBEAT_TIMEOUT = timedelta(seconds=30)

Step: TypeAlias = Callable[[RecomputeActivities, RecomputationStep], Awaitable[RecomputationProgress]]


@workflow.defn(name="RecomputeRegisterWorkflow")
class RecomputeRegisterWorkflow:
    """The recomputation that a register and score type have in PostgreSQL goes on until it has ended there.

    Where it is, and whether it is paused, stands in its row: a run that is lost is replaced by one that goes on.
    """

    @workflow.init
    def __init__(self, recomputation: RegisterRecomputation) -> None:
        self._recomputation = recomputation
        self._progress = recomputation.progress
        self._wanted: RecomputationStatus | None = None
        self._told_to_look = False
        self._steps = 0

    @workflow.signal(name="pause")
    def pause(self, *_: Any) -> None:
        """Request no further page."""
        self._wanted = RecomputationStatus.PAUSED

    @workflow.signal(name="resume")
    def resume(self, *_: Any) -> None:
        """Go on after a pause."""
        self._wanted = RecomputationStatus.RUNNING

    @workflow.signal(name="look_again")
    def look_again(self, *_: Any) -> None:
        """Somebody has changed the row: what a relay sends."""
        self._told_to_look = True

    @workflow.query(name="progress")
    def progress(self) -> RecomputationProgress:
        """How far it was after the latest step."""
        return self._progress

    @workflow.run
    async def run(self, recomputation: RegisterRecomputation) -> RecomputationProgress:
        """Take steps until it has ended; no await lies between that look and the return."""
        del recomputation
        try:
            await self._go_on_until_ended()
        except (asyncio.CancelledError, ActivityError):
            await self._change(RecomputationStatus.CANCELLED)
            raise
        return self._progress

    async def _go_on_until_ended(self) -> None:
        while True:
            self._told_to_look = False
            await self._take_step()
            if self._progress.status == RecomputationStatus.PAUSED:
                await workflow.wait_condition(self._is_told)
            elif not self._has_ended():
                await self._keep_to_rate()
            elif not self._is_told():
                return
            if self._is_full():
                carried_over = replace(self._recomputation, progress=self._progress)
                workflow.continue_as_new(carried_over, initial_versioning_behavior=OF_CURRENT_VERSION)

    async def _take_step(self) -> None:
        self._steps += 1
        try:
            if self._wanted is not None:
                wanted, self._wanted = self._wanted, None
                await self._change(wanted)
            elif self._progress.all_requested:
                self._progress = await self._execute(RecomputeActivities.complete_recomputation)
            else:
                self._progress = await self._execute(RecomputeActivities.request_page)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            await self._change(RecomputationStatus.FAILED, _reason_of(error))

    async def _execute(self, step: Step) -> RecomputationProgress:
        recomputation = self._recomputation
        return await workflow.execute_activity_method(
            step,
            RecomputationStep(recomputation.register_id, recomputation.score_type),
            start_to_close_timeout=STEP_TIMEOUT,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=WRITE_RETRIES,
            summary=recomputation.score_type,
        )

    async def _change(self, status: RecomputationStatus, reason: str | None = None) -> None:
        recomputation = self._recomputation
        self._progress = await workflow.execute_activity_method(
            RecomputeActivities.change_recomputation,
            RecomputationChange(recomputation.register_id, recomputation.score_type, status.value, reason),
            start_to_close_timeout=WRITE_TIMEOUT,
            retry_policy=WRITE_RETRIES,
            summary=status.value,
        )

    async def _keep_to_rate(self) -> None:
        if self._progress.rate and self._progress.page:
            await workflow.sleep(timedelta(seconds=self._progress.page / self._progress.rate))

    def _has_ended(self) -> bool:
        return self._progress.status not in {RecomputationStatus.REQUESTED, RecomputationStatus.RUNNING}

    def _is_told(self) -> bool:
        return self._told_to_look or self._wanted is not None

    def _is_full(self) -> bool:
        # what was signaled is done first: it is not carried over
        return self._wanted is None and (
            self._steps >= self._recomputation.steps_a_run or workflow.info().is_continue_as_new_suggested()
        )


def _reason_of(error: ActivityError) -> str:
    cause = error.cause
    return cause.message if isinstance(cause, ApplicationError) else type(cause).__name__
