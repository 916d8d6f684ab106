"""The time-skipping test server itself: it starts, skips time, and is gone after its shutdown."""

import asyncio
import os
import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from time_skipping.server import MAIN_CLASS, time_skipping_server

KEPT = Path(__file__).parents[2] / ".steadyscore" / "time-skipping"


# outside the sandbox: not the sandbox is tried here, and it would import this test module again
@workflow.defn(sandboxed=False)
class LongSleep:
    """Sleeps for five minutes and tells how long that was on the server's clock."""

    @workflow.run
    async def run(self) -> float:
        """Sleep."""
        started_at = workflow.now()
        await workflow.sleep(timedelta(minutes=5))
        return (workflow.now() - started_at).total_seconds()


@pytest.fixture(scope="module")
def executable() -> Path:
    given = os.environ.get("TEMPORAL_TEST_SERVER")
    return time_skipping_server(KEPT, given=Path(given) if given else None)


async def test_five_minutes_of_sleep_are_skipped_and_no_server_is_left(executable: Path) -> None:
    port = free_port()
    server = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(executable), port=port, test_server_startup_timeout=timedelta(seconds=30)
    )
    began = time.monotonic()
    async with server, Worker(server.client, task_queue="sleepers", workflows=[LongSleep]):
        slept = await server.client.execute_workflow(LongSleep.run, id="sleeper", task_queue="sleepers")
        assert await is_answered(port)

    assert slept >= 300
    assert time.monotonic() - began < 30
    assert not await is_answered(port)
    assert java_servers(port) == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def is_answered(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def java_servers(port: int) -> list[str]:
    """List the processes that run our Java server on this port (Linux; elsewhere the closed port must do)."""
    commands = [command_line(process) for process in Path("/proc").glob("[0-9]*")]
    return [command for command in commands if MAIN_CLASS in command and command.endswith(f" {port}")]


def command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode()
    except OSError:  # it has ended meanwhile
        return ""
