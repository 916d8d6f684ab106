"""Finding the Temporal CLI, or else making it: on PATH, made before, downloaded by the SDK, built by Go.

Whatever makes it, it ends as `bin/temporal` in the directory: only the first start waits. The set-up runs this as
`python -m steadyscore.embedded.temporal_cli DIR`, before any dependency is there, to build it beside the rest.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from steadyscore.embedded.making import (
    GO_MODULE,
    Say,
    find_go,
    go_build_command,
    one_at_a_time,
    run_logged,
    scratch_directory,
)
from steadyscore.errors import SetupError

# given an empty directory, returns the program in it; raises SetupError with the reason why not
Source = Callable[[Path, Say], Path]

# the version of tools/temporal/go.mod: the same server, downloaded or built
_VERSION = "v1.5.1"
_PACKAGE = "github.com/temporalio/cli/cmd/temporal"
_DOWNLOADER = Path(__file__).with_name("temporal_download.py")
# enough for its 50 MB at 5 Mbit/s; a network that swallows packets would hold us for many minutes
_DOWNLOAD_SECONDS = 90
_TRIAL_SECONDS = 20
_REMEDIES = """Any of these helps:
  - install the Temporal CLI, so that `temporal` is on PATH
  - set TEMPORAL_ADDRESS to a Temporal server that runs already
  - install Go (1.25 or newer) and start from a checkout of this project"""


def download_by_sdk(scratch: Path, say: Say) -> Path:
    """Let the Temporal SDK download the program for this machine."""
    say(f"downloading the Temporal CLI through its SDK (50 MB; given up after {_DOWNLOAD_SECONDS} s)")
    command = [sys.executable, "-P", str(_DOWNLOADER), _VERSION, str(scratch)]
    run_logged(command, scratch.with_name("temporal-download.log"), say, _DOWNLOAD_SECONDS)
    programs = [file for file in scratch.iterdir() if os.access(file, os.X_OK)]
    if len(programs) != 1:
        raise SetupError("the SDK's download left no program")
    return programs[0]


def build_by_go(scratch: Path, say: Say, search_path: str | None = None, module: Path = GO_MODULE) -> Path:
    """Build the program from Go modules, in the version that this project's go.mod names."""
    go = find_go(search_path, module)
    say("building the Temporal CLI from Go modules; the first time this takes some minutes")
    program = scratch / "temporal"
    run_logged(go_build_command(go, module, _PACKAGE, program), scratch.with_name("temporal-build.log"), say)
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
    with one_at_a_time(kept.parent, "the Temporal CLI", say):
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
    with scratch_directory(target.parent) as scratch:
        program = source(scratch, say)
        if not _runs(program):
            raise SetupError("the program that came of it does not run on this machine")
        # renaming makes the program appear whole or not at all
        program.replace(target)
    return target


def _runs(program: Path) -> bool:
    try:
        trial = subprocess.run(  # noqa: S603 - found on PATH or made by us
            [program, "--version"], capture_output=True, timeout=_TRIAL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return trial.returncode == 0


def _say_at_once(line: str) -> None:
    sys.stdout.write(f"Temporal: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        find_temporal_cli(Path(sys.argv[1]), _say_at_once, sources=[build_by_go])
    except SetupError as error:
        sys.exit(str(error))
