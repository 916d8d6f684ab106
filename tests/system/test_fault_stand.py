"""The stand on which faults are injected: that it is what it says, comes back from each fault, and leaves nothing."""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import psutil
import pytest

from faults.clock import shifted_by
from faults.proxy import Proxy
from faults.stand import Stand
from faults.temporal_build import TemporalPrograms, find_temporal_server
from http_client import Api

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


@dataclass(frozen=True)
class Farmers:
    """A register with a score type, and the API that it is asked through."""

    api: Api
    register_id: str

    async def score_another(self) -> None:
        """Approve a change, and wait until its score is there."""
        record = await self.api.record(self.register_id)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self._scores(record):
                await asyncio.sleep(0.1)

    async def _scores(self, record: str) -> list[float]:
        answer = await self.api.post("/register-data/get_scores", {"internal_record_id": record})
        return [score["computed_score"] for score in answer.json()["scores"]]


@pytest.fixture(scope="module")
def programs() -> TemporalPrograms:
    """Built the first time."""
    return find_temporal_server(HOME, print)


@pytest.fixture(scope="module")
async def stand(programs: TemporalPrograms) -> AsyncIterator[Stand]:
    """One stand for all faults; whatever is left of it is an error."""
    async with Stand(programs) as stand:
        yield stand
    assert left_of(stand.home) == []
    assert not stand.home.exists()


@pytest.fixture
async def farmers(stand: Stand) -> AsyncIterator[Farmers]:
    """Through the first API."""
    async with httpx.AsyncClient(base_url=stand.api_urls[0], timeout=30) as http:
        api = Api(http)
        register = await api.register()
        await api.definition(register)
        yield Farmers(api, register)


def left_of(home: Path) -> list[str]:
    """The processes that belong to a stand, by what is in their command line or environment."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ", "status"]):
        words = [*(process.info["cmdline"] or []), (process.info["environ"] or {}).get("STEADYSCORE_HOME", "")]
        named = any(str(home) in word for word in words) and process.pid != os.getpid()
        if named and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(" ".join(process.info["cmdline"] or [process.name()]))
    return found


@pytest.mark.timeout(900)  # the first time Temporal is built
async def test_every_process_is_one_of_its_own_and_both_apis_answer(stand: Stand, farmers: Farmers) -> None:
    await farmers.score_another()

    async with httpx.AsyncClient() as http:
        answers = [(await http.get(f"{url}/health/ready")).json()["status"] for url in stand.api_urls]
    assert answers == ["ready", "ready"]
    assert len({process.pid for process in stand.processes} - {None}) == 6


async def test_a_killed_process_is_back_after_a_moment(stand: Stand, farmers: Farmers) -> None:
    killed = [stand.workers[0], stand.relays[0], stand.apis[1]]
    before = [process.pid for process in killed]

    for process in killed:
        await process.kill()
    await asyncio.sleep(1.5)
    await stand.ready()
    await farmers.score_another()

    assert not set(before) & {process.pid for process in killed}
    assert [process.restarts for process in killed] == [1, 1, 1]
    assert [process.exit_codes[-1] for process in killed] == [-9, -9, -9]


async def test_a_temporal_that_was_killed_and_lost_everything_computes_the_next_approval(
    stand: Stand, farmers: Farmers
) -> None:
    await farmers.score_another()

    await stand.temporal.kill()
    down = not await stand.temporal.is_serving()
    await stand.temporal.wipe()
    await stand.ready()
    await farmers.score_another()

    assert down


async def test_after_an_immediate_restart_of_postgresql_the_next_approval_is_computed(
    stand: Stand, farmers: Farmers
) -> None:
    await stand.postgres.restart_immediate()
    await stand.ready()

    await farmers.score_another()


async def test_behind_a_cut_line_the_other_worker_and_relay_compute(stand: Stand, farmers: Farmers) -> None:
    for name in ("worker-1", "relay-1"):
        stand.proxies[name].cut()

    await farmers.score_another()
    for name in ("worker-1", "relay-1"):
        await stand.proxies[name].restore()
    await stand.ready()


async def test_processes_whose_clocks_are_minutes_apart_compute(stand: Stand, farmers: Farmers) -> None:
    for worker in stand.workers:
        await worker.restart(environment=shifted_by(-600))
    await stand.postgres.shift_clock(600)
    await stand.ready()

    await farmers.score_another()

    for worker in stand.workers:
        await worker.restart()
    await stand.postgres.shift_clock(0)
    await stand.ready()


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


@pytest.mark.usefixtures("programs")  # built by then
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
