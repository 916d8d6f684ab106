"""Checks docker-compose.yml, no container engine needed: by `docker compose config`, else by the library behind it.

Run it as `python tools/check_compose.py`; it ends with 1 where the file is not valid. `resolved_model` is for tests.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
COMPOSE_FILE = PROJECT / "docker-compose.yml"
CHECKER_SOURCE = PROJECT / "tools" / "compose"
CHECKER = PROJECT / ".steadyscore" / "tools" / "compose"


class ComposeCheckError(Exception):
    """The file is not valid, or there is nothing to check it with."""


def main() -> int:
    """Check the file, say by what, and return the exit code."""
    try:
        checker, command = find_checker()
        resolved_model(COMPOSE_FILE, command)
    except ComposeCheckError as error:
        sys.stderr.write(f"{COMPOSE_FILE.name}: {error}\n")
        return 1
    sys.stdout.write(f"{COMPOSE_FILE.name}: valid, says {checker}\n")
    return 0


def find_checker() -> tuple[str, list[str]]:
    """Find what can check: its name, and its command, which prints the model of the file in COMPOSE_FILE as JSON."""
    docker, go = shutil.which("docker"), shutil.which("go")
    if docker and _run([docker, "compose", "version"], PROJECT).returncode == 0:
        options = ["--env-file", os.devnull, "--profile", "*"]
        return "docker compose", [docker, "compose", *options, "config", "--format", "json"]
    if go:
        _output([go, "build", "-o", str(CHECKER), "."], CHECKER_SOURCE)
        return "compose-go, built from tools/compose", [str(CHECKER)]
    raise ComposeCheckError("neither `docker compose` nor `go` is there to check it with; install either")


def resolved_model(compose_file: Path, command: list[str] | None = None) -> dict[str, Any]:
    """Return the file as Compose understands it, with a stand-in for every variable that it requires."""
    required = re.findall(r"\$\{(\w+):?\?", compose_file.read_text(encoding="utf-8"))
    variables = dict.fromkeys(required, "stand-in") | {"COMPOSE_FILE": str(compose_file)}
    output = _output(command or find_checker()[1], compose_file.parent, variables)
    model: dict[str, Any] = json.loads(output)
    return model


def _output(command: list[str], folder: Path, variables: dict[str, str] | None = None) -> str:
    ended = _run(command, folder, variables)
    if ended.returncode != 0:
        raise ComposeCheckError(ended.stderr.strip() or f"{command[0]} ended with {ended.returncode}")
    return ended.stdout


def _run(command: list[str], folder: Path, variables: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | (variables or {})
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
