"""The stand's PostgreSQL: one cluster for the service and for Temporal, on TCP, with crashes on demand."""

import asyncio
import signal
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import psutil
from sqlalchemy import URL

from faults.clock import shifted_by
from faults.ports import stable_port
from steadyscore.embedded.postgres import EmbeddedPostgres

HOST = "127.0.0.1"
USER = "postgres"

_DEATH_SECONDS = 30
# Temporal alone keeps some dozens
_SETTINGS = {"listen_addresses": HOST, "max_connections": "300"}


class StandPostgres:
    """A server whose data, port and databases survive every restart; anyone on loopback may log in."""

    def __init__(self, directory: Path) -> None:
        self.port = stable_port()
        self._directory = directory
        self._settings = _SETTINGS | {"port": str(self.port)}
        self._server = EmbeddedPostgres(directory, self._settings)

    @property
    def data(self) -> Path:
        """The directory that names its processes."""
        return self._directory.resolve() / "data"

    async def start(self) -> None:
        """Start it and wait until it answers; make its data the first time."""
        await asyncio.to_thread(self._server.start)

    async def stop(self) -> None:
        """End it, as an orderly shutdown does."""
        await asyncio.to_thread(self._server.stop)

    async def restart_immediate(self) -> None:
        """What `pg_ctl restart -m immediate` does: nothing is flushed or told to anyone; then recover from the log."""
        postmaster = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        postmaster.send_signal(signal.SIGQUIT)
        await asyncio.to_thread(postmaster.wait, _DEATH_SECONDS)
        await self.start()

    async def shift_clock(self, seconds: float) -> None:
        """Restart it, orderly, with a wall clock that is wrong by so many seconds."""
        await self.stop()
        self._server = EmbeddedPostgres(self._directory, self._settings, shifted_by(seconds))
        await self.start()

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        url = URL.create("postgresql+asyncpg", username=USER, host=HOST, port=self.port, database=database)
        return url.render_as_string(hide_password=False)

    async def create_databases(self, *names: str) -> None:
        """Create databases, empty."""
        await self._run(*(f'CREATE DATABASE "{name}"' for name in names))

    async def drop_databases(self, *names: str) -> None:
        """Drop databases, whoever is connected to them."""
        await self._run(*(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in names))

    async def _run(self, *statements: str) -> None:
        connection = await asyncpg.connect(host=HOST, port=self.port, user=USER, database="postgres")
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()
