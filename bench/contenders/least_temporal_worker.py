"""The worker of the least Temporal program: `python -m bench.contenders.least_temporal_worker ADDRESS`."""

import asyncio
import os
import signal
import sys
from datetime import timedelta

import asyncpg  # type: ignore[import-untyped]
from temporalio.client import Client
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker

from bench.contenders.least_temporal import TASK_QUEUE
from bench.contenders.least_temporal_workflow import Activities, LeastScoreWorkflow

_POLLERS = PollerBehaviorSimpleMaximum(2)
_CONNECTIONS = 10


async def work(address: str) -> None:
    """Serve until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    client = await Client.connect(address)
    async with asyncpg.create_pool(os.environ["BENCH_DATABASE_URL"], max_size=_CONNECTIONS) as pool:
        activities = Activities(pool)
        worker = Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=[LeastScoreWorkflow],
            activities=[activities.compute, activities.persist],
            workflow_task_poller_behavior=_POLLERS,
            activity_task_poller_behavior=_POLLERS,
            graceful_shutdown_timeout=timedelta(seconds=5),
        )
        async with worker:
            await stopping.wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
    sys.stdout.flush()
    # at once: the SDK's native threads can crash an interpreter that takes its time to end
    os._exit(0)
