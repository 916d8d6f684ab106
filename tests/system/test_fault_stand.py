"""The stand on which faults are injected: it leaves nothing behind, and a line that it cuts is cut."""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psutil
import pytest

from faults.proxy import Proxy
from faults.temporal_build import find_temporal_server

HOME = Path(__file__).resolve().parents[2] / ".steadyscore"
PATIENCE_SECONDS = 60.0
_STAND_ALONE = """
import asyncio, sys
from pathlib import Path
from faults.stand import Stand
from faults.temporal_build import find_temporal_server

async def stand() -> None:
    async with Stand(find_temporal_server(Path(sys.argv[1]), print)) as stand:
        print(stand.home, flush=True)
        await asyncio.Event().wait()

asyncio.run(stand())
"""


@pytest.fixture(scope="module")
def programs() -> None:
    """Built the first time."""
    find_temporal_server(HOME, print)


def left_of(home: Path) -> list[str]:
    """The processes that belong to a stand, by what is in their command line or environment."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ", "status"]):
        words = [*(process.info["cmdline"] or []), (process.info["environ"] or {}).get("STEADYSCORE_HOME", "")]
        named = any(str(home) in word for word in words) and process.pid != os.getpid()
        if named and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(" ".join(process.info["cmdline"] or [process.name()]))
    return found


async def test_a_cut_line_is_silent_and_a_restored_one_resets_what_was_connected() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            writer.write(await reader.read(10))

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, Proxy(server.sockets[0].getsockname()[1]) as proxy:
        reader, writer = await asyncio.open_connection(*proxy.address.split(":"))
        proxy.cut()
        writer.write(b"hello")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(10), 0.3)

        await proxy.restore()

        with pytest.raises(ConnectionResetError):
            await reader.read(10)
        writer.close()
        reader, writer = await asyncio.open_connection(*proxy.address.split(":"))
        writer.write(b"again")
        assert await reader.read(10) == b"again"
        writer.close()


@pytest.mark.timeout(900)  # the first time Temporal's server is built
@pytest.mark.usefixtures("programs")
def test_a_stand_that_is_killed_leaves_nothing() -> None:
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([sys.executable, "-c", _STAND_ALONE, str(HOME)], stdout=output)
        said = eventually(lambda: _said(output) or process.poll())
        home = Path(str(said).strip())
        present = left_of(home)

        process.kill()
        process.wait()

    eventually(lambda: not home.exists() and not left_of(home))
    assert len(present) >= len(["PostgreSQL", "Temporal", "guardian"]) + 6


def eventually(holds: Callable[[], object]) -> object:
    """What `holds` returns once it is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (result := holds()):
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.1)
    return result


def _said(output: IO[str]) -> str:
    output.seek(0)
    return output.read()
