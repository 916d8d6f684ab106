"""Workflows of a next version: they score as today's do, after one activity more, so today's runs do not fit them.

The fault stand rolls them out; tests of replay and of the roll-out use them, too.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.batch import BatchActivities
    from activities.persist import PersistActivities
    from scoring.batch_messages import BatchGivenBack, BatchScoring
    from scoring.messages import RecordScoring, ScoresGivenBack
    from scoring.names import BATCH_TASK_QUEUE, TASK_QUEUE
    from scoring.recompute_messages import RecomputationProgress, RegisterRecomputation
    from steadyscore.run_worker import Workflows
    from workflows.policies import WRITE_TIMEOUT
    from workflows.recompute_register import RecomputeRegisterWorkflow
    from workflows.score_batch import ScoreBatchWorkflow
    from workflows.score_record import ScoreRecordWorkflow


async def _give_back_nothing(record_id: str) -> None:
    nothing = ScoresGivenBack(record_id, [])
    await workflow.execute_activity_method(
        PersistActivities.give_back_requests, nothing, start_to_close_timeout=WRITE_TIMEOUT
    )


@workflow.defn(name="ScoreRecordWorkflow")
class NextRecordWorkflow(ScoreRecordWorkflow):
    """Records."""

    @workflow.run
    async def run(self, record: RecordScoring) -> None:
        """Do that first, then go on as ever."""
        await _give_back_nothing(record.internal_record_id)
        await super().run(record)


@workflow.defn(name="ScoreBatchWorkflow")
class NextBatchWorkflow(ScoreBatchWorkflow):
    """Batches likewise; on their task queue are activities of their own."""

    @workflow.run
    async def run(self, batch: BatchScoring) -> None:
        """Do that first, then go on as ever."""
        await workflow.execute_activity_method(
            BatchActivities.give_back_batch, BatchGivenBack("no batch"), start_to_close_timeout=WRITE_TIMEOUT
        )
        await super().run(batch)


@workflow.defn(name="RecomputeRegisterWorkflow")
class NextRecomputeWorkflow(RecomputeRegisterWorkflow):
    """Recomputations likewise."""

    @workflow.run
    async def run(self, recomputation: RegisterRecomputation) -> RecomputationProgress:
        """Do that first, then go on as ever."""
        await _give_back_nothing(recomputation.register_id)
        return await super().run(recomputation)


NEXT_WORKFLOWS: Workflows = {
    TASK_QUEUE: [NextRecordWorkflow, NextRecomputeWorkflow],
    BATCH_TASK_QUEUE: [NextBatchWorkflow],
}
"""By task queue."""
