"""Where a process of the stand ends itself by SIGKILL: at an exact point of its work, the nth time it comes there."""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry
from temporalio import activity, client, worker

WITHIN_SECONDS = 0.005

_APPROVES, _APPROVED = "faults: approves", "faults: approved"

COMPUTING = frozenset({"compute_score", "compute_batch"})
PERSISTING = frozenset({"persist_scores", "persist_batch"})

WORKER_POINTS = ("before-compute", "within-compute", "before-persist", "after-persist")
RELAY_POINTS = ("before-signal", "before-mark")
API_POINTS = ("within-approval", "before-commit", "after-commit")


def die() -> None:
    """SIGKILL: nothing is flushed, closed or told to anyone."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class CrashPoint:
    """Ends the process the `nth` time it comes to this point."""

    name: str
    nth: int = 1
    die: Callable[[], None] = die

    def reached(self, name: str) -> None:
        """Say that the work is at that point."""
        if name != self.name:
            return
        self.nth -= 1
        if self.nth == 0:
            self.die()


class CrashingActivities(worker.ActivityInboundInterceptor):
    """Comes to the points around computing and persisting, on both roads."""

    def __init__(self, following: worker.ActivityInboundInterceptor, point: CrashPoint) -> None:
        super().__init__(following)
        self._point = point

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        """Do the activity, if nothing ends it."""
        name = activity.info().activity_type
        if name in COMPUTING:
            self._point.reached("before-compute")
            return await self._compute(input)
        if name in PERSISTING:
            self._point.reached("before-persist")
        result = await self.next.execute_activity(input)
        if name in PERSISTING:
            self._point.reached("after-persist")
        return result

    async def _compute(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        self._point.reached("before-compute")
        later = asyncio.get_running_loop().call_later(WITHIN_SECONDS, self._point.reached, "within-compute")
        try:
            return await self.next.execute_activity(input)
        finally:
            later.cancel()


class CrashingStarts(client.OutboundInterceptor):
    """Comes to the points around what the relay sends."""

    def __init__(self, following: client.OutboundInterceptor, point: CrashPoint) -> None:
        super().__init__(following)
        self._point = point

    async def start_workflow(self, input: client.StartWorkflowInput) -> Any:  # noqa: A002 - the SDK's name
        """Send it, if nothing ends it."""
        self._point.reached("before-signal")
        handle = await super().start_workflow(input)
        self._point.reached("before-mark")
        return handle


class Crashing(client.Interceptor, worker.Interceptor):
    """For the client of a worker or a relay."""

    def __init__(self, point: CrashPoint) -> None:
        self._point = point

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:  # noqa: A002
        """What the relay sends."""
        return CrashingStarts(next, self._point)

    def intercept_activity(
        self,
        next: worker.ActivityInboundInterceptor,  # noqa: A002 - the SDK's name
    ) -> worker.ActivityInboundInterceptor:
        """What the worker does."""
        return CrashingActivities(next, self._point)


def crash_within_approvals(point: CrashPoint, engines: type[Engine] | Engine = Engine) -> None:
    """Come to the points of an approval's transaction in this process, whoever made its engine."""

    @event.listens_for(engines, "after_cursor_execute")
    def executed(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if "UPDATE change_requests" in statement:
            connection.info[_APPROVES] = True
        if "INSERT INTO g2p_score_compute_queue" in statement:
            point.reached("within-approval")

    @event.listens_for(engines, "commit")
    def committing(connection: Connection) -> None:
        if connection.info.pop(_APPROVES, False):
            point.reached("before-commit")
            connection.info[_APPROVED] = True

    @event.listens_for(engines, "rollback")
    def rolled_back(connection: Connection) -> None:
        for flag in (_APPROVES, _APPROVED):
            connection.info.pop(flag, None)

    # the first that is told of a commit that has succeeded
    @event.listens_for(engines, "checkin")
    def given_back(_connection: Any, record: ConnectionPoolEntry) -> None:
        if record.info.pop(_APPROVED, False):
            point.reached("after-commit")
