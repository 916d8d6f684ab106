"""Workflows under the names of the real ones that differ: runs of the one do not fit the other."""

from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.persist import PersistActivities
    from scoring.batch_messages import BatchScoring
    from scoring.messages import RecordScoring, ScoresGivenBack
    from scoring.recompute_messages import RecomputationProgress, RegisterRecomputation
    from workflows.policies import WRITE_TIMEOUT
    from workflows.recompute_register import RecomputeRegisterWorkflow
    from workflows.score_batch import ScoreBatchWorkflow
    from workflows.score_record import ScoreRecordWorkflow


@workflow.defn(name="ScoreRecordWorkflow")
class ChangedWorkflow:
    """Waits a moment before it does nothing."""

    @workflow.signal(name="scores_requested")
    def scores_requested(self, message: Any = None) -> None:
        """Take no notice."""

    @workflow.run
    async def run(self, record: Any) -> None:
        """Wait."""
        del record
        await workflow.sleep(0.01)


async def _give_back_nothing(record_id: str) -> None:
    nothing = ScoresGivenBack(record_id, [])
    await workflow.execute_activity_method(
        PersistActivities.give_back_requests, nothing, start_to_close_timeout=WRITE_TIMEOUT
    )


@workflow.defn(name="ScoreRecordWorkflow")
class NextRecordWorkflow(ScoreRecordWorkflow):
    """What a next version may be: it scores as this one does, after one activity more."""

    @workflow.run
    async def run(self, record: RecordScoring) -> None:
        """Do that first, then go on as ever."""
        await _give_back_nothing(record.internal_record_id)
        await super().run(record)


@workflow.defn(name="ScoreBatchWorkflow")
class NextBatchWorkflow(ScoreBatchWorkflow):
    """Batches likewise."""

    @workflow.run
    async def run(self, batch: BatchScoring) -> None:
        """Do that first, then go on as ever."""
        await _give_back_nothing(batch.batch_id)
        await super().run(batch)


@workflow.defn(name="RecomputeRegisterWorkflow")
class NextRecomputeWorkflow(RecomputeRegisterWorkflow):
    """Recomputations likewise."""

    @workflow.run
    async def run(self, recomputation: RegisterRecomputation) -> RecomputationProgress:
        """Do that first, then go on as ever."""
        await _give_back_nothing(recomputation.register_id)
        return await super().run(recomputation)


NEXT_WORKFLOWS = (NextRecordWorkflow, NextBatchWorkflow, NextRecomputeWorkflow)
