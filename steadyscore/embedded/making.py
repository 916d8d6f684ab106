"""Making a program once and keeping it: one maker at a time, whole or not at all, its output in a log.

Standard library only, as the set-up builds programs before any dependency is there.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from steadyscore.child import bound_to_this_process
from steadyscore.errors import SetupError
from steadyscore.processes import last_lines

Say = Callable[[str], None]

GO_MODULE = Path(__file__).resolve().parents[2] / "tools" / "temporal"
"""Names the versions of what is built by Go."""

# two cores and nothing cached take 3 minutes; after half an hour something hangs
_BUILD_SECONDS = 1800
_PROGRESS_SECONDS = 20


@contextlib.contextmanager
def one_at_a_time(directory: Path, what: str, say: Say) -> Iterator[None]:
    """Hold the right to make programs in `directory`; waits for whoever holds it."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "making.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is making {what}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def scratch_directory(directory: Path) -> Iterator[Path]:
    """An empty directory to make something in, cleared away afterwards; what a killed run left is cleared before."""
    scratch = directory / "making"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def find_go(search_path: str | None = None, module: Path = GO_MODULE) -> str:
    """Return the Go program; raise SetupError where it or the module is missing; `search_path` stands for PATH."""
    go = shutil.which("go", path=search_path)
    if go is None:
        raise SetupError("there is no `go` on PATH to build it")
    if not (module / "go.mod").is_file():
        raise SetupError(f"there is nothing to build it from: no go.mod in {module}")
    return go


def go_build_command(go: str, module: Path, package: str, program: Path) -> list[str]:
    """The command line that builds `package`, in the version that the module's go.mod names."""
    # without cgo: no C compiler is needed, and the program runs on any Linux
    build = ["env", "CGO_ENABLED=0", go, "-C", str(module), "build", "-ldflags=-s -w"]
    return [*build, "-o", str(program), package]


def run_logged(command: Sequence[str], log: Path, say: Say, deadline_seconds: float = _BUILD_SECONDS) -> None:
    """Run to the end, with a line now and then for whoever waits; raise SetupError with the log's end on failure."""
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - commands of this package, no shell
            bound_to_this_process(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        exit_code = _wait(process, deadline_seconds, say)
    finally:
        # the group: compilers under `go`, the development server under the SDK
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if exit_code != 0:
        raise SetupError(_failure(log, exit_code))


def _wait(process: subprocess.Popen[bytes], deadline_seconds: float, say: Say) -> int:
    started = time.monotonic()
    while (passed := time.monotonic() - started) < deadline_seconds:
        try:
            return process.wait(min(_PROGRESS_SECONDS, deadline_seconds - passed))
        except subprocess.TimeoutExpired:
            say(f"… {time.monotonic() - started:.0f} s")
    raise SetupError(f"given up after {deadline_seconds:.0f} s")


def _failure(log: Path, exit_code: int) -> str:
    lines = last_lines(log) or ["it said nothing"]
    return "\n    ".join([f"exit code {exit_code}: {lines[-1]} (all of it in {log})", *lines[:-1]])
