"""DBOS Transact with its Debouncer, called by the approving process through its client."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import asyncpg  # type: ignore[import-untyped]
from dbos import DBOSClient, DebouncerClient

from bench.approvals import Approval
from bench.contenders.contender import Contender, Place, Trigger
from bench.contenders.scores import TABLES
from bench.processes import ROLE
from bench.servers import plain_url
from bench.window import Window
from steadyscore.processes import ChildProcess

_QUEUE = "scores"
_POLL_SECONDS = 0.1


class Debounce(Trigger):
    """Puts the record's workflow off, or starts one; the Debouncer knows both periods of the window."""

    def __init__(self, client: DBOSClient, window: Window) -> None:
        options = {"workflow_name": "score_record", "queue_name": _QUEUE}
        self._debouncer = DebouncerClient(client, options, debounce_timeout_sec=window.max_wait)
        self._quiet = window.quiet

    async def after_commit(self, approval: Approval, revision: int) -> None:
        """Not before the commit: what rolls back must not be scored."""
        del revision
        await self._debouncer.debounce_async(approval.record_id, self._quiet, approval.record_id)


@asynccontextmanager
async def _start(place: Place) -> AsyncIterator[Trigger]:
    url = place.database_url.replace("+asyncpg", "+psycopg")
    connection = await asyncpg.connect(plain_url(place.database_url))
    try:
        await connection.execute(TABLES)

        async def listening() -> None:
            while not await _queue_is_registered(connection):
                await asyncio.sleep(_POLL_SECONDS)

        command = [sys.executable, "-m", "bench.contenders.dbos_app"]
        environment = {ROLE: "worker", "BENCH_DATABASE_URL": url}
        await place.supervisor.start(ChildProcess("worker", command, environment, listening))
        # it waits in threads: as many connections as approve at once
        client = DBOSClient(system_database_url=url, system_database_pool_size=place.connections)
        try:
            yield Debounce(client, place.window)
        finally:
            client.destroy()
    finally:
        await connection.close()


async def _queue_is_registered(connection: asyncpg.Connection) -> bool:
    if await connection.fetchval("SELECT to_regclass('dbos.queues')") is None:
        return False
    return bool(await connection.fetchval("SELECT 1 FROM dbos.queues WHERE name = $1", _QUEUE))


DBOS_DEBOUNCER = Contender(
    name="dbos",
    what="DBOS Transact with its Debouncer",
    start=_start,
    versions=lambda: {"dbos": version("dbos")},
    left_out=frozenset({"flood-10000", "flood-100000", "flood-with-singles"}),
)
