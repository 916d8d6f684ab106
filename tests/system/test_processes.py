"""The supervisor with real children: early ends, order of stopping, signals, and what is left afterwards."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from steadyscore.errors import ProcessFailed
from steadyscore.processes import ChildProcess, Supervisor

_DEADLINE_SECONDS = 20

# serves until it is told to stop, then notes its name
_POLITE = """
import pathlib, signal, sys
name, up, stopped = sys.argv[1:]
def stop(*_):
    with open(stopped, "a") as file:
        file.write(name + "\\n")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
pathlib.Path(up).touch()
while True:
    signal.pause()
"""

# neither it nor its own child cares for SIGTERM
_STUBBORN = """
import pathlib, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal\\nwhile True: signal.pause()"])
written = pathlib.Path(sys.argv[1] + ".part")
written.write_text(f"{child.pid}")
written.rename(sys.argv[1])
while True:
    signal.pause()
"""

_SUPERVISING = """
import asyncio, pathlib, sys
from steadyscore.processes import ChildProcess, Supervisor
async def main():
    async with Supervisor(pathlib.Path(sys.argv[1])) as supervisor:
        await supervisor.start(ChildProcess("child", sys.argv[2:]))
        await supervisor.wait()
asyncio.run(main())
"""


async def test_a_child_that_dies_early_is_reported_with_its_last_lines(tmp_path: Path) -> None:
    script = "import sys\nfor number in range(30): print('line', number)\nsys.exit(3)"
    child = ChildProcess("short", [sys.executable, "-c", script], ready=_never)

    async with Supervisor(tmp_path) as supervisor:
        with pytest.raises(ProcessFailed, match="short ended with exit code 3") as failure:
            await supervisor.start(child)

    assert failure.value.last_lines == tuple(f"line {number}" for number in range(10, 30))


async def test_a_program_that_does_not_exist_is_reported_by_its_name(tmp_path: Path) -> None:
    async with Supervisor(tmp_path) as supervisor:
        with pytest.raises(ProcessFailed, match="cannot run no-such-program: No such file"):
            await supervisor.start(ChildProcess("missing", ["no-such-program"], ready=_never))


async def test_a_child_that_ends_later_is_reported_by_wait(tmp_path: Path) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    script = "import sys\nprint('bye')\nopen(sys.argv[1]).read()"

    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(_polite("steady", tmp_path))
        await supervisor.start(ChildProcess("passing", [sys.executable, "-c", script, str(go)]))
        waiting = asyncio.create_task(supervisor.wait())
        await asyncio.to_thread(go.write_text, "")

        with pytest.raises(ProcessFailed, match="passing ended with exit code 0") as failure:
            await waiting

    assert failure.value.last_lines == ("bye",)


async def test_a_start_does_not_wait_on_when_an_earlier_child_has_died(tmp_path: Path) -> None:
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(ChildProcess("first", [sys.executable, "-c", "raise SystemExit(1)"]))

        with pytest.raises(ProcessFailed, match="first ended with exit code 1"):
            await supervisor.start(_polite("second", tmp_path, ready=_never))


async def test_children_are_stopped_in_reverse_order(tmp_path: Path) -> None:
    async with Supervisor(tmp_path) as supervisor:
        for name in ("database", "server", "worker"):
            await supervisor.start(_polite(name, tmp_path))

    assert _stopped(tmp_path) == ["worker", "server", "database"]


async def test_a_child_that_will_not_stop_is_killed_with_its_own_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    child = ChildProcess("stubborn", [sys.executable, "-c", _STUBBORN, str(note)], ready=lambda: _until(note.exists))

    async with Supervisor(tmp_path, grace_seconds=0.2) as supervisor:
        await supervisor.start(child)
        grandchild = int(note.read_text())

    await _until(lambda: not _lives(grandchild))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_during_a_start_stops_all_in_order_even_when_it_comes_twice(
    tmp_path: Path, number: signal.Signals
) -> None:
    before = signal.getsignal(number)

    async def ready_after_the_signals() -> None:
        await _until((tmp_path / "second.up").exists)
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        await _never()

    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(_polite("first", tmp_path))
        await supervisor.start(_polite("second", tmp_path, ready=ready_after_the_signals))
        pytest.fail("the block goes on after a signal")

    assert supervisor.stopped_by == number
    assert _stopped(tmp_path) == ["second", "first"]
    assert signal.getsignal(number) == before


async def test_a_signal_during_the_stop_does_not_cut_it_short(tmp_path: Path) -> None:
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(_polite("first", tmp_path))
        await supervisor.start(_polite("second", tmp_path))
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)

    assert _stopped(tmp_path) == ["second", "first"]


async def test_a_cancelled_block_stops_its_children_and_stays_cancelled(tmp_path: Path) -> None:
    async def supervise() -> None:
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start(_polite("only", tmp_path))
            await supervisor.wait()

    supervising = asyncio.create_task(supervise())
    await _until((tmp_path / "only.up").exists)
    supervising.cancel()

    with pytest.raises(asyncio.CancelledError):
        await supervising
    assert _stopped(tmp_path) == ["only"]


async def test_an_error_in_the_block_stops_the_children_and_is_passed_on(tmp_path: Path) -> None:
    async def supervise() -> None:
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start(_polite("only", tmp_path))
            raise ValueError("of the block")

    with pytest.raises(ValueError, match="of the block"):
        await supervise()
    assert _stopped(tmp_path) == ["only"]


async def test_what_a_child_writes_is_echoed_under_its_name_and_kept_in_its_log(tmp_path: Path) -> None:
    echoed: list[str] = []
    script = "import os, sys\nprint(os.environ['GREETING'])\nsys.stderr.write('unfinished')"
    child = ChildProcess("talker", [sys.executable, "-c", script], {"GREETING": "hello"}, ready=_never)

    async with Supervisor(tmp_path / "logs", echo=echoed.append) as supervisor:
        with pytest.raises(ProcessFailed):
            await supervisor.start(child)

    assert echoed == ["talker | hello", "talker | unfinished"]
    assert (tmp_path / "logs" / "talker.log").read_text() == "hello\nunfinished"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can bind a child to its parent")
async def test_children_do_not_outlive_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    polite = _polite("child", tmp_path)
    command = [sys.executable, "-c", _SUPERVISING, str(tmp_path), *polite.command]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    supervisor = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        await _until((tmp_path / "child.up").exists)
        children = psutil.Process(supervisor.pid).children()
    finally:
        supervisor.kill()
        await supervisor.wait()

    assert children
    await _until(lambda: not any(_lives(child.pid) for child in children))
    assert _stopped(tmp_path) == []


def _polite(name: str, directory: Path, ready: Callable[[], Awaitable[None]] | None = None) -> ChildProcess:
    up = directory / f"{name}.up"
    command = [sys.executable, "-c", _POLITE, name, str(up), str(directory / "stopped")]
    return ChildProcess(name, command, ready=ready or (lambda: _until(up.exists)))


def _stopped(directory: Path) -> list[str]:
    noted = directory / "stopped"
    return noted.read_text().split() if noted.exists() else []


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def _never() -> None:
    await asyncio.Event().wait()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_DEADLINE_SECONDS):
        while not condition():
            await asyncio.sleep(0.02)
