"""A batch's scores: computed from the rows that name the batch, and stored set by set."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.batch_outcomes import BatchOutcomes
from activities.failures import failures_for_temporal
from activities.services import Computation, ServiceRunner
from scoring.batch_messages import BatchGivenBack, BatchToCompute, ComputedBatch
from store.batches import (
    BatchRow,
    give_back_batch,
    hand_to_record_road,
    load_batch,
    notify_relay,
    save_failed_batch,
)
from store.database import SessionFactory
from store.scores import save_computed_batch

ROWS_AT_ONCE = 100
"""So many rows are in memory at a time, and their services under way side by side."""

HEARTBEAT_SECONDS = 5.0


class BatchActivities:
    """Computes and stores batches; each write is one transaction, and a repeat changes nothing."""

    def __init__(self, sessions: SessionFactory, services: ServiceRunner) -> None:
        self._sessions = sessions
        self._services = services

    @activity.defn(name="compute_batch")
    async def compute_batch(self, task: BatchToCompute) -> ComputedBatch:
        """Try each row of the batch once; who fails for now is left to the record road."""
        outcomes = BatchOutcomes(task.batch_id, task.score_type)
        async with _heartbeats():
            after = ""
            while rows := await self._load(task, after):
                await asyncio.gather(*(self._compute(task, row, outcomes) for row in rows))
                after = rows[-1].internal_record_id
        return outcomes.as_message()

    async def _load(self, task: BatchToCompute, after: str) -> list[BatchRow]:
        with failures_for_temporal("the batch could not be read"):
            async with self._sessions() as session:
                return await load_batch(session, task.batch_id, task.score_type, after, ROWS_AT_ONCE)

    async def _compute(self, task: BatchToCompute, row: BatchRow, outcomes: BatchOutcomes) -> None:
        computation = Computation(
            task.score_type, row.internal_record_id, row.contributing_attribute_values, row.score_config
        )
        try:
            outcomes.add(row.sequence, await self._services.run(computation, task.timeout))
        except ApplicationError as error:
            outcomes.add_failure(row.sequence, error)

    @activity.defn(name="persist_batch")
    async def persist_batch(self, batch: ComputedBatch) -> None:
        """Afterwards what still was in the batch is stored, FAILED or pending for the record road."""
        with failures_for_temporal("the batch could not be stored"):
            async with self._sessions.begin() as session:
                if batch.sequences:
                    await save_computed_batch(session, batch)
                if batch.failed:
                    await save_failed_batch(session, batch.batch_id, batch.score_type, batch.failed)
                if batch.unsettled:
                    await hand_to_record_road(session, batch.batch_id, batch.score_type, batch.unsettled)
                await notify_relay(session, batch.batch_id)

    @activity.defn(name="give_back_batch")
    async def give_back_batch(self, batch: BatchGivenBack) -> None:
        """Afterwards nothing is in the batch, or in its score type, any more; what was is pending."""
        with failures_for_temporal("the batch could not be given back"):
            async with self._sessions.begin() as session:
                await give_back_batch(session, batch.batch_id, batch.score_type, to_record_road=batch.to_record_road)
                await notify_relay(session, batch.batch_id)


@asynccontextmanager
async def _heartbeats() -> AsyncIterator[None]:
    """Tell the server now and then that this worker is alive, however long a service takes."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT_SECONDS)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
