"""The worker process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeAlias

from temporalio.client import Client, Interceptor
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.batch import BatchActivities
from activities.compute import ComputeActivities
from activities.persist import PersistActivities
from activities.recompute import RecomputeActivities
from activities.services import ServiceRunner
from scoring.names import BATCH_TASK_QUEUE, TASK_QUEUE
from steadyscore.domains import RECORDS, WRITE_BACKS
from steadyscore.settings import Settings
from steadyscore.stopping import on_stop
from steadyscore.temporal import connect, warn_unless_encrypted
from store.database import SessionFactory, make_engine, make_sessions
from workflows.recompute_register import RecomputeRegisterWorkflow
from workflows.score_batch import ScoreBatchWorkflow
from workflows.score_record import ScoreRecordWorkflow

logger = logging.getLogger(__name__)

GIVE_BACK_DELAY = timedelta(seconds=2)
"""A workflow id may be started again a second after its last start; a cancelled run needs a moment to close."""

RETRY_SECONDS = 1.0

Workflows: TypeAlias = Mapping[str, Sequence[type]]

WORKFLOWS: Workflows = {
    TASK_QUEUE: [ScoreRecordWorkflow, RecomputeRegisterWorkflow],
    BATCH_TASK_QUEUE: [ScoreBatchWorkflow],
}
"""By task queue."""


async def run_worker(
    settings: Settings, interceptors: Sequence[Interceptor] = (), workflows: Workflows = WORKFLOWS
) -> None:
    """Run workflows and activities until SIGTERM or SIGINT, then end the activities under way."""
    engine = make_engine(settings.require_database_url(), settings.database_pool_size)
    stopping = asyncio.Event()
    on_stop(stopping.set)
    warn_unless_encrypted(settings)
    try:
        client = await _connected(settings, stopping, interceptors)
        if client is not None:
            async with working(client, make_sessions(engine), settings, workflows):
                logger.info("the worker is polling")
                await stopping.wait()
    finally:
        await engine.dispose()


async def _connected(settings: Settings, stopping: asyncio.Event, interceptors: Sequence[Interceptor]) -> Client | None:
    """A client once Temporal answers; None when the worker is stopped before."""
    while not stopping.is_set():
        try:
            return await connect(settings, lazy=False, interceptors=interceptors)
        except RuntimeError as error:
            logger.warning("Temporal does not answer yet (%s)", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
    return None


@asynccontextmanager
async def working(
    client: Client, sessions: SessionFactory, settings: Settings, workflows: Workflows = WORKFLOWS
) -> AsyncIterator[None]:
    """Run every workflow and activity while the context is open."""
    services = ServiceRunner(settings.worker_compute_threads)
    async with (
        make_worker(client, sessions, services, settings, workflows[TASK_QUEUE]),
        make_batch_worker(client, sessions, services, settings, workflows[BATCH_TASK_QUEUE]),
    ):
        yield


def make_worker(
    client: Client, sessions: SessionFactory, services: ServiceRunner, settings: Settings, workflows: Sequence[type]
) -> Worker:
    """A worker for records and recomputations; few pollers, as more cost a small machine more than they bring."""
    compute = ComputeActivities(services)
    persist = PersistActivities(sessions, GIVE_BACK_DELAY, WRITE_BACKS)
    recompute = RecomputeActivities(sessions, RECORDS, settings.recompute_limits())
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=workflows,
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
        deployment_config=_deployment(settings),
    )


def make_batch_worker(
    client: Client, sessions: SessionFactory, services: ServiceRunner, settings: Settings, workflows: Sequence[type]
) -> Worker:
    """A worker for batches, with slots of its own."""
    batch = BatchActivities(sessions, services, WRITE_BACKS)
    return Worker(
        client,
        task_queue=BATCH_TASK_QUEUE,
        workflows=workflows,
        activities=[batch.compute_batch, batch.persist_batch, batch.give_back_batch],
        max_concurrent_activities=settings.worker_max_concurrent_batch_activities,
        max_concurrent_workflow_task_polls=settings.worker_pollers,
        max_concurrent_activity_task_polls=settings.worker_pollers,
        graceful_shutdown_timeout=timedelta(seconds=settings.worker_graceful_shutdown),
        deployment_config=_deployment(settings),
    )


def _deployment(settings: Settings) -> WorkerDeploymentConfig | None:
    """The version that these workflows are, for runs to stay with; None where versions are not told apart."""
    if settings.worker_build_id is None:
        return None
    return WorkerDeploymentConfig(
        WorkerDeploymentVersion(settings.worker_deployment_name, settings.worker_build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )
