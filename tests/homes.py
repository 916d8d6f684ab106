"""Installations of the command line: each in a home of its own, with everything it starts and what it said."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from steadyscore.embedded.temporal_server import free_port

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Home:
    """Where one installation keeps everything, and the ports it serves on."""

    directory: Path
    environment: dict[str, str]

    def start(self, *arguments: str, into: str = "output", **environment: str) -> "subprocess.Popen[str]":
        """Start `steadyscore` with these arguments, its output in a file."""
        with (self.directory / into).open("w") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "steadyscore", *arguments],
                env=self.environment | environment,
                cwd=self.directory,
                stdout=output,
                stderr=output,
                text=True,
                start_new_session=True,
            )

    def run(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run `steadyscore` with these arguments to its end."""
        return subprocess.run(
            [sys.executable, "-m", "steadyscore", *arguments],
            env=self.environment | environment,
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def output(self) -> str:
        """What the started process has said so far."""
        return (self.directory / "output").read_text()

    def processes(self) -> list[str]:
        """The processes that belong to this home, by what is in their command line or environment."""
        return [" ".join(process.info["cmdline"] or [process.name()]) for process in self._processes()]

    def _processes(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter(["cmdline", "environ", "status"]):
            mine = (process.info["environ"] or {}).get("STEADYSCORE_HOME") == str(self.directory)
            named = any(str(self.directory) in part for part in process.info["cmdline"] or [])
            if (mine or named) and process.pid != os.getpid() and process.info["status"] != psutil.STATUS_ZOMBIE:
                yield process


@contextmanager
def installation(directory: Path, temporal_cli: Path, **settings: str) -> Iterator[Home]:
    """A home with the Temporal CLI in it and free ports; whatever still runs in it afterwards is an error."""
    (directory / "bin").mkdir()
    (directory / "bin" / "temporal").symlink_to(temporal_cli)
    own = {
        "STEADYSCORE_HOME": str(directory),
        "API_PORT": str(free_port()),
        "TEMPORAL_PORT": str(free_port()),
        "TEMPORAL_UI_PORT": str(free_port()),
    }
    configured = {"DATABASE_URL", "TEMPORAL_ADDRESS"}
    inherited = {name: value for name, value in os.environ.items() if name not in configured}
    home = Home(directory, inherited | own | settings)
    try:
        yield home
    finally:
        left = home.processes()
        for process in psutil.process_iter(["environ"]):
            if (process.info["environ"] or {}).get("STEADYSCORE_HOME") == str(directory):
                process.kill()
    assert left == []


def eventually(holds: Callable[[], Any], home: Home) -> Any:
    """What `holds` returns once it is true; fails with the output of the home's process."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if result := holds():
            return result
        time.sleep(0.05)
    pytest.fail(f"it did not come to hold; the process said:\n{home.output}")


def start_up(home: Home) -> "tuple[subprocess.Popen[str], httpx.Client]":
    """`steadyscore up`, once it is up."""
    process = home.start("up")
    eventually(lambda: "Ctrl-C stops all of it" in home.output or process.poll() is not None, home)
    assert process.poll() is None, home.output
    return process, client_of(home)


def client_of(home: Home, *options: str) -> httpx.Client:
    """A client with a token that `steadyscore token` prints; an administrator's, where the options say nothing else."""
    token = home.run("token", *options).stdout.strip()
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{home.environment['API_PORT']}", headers=headers, timeout=30)


def stop(process: "subprocess.Popen[str]", number: signal.Signals = signal.SIGINT) -> int:
    """Tell it to stop; its exit code."""
    process.send_signal(number)
    return process.wait(PATIENCE_SECONDS)
