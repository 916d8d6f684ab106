"""A batch's scores: computed from the rows that name the batch, and stored set by set."""

import asyncio

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.batch_outcomes import BatchOutcomes
from activities.failures import failures_for_temporal
from activities.heartbeats import heartbeats
from activities.services import Computation, ServiceRunner
from scoring.batch_messages import BatchGivenBack, BatchToCompute, ComputedBatch
from store.batches import (
    BatchRow,
    give_back_batch,
    hand_to_record_road,
    list_computed_records,
    load_batch,
    lock_batch,
    notify_relay,
    save_failed_batch,
)
from store.database import Session, SessionFactory
from store.scores import save_computed_batch
from store.write_backs import WriteBacks, written_back

ROWS_AT_ONCE = 100
"""So many rows are in memory at a time, and their services under way side by side."""

ATTEMPTS_IN_AN_OUTAGE = 8
"""So often a batch is tried while its service is away, before its rows are left to the record road one by one."""


class BatchActivities:
    """Computes and stores batches; each write is one transaction, and a repeat changes nothing."""

    def __init__(self, sessions: SessionFactory, services: ServiceRunner, write_backs: WriteBacks) -> None:
        self._sessions = sessions
        self._services = services
        self._write_backs = write_backs

    @activity.defn(name="compute_batch")
    async def compute_batch(self, task: BatchToCompute) -> ComputedBatch:
        """Try each row of the batch once; who fails for now is left to the record road."""
        outcomes = BatchOutcomes(task.batch_id, task.register_id)
        async with heartbeats():
            after = ("", "")
            while rows := await self._load(task, after):
                await asyncio.gather(*(self._compute(row, task.timeout, outcomes) for row in rows))
                after = (rows[-1].internal_record_id, rows[-1].score_type)
        if outcomes.is_outage() and (activity.info().is_local or activity.info().attempt < ATTEMPTS_IN_AN_OUTAGE):
            raise ApplicationError("more than half of the batch failed for now; all of it is tried again")
        return outcomes.as_message()

    async def _load(self, task: BatchToCompute, after: tuple[str, str]) -> list[BatchRow]:
        with failures_for_temporal("the batch could not be read"):
            async with self._sessions() as session:
                return await load_batch(session, task.batch_id, task.score_types, after, ROWS_AT_ONCE)

    async def _compute(self, row: BatchRow, seconds: float, outcomes: BatchOutcomes) -> None:
        computation = Computation(
            row.score_type, row.internal_record_id, row.contributing_attribute_values, row.score_config
        )
        try:
            outcomes.add(row.sequence, await self._services.run(computation, seconds))
        except ApplicationError as error:
            outcomes.add_failure(row.sequence, error)

    @activity.defn(name="persist_batch")
    async def persist_batch(self, batch: ComputedBatch) -> None:
        """Afterwards what still was in the batch is stored, FAILED or pending for the record road."""
        with failures_for_temporal("the batch could not be stored"):
            async with self._sessions.begin() as session:
                write_back = self._write_backs.get(batch.register_id) if batch.computed else None
                records = [] if write_back is None else await list_computed_records(session, batch)
                async with written_back(session, write_back, records):
                    await _save(session, batch)
                await notify_relay(session, batch.batch_id)

    @activity.defn(name="give_back_batch")
    async def give_back_batch(self, batch: BatchGivenBack) -> None:
        """Afterwards nothing is in the batch, or in these score types of it, any more; what was is pending."""
        with failures_for_temporal("the batch could not be given back"):
            async with self._sessions.begin() as session:
                await give_back_batch(session, batch.batch_id, batch.score_types, to_record_road=batch.to_record_road)
                await notify_relay(session, batch.batch_id)


async def _save(session: Session, batch: ComputedBatch) -> None:
    await lock_batch(session, batch)
    if batch.computed:
        await save_computed_batch(session, batch)
    if batch.failed:
        await save_failed_batch(session, batch)
    if batch.unsettled:
        await hand_to_record_road(session, batch)
