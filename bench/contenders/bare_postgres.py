"""The floor: approvals collapse in the approving process's memory, and are written in batches when they are due.

Between the commit of an approval and the batch nothing is durable: a crash loses it. No one's choice, the least cost.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version

import asyncpg  # type: ignore[import-untyped]

from bench.approvals import Approval
from bench.contenders.contender import Contender, Place, Trigger
from bench.contenders.scores import FORMULAS, SAVE, TABLES
from bench.servers import plain_url
from bench.window import Window

_TICK_SECONDS = 0.02
_BATCH = 2_000


@dataclass
class _Pending:
    approval: Approval
    revision: int
    first_at: float
    last_at: float


class CollapseInMemory(Trigger):
    """Keeps the newest approval of each record until it is due."""

    def __init__(self, window: Window, connection: asyncpg.Connection) -> None:
        self._window = window
        self._connection = connection
        self._pending: dict[str, _Pending] = {}

    async def after_commit(self, approval: Approval, revision: int) -> None:
        """Remember the approval unless a newer one is here."""
        now = time.time()
        known = self._pending.get(approval.record_id)
        if known is None:
            self._pending[approval.record_id] = _Pending(approval, revision, now, now)
            return
        known.last_at = now
        if revision > known.revision:
            known.approval, known.revision = approval, revision

    async def write_for_ever(self) -> None:
        """Write what is due, a batch at a time."""
        while True:
            due = self._take_due(time.time())
            if due:
                await self._save(due)
            else:
                await asyncio.sleep(_TICK_SECONDS)

    def _take_due(self, now: float) -> list[_Pending]:
        due = []
        for record_id, one in self._pending.items():
            if min(one.last_at + self._window.quiet, one.first_at + self._window.max_wait) <= now:
                due.append(record_id)
                if len(due) == _BATCH:
                    break
        return [self._pending.pop(record_id) for record_id in due]

    async def _save(self, due: list[_Pending]) -> None:
        rows = [
            (
                one.approval.record_id,
                score_type,
                one.approval.change_request_id,
                one.revision,
                compute(one.approval.attributes),
            )
            for one in due
            for score_type, compute in FORMULAS.items()
        ]
        await self._connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))


@asynccontextmanager
async def _start(place: Place) -> AsyncIterator[Trigger]:
    connection = await asyncpg.connect(plain_url(place.database_url))
    try:
        await connection.execute(TABLES)
        trigger = CollapseInMemory(place.window, connection)
        writing = asyncio.create_task(trigger.write_for_ever())
        try:
            yield trigger
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
    finally:
        await connection.close()


BARE_POSTGRES = Contender(
    name="bare-postgres",
    what="collapse in memory, batched writes: the floor",
    start=_start,
    versions=lambda: {"asyncpg": version("asyncpg")},
    kind="floor",
)
