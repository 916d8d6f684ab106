"""The whole system on this machine: what is configured is used, the rest is brought along, started and stopped."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from scoring.names import BATCH_TASK_QUEUE, TASK_QUEUE
from steadyscore.codec_access import CODEC_PATH
from steadyscore.embedded.postgres import EmbeddedPostgres
from steadyscore.embedded.temporal_cli import find_temporal_cli
from steadyscore.embedded.temporal_server import DevServerOptions, dev_server_command, wait_until_serving
from steadyscore.errors import SetupError
from steadyscore.local_database import DATABASE
from steadyscore.local_secrets import with_own_secrets
from steadyscore.migrate import migrate
from steadyscore.processes import ChildProcess, Supervisor
from steadyscore.settings import Settings
from steadyscore.temporal import connect

Say = Callable[[str], None]

START_SECONDS = 60.0
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Servers:
    """What was brought along: None where an address is configured."""

    postgres: EmbeddedPostgres | None
    temporal_cli: Path | None


@dataclass(frozen=True)
class Stack:
    """Where everything answers, as settings for whoever joins."""

    settings: Settings
    api_url: str
    temporal_ui_url: str | None


@contextmanager
def brought_along(settings: Settings, say: Say) -> Iterator[Servers]:
    """Make or start what no address is configured for; blocks, so it comes before the event loop."""
    # until the supervisor takes over, SIGTERM must stop PostgreSQL as Ctrl-C does
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _require_free_ports(settings)
    home = settings.steadyscore_home.resolve()
    temporal_cli = None if settings.temporal_address else find_temporal_cli(home, say)
    if settings.database_url:
        yield Servers(None, temporal_cli)
        return
    say(f"starting PostgreSQL (data in {settings.steadyscore_home / 'postgres'})")
    with EmbeddedPostgres(home / "postgres") as postgres:
        yield Servers(postgres, temporal_cli)


def _require_free_ports(settings: Settings) -> None:
    ports = {"API_PORT": settings.api_port}
    if not settings.temporal_address:
        ports |= {"TEMPORAL_PORT": settings.temporal_port, "TEMPORAL_UI_PORT": settings.temporal_ui_port}
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise SetupError(f"port {port} is taken; stop what uses it, or set {name} to a free one") from error


async def start_stack(settings: Settings, servers: Servers, supervisor: Supervisor, say: Say) -> Stack:
    """Start Temporal, migrate, start worker, relay and API; all of it is up afterwards, for the supervisor to stop."""
    if servers.postgres is not None:
        await servers.postgres.ensure_database(DATABASE)
        settings = settings.model_copy(update={"database_url": servers.postgres.url(DATABASE)})
    if servers.temporal_cli is not None:
        settings = with_own_secrets(settings)
        say("starting Temporal with its Web UI")
        settings = await _start_temporal(settings, servers.temporal_cli, supervisor)
    say("migrating the database")
    await migrate(settings.require_database_url())
    say("starting worker, relay and API")
    stack = Stack(settings, _api_url(settings), settings.temporal_ui_url)
    await _start_processes(stack, supervisor)
    return stack


def _api_url(settings: Settings) -> str:
    return f"http://{settings.api_host}:{settings.api_port}"


async def _start_temporal(settings: Settings, cli: Path, supervisor: Supervisor) -> Settings:
    options = DevServerOptions(
        port=settings.temporal_port,
        ui_port=settings.temporal_ui_port,
        database=settings.steadyscore_home.resolve() / "temporal.db",
        namespace=settings.temporal_namespace,
        ui_codec_endpoint=f"{_api_url(settings)}{CODEC_PATH}",
        # it warns of its own connections whenever it stops
        log_level="error",
    )
    address = f"127.0.0.1:{options.port}"

    async def ready() -> None:
        await wait_until_serving(address, options.namespace, START_SECONDS)

    await supervisor.start(ChildProcess("temporal", dev_server_command(cli, options), ready=ready))
    ui_url = settings.temporal_ui_url or f"http://127.0.0.1:{options.ui_port}"
    return settings.model_copy(update={"temporal_address": address, "temporal_ui_url": ui_url})


async def _start_processes(stack: Stack, supervisor: Supervisor) -> None:
    environment = _environment(stack.settings)

    async def polled() -> None:
        await _wait_until_polled(stack.settings)

    async def answering() -> None:
        await _wait_until_answering(f"{stack.api_url}/health/live")

    await asyncio.gather(
        *(
            supervisor.start(ChildProcess(name, [sys.executable, "-m", "steadyscore", name], environment, ready))
            for name, ready in (("worker", polled), ("relay", None), ("api", answering))
        )
    )


def _environment(settings: Settings) -> Mapping[str, str]:
    """All there is to know: what is not set is empty, so that neither a shell nor a file says otherwise."""
    values = {name.upper(): "" if value is None else str(value) for name, value in settings.model_dump().items()}
    return values | {"STEADYSCORE_ENV_FILE": ""}


async def _wait_until_polled(settings: Settings) -> None:
    client = await connect(settings)
    for queue in (TASK_QUEUE, BATCH_TASK_QUEUE):
        request = DescribeTaskQueueRequest(
            namespace=settings.temporal_namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        while not (await client.workflow_service.describe_task_queue(request)).pollers:
            await asyncio.sleep(POLL_SECONDS)


async def _wait_until_answering(url: str) -> None:
    async with httpx.AsyncClient() as client:
        while not await _answers(client, url):
            await asyncio.sleep(POLL_SECONDS)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False
