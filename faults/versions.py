"""The fault of a roll-out: a next version of the workflows, and back, while records are scored."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.client import WorkflowHistory
from temporalio.service import RPCError

from faults.hands import CommandFailed, Hands
from faults.process import command
from faults.scene import Scene

_WAIT_SECONDS = 30.0
_POLL_SECONDS = 0.2
_OF_VERSION_2 = "TemporalWorkerDeploymentVersion = 'steadyscore:2'"
_OURS = "(WorkflowType STARTS_WITH 'Score' OR WorkflowType STARTS_WITH 'Recompute')"
# a signal came while a step was taken: the step is taken again
_ORDINARY = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND


async def workers_are_versioned(scene: Scene) -> None:
    """Both workers are version 1, and it is the current one."""
    for worker in scene.stand.workers:
        await worker.restart(environment={"WORKER_BUILD_ID": "1"})
    await _make_current(scene, "1")


async def a_version_and_back(scene: Scene) -> None:
    """Version 2, whose workflows are others, on one of the workers until it has runs; then back to version 1."""
    began = _since(datetime.now(UTC))
    following = scene.stand.workers[1]
    for _ in range(scene.scale.rounds):
        before = await _runs_of_version_2(scene.hands)
        await following.restart(command("worker", "--next"), {"WORKER_BUILD_ID": "2"})
        await _make_current(scene, "2")
        if not await _until_more_than(before, scene.hands):
            scene.problems.append("no run began on version 2")
        await _make_current(scene, "1")
    _judge(scene, await scene.hands.histories(f"{_OURS} AND {began}"))


def _since(moment: datetime) -> str:
    return f"StartTime >= '{moment.isoformat(timespec='milliseconds')}'"


async def _runs_of_version_2(hands: Hands) -> int:
    return (await (await hands.client()).count_workflows(_OF_VERSION_2)).count


async def _until_more_than(before: int, hands: Hands) -> bool:
    until = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < until:
        if await _runs_of_version_2(hands) > before:
            return True
        await asyncio.sleep(_POLL_SECONDS)
    return False


def _judge(scene: Scene, histories: Sequence[WorkflowHistory]) -> None:
    on_2 = sum("2" in versions_of(history)[:1] for history in histories)
    failed = sum(failed_steps(history) for history in histories)
    scene.notes.append(f"{len(histories)} runs, {on_2} began on version 2, {failed} failed steps")
    if not on_2:
        scene.problems.append("no history begins on version 2")
    if failed:
        scene.problems.append(f"{failed} steps of runs failed")


def versions_of(history: WorkflowHistory) -> list[str]:
    """The versions that have taken steps of a run, in their order."""
    done = [event.workflow_task_completed_event_attributes for event in history.events]
    return list(dict.fromkeys(one.deployment_version.build_id for one in done if one.scheduled_event_id))


def failed_steps(history: WorkflowHistory) -> int:
    """How many of a run's workflow tasks failed, but for those that every signal may make fail."""
    failed = [event.workflow_task_failed_event_attributes for event in history.events]
    return sum(one.scheduled_event_id > 0 and one.cause != _ORDINARY for one in failed)


async def _make_current(scene: Scene, build_id: str) -> None:
    chosen = ["--deployment-name", "steadyscore", "--build-id", build_id]
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            await scene.hands.temporal("worker", "deployment", "set-current-version", *chosen, "--yes")
        except (CommandFailed, RPCError):
            # the server learns of a version from its first poll
            if time.monotonic() > until:
                raise
            await asyncio.sleep(_POLL_SECONDS)
        else:
            return


async def workers_are_not_versioned(scene: Scene) -> None:
    """As they were before; every run must have ended."""
    left = await scene.hands.open_runs("WorkflowType STARTS_WITH 'Score'")
    if left:
        scene.problems.append(f"{len(left)} runs did not finish")
    chosen = ["--deployment-name", "steadyscore", "--unversioned"]
    await scene.hands.temporal("worker", "deployment", "set-current-version", *chosen, "--yes")
    for worker in scene.stand.workers:
        await worker.restart()
