"""The Temporal CLI's development server: its command line, and waiting until it serves."""

import asyncio
import socket
from dataclasses import dataclass
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from steadyscore.errors import SetupError

_HOST = "127.0.0.1"
_RETRY_SECONDS = 0.1

# A shard looks for tasks 20 times a second by default; with the one shard of this server, every step of a run waits for
# the next look, up to 50 ms
_QUICK_STEPS = ("history.transferProcessorMaxPollRPS=1000", "history.timerProcessorMaxPollRPS=1000")
_FAIR_QUEUES = ("matching.useNewMatcher=true", "matching.enableFairness=true")
"""Under a backlog, by priority keys, and among equals by fairness keys; servers of 1.29 look at neither by default."""
DYNAMIC_CONFIG = (*_QUICK_STEPS, *_FAIR_QUEUES)
"""The same as deploy/temporal/dynamicconfig.yaml."""


@dataclass(frozen=True)
class DevServerOptions:
    """Where to serve; no `ui_port`, no Web UI; no `database`, nothing survives the server's end."""

    port: int
    ui_port: int | None = None
    database: Path | None = None
    ui_codec_endpoint: str | None = None
    log_level: str = "warn"
    namespace: str = "default"


def dev_server_command(cli: Path, options: DevServerOptions) -> list[str]:
    """Return the command line of a development server on this machine's loopback address."""
    command = [str(cli), "server", "start-dev", "--ip", _HOST, "--port", str(options.port)]
    command += ["--headless"] if options.ui_port is None else ["--ui-port", str(options.ui_port)]
    command += ["--ui-codec-endpoint", options.ui_codec_endpoint] if options.ui_codec_endpoint else []
    command += ["--namespace", options.namespace, "--log-level", options.log_level]
    # one's own profiles are for talking to other servers; a broken one must not keep this one from starting
    command += ["--disable-config-file", "--disable-config-env"]
    command += [part for setting in DYNAMIC_CONFIG for part in ("--dynamic-config-value", setting)]
    if options.database is not None:
        # readers do not wait for the writer, and a commit is one append instead of two synchronised files
        command += ["--db-filename", str(options.database), "--sqlite-pragma", "journal_mode=wal"]
        command += ["--sqlite-pragma", "synchronous=normal"]
    return command


def free_port() -> int:
    """Return a port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


async def wait_until_serving(address: str, namespace: str, deadline_seconds: float) -> None:
    """Return once the server at `address` answers for `namespace`; raise SetupError after the deadline."""
    last_failure = "no answer"
    try:
        async with asyncio.timeout(deadline_seconds):
            while failure := await _describe_failure(address, namespace):
                last_failure = failure
                await asyncio.sleep(_RETRY_SECONDS)
    except TimeoutError:
        raise SetupError(
            f"Temporal at {address} does not serve namespace {namespace} after {deadline_seconds:g} s: {last_failure}"
        ) from None


async def _describe_failure(address: str, namespace: str) -> str | None:
    try:
        client = await Client.connect(address, namespace=namespace)
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    # the SDK tells of a server that is not there by a RuntimeError
    except (RuntimeError, RPCError) as error:
        return str(error)
    return None
