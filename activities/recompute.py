"""The steps of a recomputation: request a page once there is room, complete it once nothing is open, change it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from temporalio import activity

from activities.failures import failures_for_temporal
from activities.heartbeats import heartbeats
from scoring.recompute_messages import (
    RecomputationChange,
    RecomputationProgress,
    RecomputationStatus,
    RecomputationStep,
)
from store.database import SessionFactory
from store.recomputation_pages import RecomputeLimits, RegisterRecords, complete_recomputation, request_page
from store.recomputations import change_recomputation, find_latest_recomputation

WAIT_SECONDS = 10.0
"""A step waits no longer, so that its run can do what it was signaled."""

FIRST_LOOK_SECONDS = 0.05
LAST_LOOK_SECONDS = 1.0


class RecomputeActivities:
    """Each step is one transaction that reads where it stands from the recomputation's row: a repeat goes on there."""

    def __init__(self, sessions: SessionFactory, records: RegisterRecords, limits: RecomputeLimits) -> None:
        self._sessions = sessions
        self._records = records
        self._limits = limits

    @activity.defn(name="request_page")
    async def request_page(self, step: RecomputationStep) -> RecomputationProgress:
        """Afterwards the next records' scores are asked for, unless there was no room for them for a while."""
        async with heartbeats():
            progress = await self._until(step, self._has_room)
            if not (_is_running(progress) and self._has_room(progress)):
                return progress
            page = await self._request(step, self._page_size(progress))
        return replace(await self._progress(step), page=page)

    async def _request(self, step: RecomputationStep, limit: int) -> int:
        with failures_for_temporal("the page could not be requested"):
            async with self._sessions.begin() as session:
                return await request_page(session, step.register_id, step.score_type, self._records, limit)

    @activity.defn(name="complete_recomputation")
    async def complete_recomputation(self, step: RecomputationStep) -> RecomputationProgress:
        """Afterwards it is COMPLETED, unless some of its requests are outstanding for longer than a while."""
        async with heartbeats():
            progress = await self._until(step, lambda progress: progress.outstanding == 0)
        with failures_for_temporal("the recomputation could not be completed"):
            async with self._sessions.begin() as session:
                await complete_recomputation(session, progress.recomputation_id)
        return await self._progress(step)

    @activity.defn(name="change_recomputation")
    async def change_recomputation(self, change: RecomputationChange) -> RecomputationProgress:
        """Afterwards it has this status, where it has not ended and it is a change for it."""
        step = RecomputationStep(change.register_id, change.score_type)
        before = await self._progress(step)
        with failures_for_temporal("the recomputation could not be changed"):
            async with self._sessions.begin() as session:
                status = RecomputationStatus(change.status)
                await change_recomputation(session, before.recomputation_id, status, change.reason, wake=False)
        return await self._progress(step)

    async def _until(
        self, step: RecomputationStep, holds: Callable[[RecomputationProgress], bool]
    ) -> RecomputationProgress:
        ends_at = asyncio.get_running_loop().time() + WAIT_SECONDS
        wait = FIRST_LOOK_SECONDS
        while True:
            progress = await self._progress(step)
            late = asyncio.get_running_loop().time() > ends_at
            if late or not _is_running(progress) or holds(progress):
                return progress
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, LAST_LOOK_SECONDS)

    async def _progress(self, step: RecomputationStep) -> RecomputationProgress:
        with failures_for_temporal("the recomputation could not be read"):
            async with self._sessions() as session:
                latest = await find_latest_recomputation(session, step.register_id, step.score_type)
        return RecomputationProgress() if latest is None else latest.progress

    def _has_room(self, progress: RecomputationProgress) -> bool:
        return progress.outstanding + self._page_size(progress) <= self._limits.max_outstanding

    def _page_size(self, progress: RecomputationProgress) -> int:
        """At a rate, about what is allowed in a second."""
        page_size = min(self._limits.page_size, self._limits.max_outstanding)
        return page_size if progress.rate is None else max(1, min(page_size, int(progress.rate)))


def _is_running(progress: RecomputationProgress) -> bool:
    return progress.status in {RecomputationStatus.REQUESTED, RecomputationStatus.RUNNING}
