"""Temporal's time-skipping test server as an executable: a given one, else the SDK's download, else locked jars.

`temporal-test-server.lock.toml` names the jars, tools/locked_jars.py gets them. Everything stays in the one directory
that the caller names.
"""

import asyncio
import fcntl
import shlex
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.testing import WorkflowEnvironment

from tools.locked_jars import java_command, read_lock, verified_jars

NAME = "time-skipping test server"
LOCK = Path(__file__).with_name("temporal-test-server.lock.toml")
MAIN_CLASS = "io.temporal.testserver.TestServer"
SDK_DOWNLOAD_SECONDS = 60
# for a short life on a small machine; the last two silence what Java 24 and later say about netty
JVM_OPTIONS = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)


def time_skipping_server(directory: Path, *, given: Path | None = None) -> Path:
    """Return an executable for `start_time_skipping(test_server_existing_path=...)`.

    `given` (the value of `TEMPORAL_TEST_SERVER`, say) is returned, nothing else looked at. Without it the first
    call needs a network; later ones find everything in `directory`. Calls from several processes wait in line.
    """
    if given is not None:
        return given.resolve(strict=True)
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    with _alone_in(directory):
        return _sdk_build(directory) or _java_server(directory)


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go by closing, or by the end of the process
        yield


def _sdk_build(directory: Path) -> Path | None:
    """Find what the SDK downloads for its version; it is asked once, and not at all where jars are already kept."""
    builds = directory / "sdk" / version("temporalio")
    if not builds.exists() and not (directory / "jars").exists():
        builds.mkdir(parents=True)
        sys.stderr.write(f"{NAME}: trying the SDK's own download, {SDK_DOWNLOAD_SECONDS} s at most\n")
        with suppress(RuntimeError, TimeoutError), ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _start_once(builds)).result()
    return next((build for build in builds.glob("temporal-test-server-*") if build.suffix != ".downloading"), None)


async def _start_once(builds: Path) -> None:
    # a runtime of its own: the process's default one belongs to the tests
    async with asyncio.timeout(SDK_DOWNLOAD_SECONDS):
        runtime = Runtime(telemetry=TelemetryConfig())
        server = await WorkflowEnvironment.start_time_skipping(download_dest_dir=str(builds), runtime=runtime)
        await server.shutdown()


def _java_server(directory: Path) -> Path:
    jars = verified_jars(NAME, read_lock(LOCK), directory / "jars")
    return _write_wrapper(directory, jars)


def _write_wrapper(directory: Path, jars: Sequence[Path]) -> Path:
    """Write what the SDK starts with a port as argument; `exec`, because it kills just the process it started."""
    command = shlex.join(java_command(JVM_OPTIONS, jars, MAIN_CLASS))
    draft = directory / "temporal-test-server.draft"
    draft.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    draft.chmod(0o700)
    # in one step: another session may just be starting it
    return draft.replace(directory / "temporal-test-server")
