"""One score's attempts: the first with its batch, the following ones apart from it, so that nothing waits for them."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeAlias

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.compute import ComputeActivities
    from scoring.messages import ComputedScore, ComputePolicy, FailedScore, RecordScoring, ScoreRequest, ScoreToCompute
    from workflows.policies import priority_of

Outcome: TypeAlias = ComputedScore | FailedScore

TIMEOUT_MARGIN = timedelta(seconds=5)
"""How much longer the server waits than the activity itself: only a lost worker is noticed this way."""


class Attempts:
    """Computes a record's scores; keeps at most one score per score type in retries, the newest."""

    def __init__(self, record: RecordScoring) -> None:
        self._record = record
        self._retries: dict[str, asyncio.Task[Outcome]] = {}
        self._retried: dict[str, ScoreRequest] = {}

    def __bool__(self) -> bool:
        return bool(self._retries)

    @property
    def retried(self) -> list[ScoreRequest]:
        """The requests in retries, by score type."""
        return [self._retried[score_type] for score_type in sorted(self._retried)]

    def ended(self) -> bool:
        """Whether a retried request has an outcome."""
        return any(task.done() for task in self._retries.values())

    async def first(self, requests: Iterable[ScoreRequest]) -> list[Outcome]:
        """Try each request once, concurrently; what may succeed later goes on in retries and has no outcome yet."""
        batch = list(requests)
        for request in batch:
            self._drop(request.score_type)
        outcomes = await asyncio.gather(*(self._first_attempt(request) for request in batch))
        return [outcome for outcome in outcomes if outcome is not None]

    async def _first_attempt(self, request: ScoreRequest) -> Outcome | None:
        policy = self._record.compute_policy
        try:
            return await self._compute(request, replace(policy, maximum_attempts=1), locally=request.instantaneous)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            if is_final(error) or policy.maximum_attempts == 1:
                return failed_score(request, error)
        self._retried[request.score_type] = request
        self._retries[request.score_type] = asyncio.create_task(self._further_attempts(request))
        return None

    async def _further_attempts(self, request: ScoreRequest) -> Outcome:
        policy = self._record.compute_policy
        remaining = max(policy.maximum_attempts - 1, 0)
        try:
            # never locally: the wait for the next attempt would hold signals back
            return await self._compute(request, replace(policy, maximum_attempts=remaining), locally=False)
        except FailureError as error:
            if is_cancelled_exception(error):
                # superseded: a cancelled task has no exception that anyone must look at
                raise asyncio.CancelledError from error
            return failed_score(request, error)

    async def _compute(self, request: ScoreRequest, policy: ComputePolicy, *, locally: bool) -> ComputedScore:
        record = self._record
        # a local activity runs within the workflow task: in no queue of its own
        execute = (
            workflow.execute_local_activity_method
            if locally
            # the run's own priority is that of the request that started it
            else partial(workflow.execute_activity_method, priority=priority_of([request]))
        )
        return await execute(
            ComputeActivities.compute_score,
            ScoreToCompute(record.register_id, record.internal_record_id, request, policy.timeout),
            start_to_close_timeout=timedelta(seconds=policy.timeout) + TIMEOUT_MARGIN,
            retry_policy=_retry_policy(policy),
            summary=request.score_type,
        )

    def take_ended(self) -> list[Outcome]:
        """Remove and return the outcomes of retries that have ended."""
        ended = [score_type for score_type in sorted(self._retries) if self._retries[score_type].done()]
        outcomes = [self._retries[score_type].result() for score_type in ended]
        for score_type in ended:
            self._drop(score_type)
        return outcomes

    def _drop(self, score_type: str) -> None:
        self._retried.pop(score_type, None)
        task = self._retries.pop(score_type, None)
        if task is not None:
            task.cancel()


def _retry_policy(policy: ComputePolicy) -> RetryPolicy:
    return RetryPolicy(
        initial_interval=timedelta(seconds=policy.initial_interval),
        backoff_coefficient=policy.backoff_coefficient,
        maximum_interval=timedelta(seconds=policy.maximum_interval),
        maximum_attempts=policy.maximum_attempts,
    )


def is_final(error: FailureError) -> bool:
    """Whether no retry can mend it."""
    cause = cause_of(error)
    return isinstance(cause, ApplicationError) and cause.non_retryable


def cause_of(error: FailureError) -> BaseException | None:
    """What went wrong in the activity: a local one's failure comes as it is, an ordinary one's wrapped."""
    return error.cause if isinstance(error, ActivityError) else error


def failed_score(request: ScoreRequest, error: FailureError) -> FailedScore:
    """The failure as it is recorded for people."""
    cause = cause_of(error)
    if isinstance(cause, ApplicationError):
        return FailedScore(request, cause.type or "ApplicationError", cause.message)
    kind = type(cause).__name__
    return FailedScore(request, kind, f"the computation of {request.score_type} ended with {kind}")
