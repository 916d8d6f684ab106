"""Finding the Temporal CLI, or else making it: on PATH, made before, downloaded by the SDK, built by Go.

Whatever makes it, it ends as `bin/temporal` in the directory: only the first start waits. The set-up runs this as
`python -m steadyscore.embedded.temporal_cli DIR`, before any dependency is there, to build it beside the rest.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from steadyscore.child import bound_to_this_process
from steadyscore.errors import SetupError
from steadyscore.processes import last_lines

Say = Callable[[str], None]
# given an empty directory, returns the program in it; raises SetupError with the reason why not
Source = Callable[[Path, Say], Path]

# the version of tools/temporal/go.mod: the same server, downloaded or built
_VERSION = "v1.5.1"
_PACKAGE = "github.com/temporalio/cli/cmd/temporal"
_DOWNLOADER = Path(__file__).with_name("temporal_download.py")
_MODULE = Path(__file__).resolve().parents[2] / "tools" / "temporal"
# enough for its 50 MB at 5 Mbit/s; a network that swallows packets would hold us for many minutes
_DOWNLOAD_SECONDS = 90
# two cores and nothing cached take 3 minutes; after half an hour something hangs
_BUILD_SECONDS = 1800
_PROGRESS_SECONDS = 20
_TRIAL_SECONDS = 20
_REMEDIES = """Any of these helps:
  - install the Temporal CLI, so that `temporal` is on PATH
  - set TEMPORAL_ADDRESS to a Temporal server that runs already
  - install Go (1.25 or newer) and start from a checkout of this project"""


def download_by_sdk(scratch: Path, say: Say) -> Path:
    """Let the Temporal SDK download the program for this machine."""
    say(f"downloading the Temporal CLI through its SDK (50 MB; given up after {_DOWNLOAD_SECONDS} s)")
    command = [sys.executable, "-P", str(_DOWNLOADER), _VERSION, str(scratch)]
    _run(command, scratch.with_name("temporal-download.log"), _DOWNLOAD_SECONDS, say)
    programs = [file for file in scratch.iterdir() if os.access(file, os.X_OK)]
    if len(programs) != 1:
        raise SetupError("the SDK's download left no program")
    return programs[0]


def build_by_go(scratch: Path, say: Say, search_path: str | None = None, module: Path = _MODULE) -> Path:
    """Build the program from Go modules, in the version that this project's go.mod names."""
    go = shutil.which("go", path=search_path)
    if go is None:
        raise SetupError("there is no `go` on PATH to build it")
    if not (module / "go.mod").is_file():
        raise SetupError(f"there is nothing to build it from: no go.mod in {module}")
    say("building the Temporal CLI from Go modules; the first time this takes some minutes")
    program = scratch / "temporal"
    # without cgo: no C compiler is needed, and the program runs on any Linux
    command = ["env", "CGO_ENABLED=0", go, "-C", str(module), "build", "-ldflags=-s -w", "-o", str(program), _PACKAGE]
    _run(command, scratch.with_name("temporal-build.log"), _BUILD_SECONDS, say)
    return program


SOURCES: Sequence[Source] = (download_by_sdk, build_by_go)


def find_temporal_cli(
    directory: Path, say: Say, search_path: str | None = None, sources: Sequence[Source] = SOURCES
) -> Path:
    """Return a Temporal CLI that runs, made in `directory` if there is none; `search_path` stands for PATH.

    Blocks, for minutes if it has to build: call it in the main thread before the event loop, or in a thread.
    Raises one SetupError with every source's reason and the remedies.
    """
    kept = directory.resolve() / "bin" / "temporal"
    on_path = shutil.which("temporal", path=search_path)
    if on_path and _runs(Path(on_path)):
        return Path(on_path)
    if _runs(kept):
        return kept
    with _one_at_a_time(kept.parent, say):
        # another process may have made it while this one waited for its turn
        return kept if _runs(kept) else _make(kept, say, sources)


def _make(target: Path, say: Say, sources: Sequence[Source]) -> Path:
    reasons = []
    for source in sources:
        try:
            return _make_from(source, target, say)
        except SetupError as error:
            say(f"that did not work: {str(error).splitlines()[0]}")
            reasons.append(f"  - {error}")
    raise SetupError("\n".join(["There is no Temporal CLI:", *reasons, _REMEDIES]))


def _make_from(source: Source, target: Path, say: Say) -> Path:
    # what a killed run left is cleared away; renaming makes the program appear whole or not at all
    scratch = target.with_name("making")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        program = source(scratch, say)
        if not _runs(program):
            raise SetupError("the program that came of it does not run on this machine")
        program.replace(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def _runs(program: Path) -> bool:
    try:
        trial = subprocess.run(  # noqa: S603 - found on PATH or made by us
            [program, "--version"], capture_output=True, timeout=_TRIAL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return trial.returncode == 0


@contextlib.contextmanager
def _one_at_a_time(directory: Path, say: Say) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "making.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is making the Temporal CLI; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: Sequence[str], log: Path, deadline_seconds: float, say: Say) -> None:
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - commands of this module, no shell
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


def _say_at_once(line: str) -> None:
    sys.stdout.write(f"Temporal: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        find_temporal_cli(Path(sys.argv[1]), _say_at_once, sources=[build_by_go])
    except SetupError as error:
        sys.exit(str(error))
