"""The least Temporal program that does the job: a run a record, debounced by the workflow, with three activities."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    import asyncpg  # type: ignore[import-untyped]

    from bench.contenders.scores import FORMULAS, SAVE

_TIMEOUT = timedelta(seconds=10)
_RETRIES = RetryPolicy(maximum_attempts=20)


@dataclass(frozen=True)
class Approved:
    """One approval: a signal's argument."""

    change_request_id: str
    revision: int
    attributes: dict[str, Any]


@dataclass(frozen=True)
class ScoredRecord:
    """What a run scores, and how."""

    record_id: str
    quiet: float
    max_wait: float
    local: bool


@dataclass(frozen=True)
class Computed:
    """All scores of a record's state."""

    record_id: str
    change_request_id: str
    revision: int
    scores: dict[str, float]


class Activities:
    """Compute and persist."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @activity.defn
    async def compute(self, score_type: str, attributes: dict[str, Any]) -> float:
        """One score."""
        return FORMULAS[score_type](attributes)

    @activity.defn
    async def persist(self, computed: Computed) -> None:
        """All scores in one statement, hence one transaction; repeating it changes nothing."""
        count = len(computed.scores)
        await self._pool.execute(
            SAVE,
            [computed.record_id] * count,
            list(computed.scores),
            [computed.change_request_id] * count,
            [computed.revision] * count,
            list(computed.scores.values()),
        )


@workflow.defn
class LeastScoreWorkflow:
    """The newest approval that was signaled is scored when its window is over; a repeated signal changes nothing."""

    @workflow.init
    def __init__(self, record: ScoredRecord) -> None:
        self._record = record
        self._newest: Approved | None = None
        self._scored_revision = 0
        self._first_at = self._last_at = workflow.now()

    @workflow.signal
    def approved(self, approval: Approved) -> None:
        """Keep it if it is the newest."""
        now: datetime = workflow.now()
        if self._newest is None:
            self._first_at = now
        self._last_at = now
        if approval.revision > max(self._scored_revision, self._newest.revision if self._newest else 0):
            self._newest = approval

    @workflow.run
    async def run(self, record: ScoredRecord) -> None:
        """Until nothing is pending: wait, compute, persist."""
        while self._newest is not None:
            while (wait := self._due_at() - workflow.now()) > timedelta(0):
                await workflow.sleep(wait)
            newest, self._newest = self._newest, None
            self._scored_revision = newest.revision
            scores = await asyncio.gather(*(self._compute(one, newest) for one in FORMULAS))
            computed = Computed(
                record.record_id, newest.change_request_id, newest.revision, dict(zip(FORMULAS, scores, strict=True))
            )
            await workflow.execute_activity_method(
                Activities.persist, computed, start_to_close_timeout=_TIMEOUT, retry_policy=_RETRIES
            )

    def _due_at(self) -> datetime:
        quiet = self._last_at + timedelta(seconds=self._record.quiet)
        return min(quiet, self._first_at + timedelta(seconds=self._record.max_wait))

    async def _compute(self, score_type: str, approval: Approved) -> float:
        execute = workflow.execute_local_activity_method if self._record.local else workflow.execute_activity_method
        return await execute(
            Activities.compute,
            args=[score_type, approval.attributes],
            start_to_close_timeout=_TIMEOUT,
            retry_policy=_RETRIES,
        )
