"""The least Temporal program, triggered by the approving process itself: one signal-with-start an approval."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version

import asyncpg  # type: ignore[import-untyped]
from temporalio.client import Client

from bench.approvals import Approval
from bench.contenders.contender import Contender, Place, Trigger
from bench.contenders.least_temporal_workflow import Approved, LeastScoreWorkflow, ScoredRecord
from bench.contenders.scores import TABLES
from bench.processes import ROLE
from bench.servers import count_history_events, plain_url, start_temporal, wait_until_polled
from bench.window import Window
from steadyscore.processes import ChildProcess

TASK_QUEUE = "least"


class SignalWithStart(Trigger):
    """Signals the record's run, and starts one where none is open."""

    def __init__(self, client: Client, window: Window, *, local: bool) -> None:
        self._client = client
        self._window = window
        self._local = local

    async def after_commit(self, approval: Approval, revision: int) -> None:
        """Not before the commit: what rolls back must not be scored."""
        record = ScoredRecord(approval.record_id, self._window.quiet, self._window.max_wait, self._local)
        await self._client.start_workflow(
            LeastScoreWorkflow.run,
            record,
            id=f"score:{approval.record_id}",
            task_queue=TASK_QUEUE,
            start_signal="approved",
            start_signal_args=[Approved(approval.change_request_id, revision, approval.attributes)],
        )

    async def history_events(self) -> int | None:
        """Of all runs."""
        return await count_history_events(self._client)


def _starting(*, local: bool) -> Callable[[Place], AbstractAsyncContextManager[Trigger]]:
    @asynccontextmanager
    async def start(place: Place) -> AsyncIterator[Trigger]:
        connection = await asyncpg.connect(plain_url(place.database_url))
        await connection.execute(TABLES)
        await connection.close()
        client = await start_temporal(place)

        async def polled() -> None:
            await wait_until_polled(client, TASK_QUEUE)

        address = client.service_client.config.target_host
        command = [sys.executable, "-m", "bench.contenders.least_temporal_worker", address]
        environment = {ROLE: "worker", "BENCH_DATABASE_URL": plain_url(place.database_url)}
        await place.supervisor.start(ChildProcess("worker", command, environment, polled))
        yield SignalWithStart(client, place.window, local=local)

    return start


LEAST_TEMPORAL = tuple(
    Contender(
        name,
        what,
        _starting(local=local),
        versions=lambda: {"temporalio": version("temporalio")},
        patience_seconds=60,
        left_out=frozenset({"flood-10000", "flood-100000", "flood-with-singles"}),
    )
    for name, what, local in (
        ("least-temporal", "the least Temporal program", False),
        ("least-temporal-local", "the same, computing in local activities", True),
    )
)
