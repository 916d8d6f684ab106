"""Where the Temporal CLI comes from, in which order, with little programs in its place; and its command line."""

import asyncio
import re
import threading
from functools import partial
from pathlib import Path

import pytest

from steadyscore.embedded.making import Say
from steadyscore.embedded.temporal_cli import Source, build_by_go, find_temporal_cli
from steadyscore.embedded.temporal_server import (
    DevServerOptions,
    dev_server_command,
    free_port,
    wait_until_serving,
)
from steadyscore.errors import SetupError

_DEPLOYED = Path(__file__).resolve().parents[2] / "deploy" / "temporal" / "dynamicconfig.yaml"
_WORKS = "#!/bin/sh\nexit 0\n"
_BROKEN = "#!/bin/sh\nexit 1\n"
# writes what follows -o, as `go build` does
_GO = f"""#!/bin/sh
echo building
while [ "$1" != -o ]; do shift; done
printf '{_WORKS.replace(chr(10), chr(92) + "n")}' > "$2"
chmod +x "$2"
"""
_BROKEN_GO = "#!/bin/sh\necho 'no such package' >&2\nexit 1\n"


def test_a_program_on_the_path_comes_first(tmp_path: Path) -> None:
    on_path = _program(tmp_path / "path" / "temporal")
    _program(tmp_path / "bin" / "temporal")

    found = find_temporal_cli(tmp_path, _silent, str(on_path.parent), [_unexpected])

    assert found == on_path


def test_a_program_made_before_is_used_when_the_one_on_the_path_does_not_run(tmp_path: Path) -> None:
    on_path = _program(tmp_path / "path" / "temporal", _BROKEN)
    kept = _program(tmp_path / "bin" / "temporal")

    found = find_temporal_cli(tmp_path, _silent, str(on_path.parent), [_unexpected])

    assert found == kept


def test_sources_are_tried_in_order_until_one_makes_a_program_that_runs(tmp_path: Path) -> None:
    said: list[str] = []

    found = find_temporal_cli(tmp_path, said.append, "", [_fails, _makes_a_broken_one, _makes, _unexpected])

    assert found == tmp_path / "bin" / "temporal"
    assert said == [
        "that did not work: the network is far away",
        "that did not work: the program that came of it does not run on this machine",
    ]
    assert _left(tmp_path) == {"temporal", "making.lock"}


def test_a_program_is_made_once(tmp_path: Path) -> None:
    first = find_temporal_cli(tmp_path, _silent, "", [_makes])

    assert find_temporal_cli(tmp_path, _silent, "", [_unexpected]) == first


def test_a_kept_program_that_does_not_run_is_made_anew(tmp_path: Path) -> None:
    kept = _program(tmp_path / "bin" / "temporal", _BROKEN)

    assert find_temporal_cli(tmp_path, _silent, "", [_makes]) == kept
    assert kept.read_text() == _WORKS


def test_what_a_killed_build_left_is_cleared_away(tmp_path: Path) -> None:
    _program(tmp_path / "bin" / "making" / "temporal", _BROKEN)

    find_temporal_cli(tmp_path, _silent, "", [_makes])

    assert _left(tmp_path) == {"temporal", "making.lock"}


async def test_two_at_once_make_one_program(tmp_path: Path) -> None:
    made: list[Path] = []
    said: list[str] = []

    def makes_while_the_other_waits(scratch: Path, say: Say) -> Path:
        made.append(scratch)
        other_waits.wait(timeout=20)
        return _makes(scratch, say)

    def say(line: str) -> None:
        said.append(line)
        other_waits.set()

    other_waits = threading.Event()
    find = partial(find_temporal_cli, tmp_path, say, "", [makes_while_the_other_waits])

    first, second = await asyncio.gather(asyncio.to_thread(find), asyncio.to_thread(find))

    assert first == second
    assert len(made) == 1
    assert said == ["another process is making the Temporal CLI; waiting for it"]


def test_go_builds_it_in_the_background_with_its_output_in_a_log(tmp_path: Path) -> None:
    said: list[str] = []
    source = _go_source(tmp_path, _GO)

    found = find_temporal_cli(tmp_path, said.append, "", [source])

    assert found.read_text() == _WORKS
    assert said == ["building the Temporal CLI from Go modules; the first time this takes some minutes"]
    assert (tmp_path / "bin" / "temporal-build.log").read_text() == "building\n"


def test_with_no_source_left_one_error_names_every_reason_and_the_remedies(tmp_path: Path) -> None:
    sources: list[Source] = [_fails, _go_source(tmp_path, _BROKEN_GO), partial(build_by_go, search_path="")]

    with pytest.raises(SetupError) as failure:
        find_temporal_cli(tmp_path, _silent, "", sources)

    expected = ["the network is far away", "exit code 1: no such package", "no `go` on PATH", "TEMPORAL_ADDRESS"]
    assert [reason for reason in expected if reason not in str(failure.value)] == []
    assert "temporal" not in _left(tmp_path)


def test_a_server_without_a_file_and_a_web_ui_keeps_nothing() -> None:
    command = dev_server_command(Path("temporal"), DevServerOptions(port=7233))

    assert "--headless" in command
    assert "--db-filename" not in command
    assert "--sqlite-pragma" not in command


def test_a_server_with_a_file_and_a_web_ui_names_both() -> None:
    command = dev_server_command(Path("temporal"), DevServerOptions(7233, 8233, Path("kept.db")))

    assert "--headless" not in command
    assert command[command.index("--ui-port") + 1] == "8233"
    assert command[command.index("--db-filename") + 1] == "kept.db"


def test_the_server_looks_for_tasks_often_enough_that_no_step_of_a_run_waits_for_the_next_look() -> None:
    command = dev_server_command(Path("temporal"), DevServerOptions(port=7233))

    assert "history.transferProcessorMaxPollRPS=1000" in command


def test_the_server_is_configured_as_the_one_that_compose_starts() -> None:
    command = dev_server_command(Path("temporal"), DevServerOptions(port=7233))

    told = {command[at + 1] for at, part in enumerate(command) if part == "--dynamic-config-value"}
    composed = re.findall(r"^(\S+):\n  - value: (\S+)$", _DEPLOYED.read_text(encoding="utf-8"), re.MULTILINE)
    assert told == {f"{name}={value}" for name, value in composed}


async def test_waiting_for_a_server_that_is_not_there_ends_at_the_deadline() -> None:
    address = f"127.0.0.1:{free_port()}"

    with pytest.raises(SetupError, match=f"Temporal at {address} does not serve namespace default after 0.3 s"):
        await wait_until_serving(address, "default", 0.3)


def _program(path: Path, script: str = _WORKS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)
    return path


def _makes(scratch: Path, _say: Say) -> Path:
    return _program(scratch / "any-name")


def _makes_a_broken_one(scratch: Path, _say: Say) -> Path:
    return _program(scratch / "temporal", _BROKEN)


def _fails(_scratch: Path, _say: Say) -> Path:
    raise SetupError("the network is far away")


def _unexpected(_scratch: Path, _say: Say) -> Path:
    raise AssertionError("this source should not be needed")


def _go_source(directory: Path, script: str) -> partial[Path]:
    go = _program(directory / "go" / "bin" / "go", script)
    (directory / "go" / "go.mod").touch()
    return partial(build_by_go, search_path=str(go.parent), module=directory / "go")


def _left(directory: Path) -> set[str]:
    return {file.name for file in (directory / "bin").iterdir() if file.suffix != ".log"}


def _silent(_line: str) -> None:
    pass
