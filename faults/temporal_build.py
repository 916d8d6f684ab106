"""The real Temporal server and its sql tool, built by Go in the version of tools/temporal/go.mod, and kept."""

import subprocess
from dataclasses import dataclass
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

# the version of tools/temporal/go.mod
_VERSION = "1.29.1"
_PACKAGES = {
    "temporal-server": "go.temporal.io/server/cmd/server",
    "temporal-sql-tool": "go.temporal.io/server/cmd/tools/sql",
}
_TRIAL_SECONDS = 20
_REMEDY = "install Go (1.25 or newer) and start from a checkout of this project"


@dataclass(frozen=True)
class TemporalPrograms:
    """Where they are; the tool carries the schema."""

    server: Path
    sql_tool: Path


def find_temporal_server(directory: Path, say: Say, search_path: str | None = None) -> TemporalPrograms:
    """Return both programs from `directory`/bin, built if need be; `search_path` stands for PATH.

    Blocks, for minutes where Go has cached nothing: call it in the main thread. Raises SetupError with the remedy.
    """
    kept = directory.resolve() / "bin"
    if missing := _missing(kept):
        with one_at_a_time(kept, "Temporal's programs", say):
            # another process may have made them while this one waited for its turn
            missing = _missing(kept)
            _build(missing, kept, say, search_path)
    return TemporalPrograms(kept / "temporal-server", kept / "temporal-sql-tool")


def _missing(directory: Path) -> list[str]:
    return [name for name in _PACKAGES if not _is_current(directory / name)]


def _build(names: list[str], directory: Path, say: Say, search_path: str | None) -> None:
    try:
        go = find_go(search_path)
        for name in names:
            say(f"building {name} from Go modules; the first time this takes some minutes")
            with scratch_directory(directory) as scratch:
                program = scratch / name
                command = go_build_command(go, GO_MODULE, _PACKAGES[name], program)
                run_logged(command, directory / f"{name}-build.log", say)
                # renaming makes the program appear whole or not at all
                program.replace(directory / name)
    except SetupError as error:
        raise SetupError(f"There is no Temporal server {_VERSION} to test with: {error}\nRemedy: {_REMEDY}") from error


def _is_current(program: Path) -> bool:
    try:
        trial = subprocess.run(  # noqa: S603 - made by us
            [program, "--version"], capture_output=True, text=True, timeout=_TRIAL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return trial.returncode == 0 and trial.stdout.split()[-1:] == [_VERSION]
