"""The real Temporal server of the stand, one process with all its services, its data in the stand's PostgreSQL."""

import asyncio
import contextlib
import signal
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from faults.ports import stable_port
from faults.postgres import HOST, USER, StandPostgres
from faults.processes import StandProcess, clean_environment
from faults.temporal_build import TemporalPrograms
from faults.temporal_config import PLUGIN, STORE, VISIBILITY, write_config
from steadyscore.child import bound_to_this_process
from steadyscore.errors import SetupError
from steadyscore.processes import ChildProcess, last_lines

NAMESPACE = "default"

_START_SECONDS = 60.0
_POLL_SECONDS = 0.1
_LINES = 5
_LINE_LENGTH = 300
_ANSWER = timedelta(seconds=2)
_RETENTION = Duration(seconds=3 * 86_400)
# each database, and the schema that the tool carries for it
_SCHEMAS = {STORE: "postgresql/v12/temporal", VISIBILITY: "postgresql/v12/visibility"}


class TemporalServer:
    """Kept running like every process of the stand, at the same address for ever, but a killed one stays down."""

    def __init__(self, programs: TemporalPrograms, postgres: StandPostgres, directory: Path, logs: Path) -> None:
        self._port = stable_port()
        self._programs = programs
        self._postgres = postgres
        self._directory = directory
        self._tool_log = logs / "temporal-sql-tool.log"
        root = ["--root", str(directory), "--config", "config", "--allow-no-auth"]
        server = ChildProcess("temporal", [str(programs.server), *root, "start"])
        self.process = StandProcess(server, directory, logs / "temporal.log")

    @property
    def address(self) -> str:
        """HOST:PORT of its frontend."""
        return f"{HOST}:{self._port}"

    @property
    def port(self) -> int:
        """The port of its frontend."""
        return self._port

    async def set_up(self) -> None:
        """Make its databases with their schema, its configuration and its namespace; it serves afterwards."""
        write_config(self._directory / "config", self._postgres, self._port)
        await self._make_databases()
        await self.start()

    async def start(self) -> None:
        """Start it and wait until its namespace can be used; the namespace is registered where it is missing."""
        await self.process.start()
        await self.wait_until_usable()

    async def kill(self) -> None:
        """End it by SIGKILL; it stays down until `start`."""
        await self.process.stop(signal.SIGKILL)

    async def stop(self) -> None:
        """End it in order; it stays down until `start`."""
        await self.process.stop()

    async def wipe(self) -> None:
        """Lose everything that it knows: the same server as before on databases made anew."""
        await self.kill()
        await self._postgres.drop_databases(*_SCHEMAS)
        await self._make_databases()
        await self.start()

    async def wait_until_usable(self, deadline_seconds: float = _START_SECONDS) -> None:
        """Return once runs can be counted in its namespace; raise SetupError after the deadline."""
        try:
            async with asyncio.timeout(deadline_seconds):
                while not await self._is_usable():
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            said = _last_words(self.process.log)
            raise SetupError(f"Temporal does not serve after {deadline_seconds:g} s; its last words:{said}") from None

    async def _is_usable(self) -> bool:
        # whatever it answers while it starts: it is asked again
        with contextlib.suppress(RuntimeError, RPCError):
            client = await Client.connect(self.address, namespace=NAMESPACE)
            try:
                await client.count_workflows(rpc_timeout=_ANSWER)
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
                await _register_namespace(client)
            else:
                return True
        return False

    async def _make_databases(self) -> None:
        await self._postgres.create_databases(*_SCHEMAS)
        # one after the other: the tool is what a deployment runs, and it is fast enough
        for database, schema in _SCHEMAS.items():
            await self._run_tool(database, "setup-schema", "--version", "0.0")
            await self._run_tool(database, "update-schema", "--schema-name", schema)

    async def _run_tool(self, database: str, *arguments: str) -> None:
        place = ["--plugin", PLUGIN, "--endpoint", HOST, "--port", str(self._postgres.port), "--user", USER]
        with self._tool_log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *bound_to_this_process([str(self._programs.sql_tool), *place, "--database", database, *arguments]),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=clean_environment(),
            )
        if await process.wait() != 0:
            said = _last_words(self._tool_log)
            raise SetupError(f"Temporal's schema could not be made in {database}; the tool's last words:{said}")


async def _register_namespace(client: Client) -> None:
    request = RegisterNamespaceRequest(namespace=NAMESPACE, workflow_execution_retention_period=_RETENTION)
    try:
        await client.workflow_service.register_namespace(request, timeout=_ANSWER)
    except RPCError as error:
        # registered a moment ago, and not yet in every cache
        if error.status != RPCStatusCode.ALREADY_EXISTS:
            raise


def _last_words(log: Path) -> str:
    # with every error comes a trace of some kilobytes
    return "".join(f"\n    {line[:_LINE_LENGTH]}" for line in last_lines(log, _LINES))
