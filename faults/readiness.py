"""Waiting until the processes of a stand do their work, by what can be seen from outside."""

import asyncio
from collections.abc import Mapping, Sequence

import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from faults.processes import StandProcess
from scoring.names import BATCH_TASK_QUEUE, TASK_QUEUE
from steadyscore.errors import SetupError
from steadyscore.settings import Settings

_QUEUES = (TASK_QUEUE, BATCH_TASK_QUEUE)
_POLL_SECONDS = 0.1


async def wait_until_ready(
    settings: Settings, workers: Sequence[StandProcess], apis: Mapping[str, StandProcess], deadline_seconds: float
) -> None:
    """Return once every wanted API says `ready` and every wanted worker polls each task queue, all at one look."""
    missing = "a first look"
    try:
        async with asyncio.timeout(deadline_seconds), httpx.AsyncClient() as http:
            while missing := await _missing(settings, workers, apis, http):
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        raise SetupError(f"the stand is not ready after {deadline_seconds:g} s: {missing}") from None


async def _missing(
    settings: Settings, workers: Sequence[StandProcess], apis: Mapping[str, StandProcess], http: httpx.AsyncClient
) -> str:
    for url, api in apis.items():
        if api.is_wanted and (answer := await _answer(http, url)) != "ready":
            return f"{api.name} is {answer}"
    wanted = [worker for worker in workers if worker.is_wanted]
    if not wanted:
        return ""
    polling = await _polling_pids(settings)
    return next((f"{worker.name} does not poll" for worker in wanted if worker.pid not in polling), "")


async def _answer(http: httpx.AsyncClient, url: str) -> str:
    try:
        ready = (await http.get(f"{url}/health/ready")).json()
    except (httpx.TransportError, ValueError):
        return "not answering"
    return str(ready["status"]) + "".join(
        f"; {one['name']}: {one['detail']}" for one in ready["checks"] if not one["ok"]
    )


async def _polling_pids(settings: Settings) -> set[int]:
    """The processes that poll all queues."""
    try:
        client = await Client.connect(settings.require_temporal_address(), namespace=settings.temporal_namespace)
        return set.intersection(*[await _pollers(client, queue) for queue in _QUEUES])
    # the SDK tells of a server that is not there by a RuntimeError
    except (RuntimeError, RPCError):
        return set()


async def _pollers(client: Client, queue: str) -> set[int]:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    answer = await client.workflow_service.describe_task_queue(request)
    # an identity is the SDK's own: pid@host
    pids = [poller.identity.partition("@")[0] for poller in answer.pollers]
    return {int(pid) for pid in pids if pid.isdecimal()}
