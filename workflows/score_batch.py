"""ScoreBatchWorkflow: compute and store what is due of many records."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.batch import BatchActivities
    from scoring.batch_messages import BatchGivenBack, BatchGroup, BatchScoring, BatchToCompute, ComputedBatch
    from scoring.messages import ComputePolicy
    from workflows.policies import MAX_SUMMARY, WRITE_RETRIES, WRITE_TIMEOUT

LOCAL_TIMEOUT = timedelta(seconds=5)
"""What takes longer is no longer done within a workflow task."""

COMPUTE_TIMEOUT = timedelta(hours=1)
HEARTBEAT_TIMEOUT = timedelta(seconds=15)
"""Three heartbeats: a worker that was lost is noticed then."""
MAX_ATTEMPTS = 10
"""With an end: rows that take a worker down with them are tried one by one instead, on the record road."""


@workflow.defn(name="ScoreBatchWorkflow")
class ScoreBatchWorkflow:
    """Every request that is still in the batch is computed, FAILED, or handed on to the record road.

    It may be started again with the same batch: what is settled is no longer in it.
    """

    @workflow.run
    async def run(self, batch: BatchScoring) -> None:
        """Go through the groups of score types side by side: a slow one holds up no other."""
        try:
            await asyncio.gather(*(self._score(batch, group) for group in batch.groups))
        except (asyncio.CancelledError, FailureError):
            await self._give_back(BatchGivenBack(batch.batch_id))
            raise

    async def _score(self, batch: BatchScoring, group: BatchGroup) -> None:
        try:
            computed = await self._compute(batch, group)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            await self._give_back(BatchGivenBack(batch.batch_id, group.score_types, to_record_road=True))
            return
        await workflow.execute_activity_method(
            BatchActivities.persist_batch,
            computed,
            start_to_close_timeout=WRITE_TIMEOUT,
            retry_policy=WRITE_RETRIES,
            summary=_summary(group),
        )

    async def _compute(self, batch: BatchScoring, group: BatchGroup) -> ComputedBatch:
        task = BatchToCompute(batch.batch_id, group.score_types, batch.compute_policy.timeout, batch.register_id)
        if group.locally:
            try:
                return await workflow.execute_local_activity_method(
                    BatchActivities.compute_batch,
                    task,
                    start_to_close_timeout=LOCAL_TIMEOUT,
                    retry_policy=RetryPolicy(maximum_attempts=1),
                    summary=_summary(group),
                )
            except FailureError as error:
                if is_cancelled_exception(error):
                    raise
        return await workflow.execute_activity_method(
            BatchActivities.compute_batch,
            task,
            start_to_close_timeout=COMPUTE_TIMEOUT,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=_retries(batch.compute_policy),
            summary=_summary(group),
        )

    async def _give_back(self, given_back: BatchGivenBack) -> None:
        await workflow.execute_activity_method(
            BatchActivities.give_back_batch,
            given_back,
            start_to_close_timeout=WRITE_TIMEOUT,
            retry_policy=WRITE_RETRIES,
        )


def _retries(policy: ComputePolicy) -> RetryPolicy:
    """As computations are retried everywhere, through an outage of what a service needs."""
    return RetryPolicy(
        initial_interval=timedelta(seconds=policy.initial_interval),
        backoff_coefficient=policy.backoff_coefficient,
        maximum_interval=timedelta(seconds=policy.maximum_interval),
        maximum_attempts=min(policy.maximum_attempts or MAX_ATTEMPTS, MAX_ATTEMPTS),
    )


def _summary(group: BatchGroup) -> str:
    return ", ".join(group.score_types)[:MAX_SUMMARY]
