"""The worker process."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from activities.batch import BatchActivities
from activities.compute import ComputeActivities
from activities.persist import PersistActivities
from activities.recompute import RecomputeActivities
from activities.services import ServiceRunner
from registry.registers import count_records, lock_record_page
from scoring.names import BATCH_TASK_QUEUE, TASK_QUEUE
from steadyscore.settings import Settings
from steadyscore.stopping import on_stop
from steadyscore.temporal import connect
from store.database import SessionFactory, make_engine, make_sessions
from store.recomputation_pages import RegisterRecords
from workflows.recompute_register import RecomputeRegisterWorkflow
from workflows.score_batch import ScoreBatchWorkflow
from workflows.score_record import ScoreRecordWorkflow

logger = logging.getLogger(__name__)

GIVE_BACK_DELAY = timedelta(seconds=2)
"""A workflow id may be started again a second after its last start; a cancelled run needs a moment to close."""

RETRY_SECONDS = 1.0


async def run_worker(settings: Settings) -> None:
    """Run workflows and activities until SIGTERM or SIGINT, then end the activities under way."""
    engine = make_engine(settings.require_database_url(), settings.database_pool_size)
    stopping = asyncio.Event()
    on_stop(stopping.set)
    try:
        client = await _connected(settings, stopping)
        if client is not None:
            async with working(client, make_sessions(engine), settings):
                logger.info("the worker is polling")
                await stopping.wait()
    finally:
        await engine.dispose()


async def _connected(settings: Settings, stopping: asyncio.Event) -> Client | None:
    """A client once Temporal answers; None when the worker is stopped before."""
    while not stopping.is_set():
        try:
            return await connect(settings.require_temporal_address(), settings.temporal_namespace, lazy=False)
        except RuntimeError as error:
            logger.warning("Temporal does not answer yet (%s)", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
    return None


@asynccontextmanager
async def working(client: Client, sessions: SessionFactory, settings: Settings) -> AsyncIterator[None]:
    """Run every workflow and activity while the context is open."""
    services = ServiceRunner(settings.worker_compute_threads)
    async with (
        make_worker(client, sessions, services, settings),
        make_batch_worker(client, sessions, services, settings),
    ):
        yield


def make_worker(client: Client, sessions: SessionFactory, services: ServiceRunner, settings: Settings) -> Worker:
    """A worker for records and recomputations; few pollers, as more cost a small machine more than they bring."""
    compute = ComputeActivities(services)
    persist = PersistActivities(sessions, GIVE_BACK_DELAY)
    recompute = RecomputeActivities(
        sessions, RegisterRecords(lock_record_page, count_records), settings.recompute_limits()
    )
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[ScoreRecordWorkflow, RecomputeRegisterWorkflow],
        activities=[
            compute.compute_score,
            persist.persist_scores,
            persist.give_back_requests,
            recompute.request_page,
            recompute.complete_recomputation,
            recompute.change_recomputation,
        ],
        max_concurrent_activities=settings.worker_max_concurrent_activities,
        max_concurrent_workflow_task_polls=settings.worker_pollers,
        max_concurrent_activity_task_polls=settings.worker_pollers,
        graceful_shutdown_timeout=timedelta(seconds=settings.worker_graceful_shutdown),
    )


def make_batch_worker(client: Client, sessions: SessionFactory, services: ServiceRunner, settings: Settings) -> Worker:
    """A worker for batches, with slots of its own."""
    batch = BatchActivities(sessions, services)
    return Worker(
        client,
        task_queue=BATCH_TASK_QUEUE,
        workflows=[ScoreBatchWorkflow],
        activities=[batch.compute_batch, batch.persist_batch, batch.give_back_batch],
        max_concurrent_activities=settings.worker_max_concurrent_batch_activities,
        max_concurrent_workflow_task_polls=settings.worker_pollers,
        max_concurrent_activity_task_polls=settings.worker_pollers,
        graceful_shutdown_timeout=timedelta(seconds=settings.worker_graceful_shutdown),
    )
