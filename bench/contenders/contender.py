"""What all contenders have in common: where they run, how they are triggered, what the harness asks of them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from bench.approvals import Approval
from bench.window import Window
from steadyscore.processes import Supervisor


@dataclass(frozen=True)
class Place:
    """A fresh database and directory for one run, and the supervisor that ends whatever the run starts."""

    database_url: str
    directory: Path
    supervisor: Supervisor
    temporal_cli: Path
    window: Window
    connections: int
    """That approve at once."""


class Trigger:
    """What a contender does at an approval; nothing, unless it says otherwise."""

    async def within_transaction(self, session: AsyncSession, approval: Approval) -> None:
        """The part that commits or rolls back with the approval."""

    async def after_commit(self, approval: Approval, revision: int) -> None:
        """The part that can only follow; `revision` counts the record's approvals in the order of their commits."""

    async def history_events(self) -> int | None:
        """How many events Temporal has written, where it is used."""
        return None


@dataclass(frozen=True)
class Contender:
    """One row of the table."""

    name: str
    what: str
    start: Callable[[Place], AbstractAsyncContextManager[Trigger]]
    versions: Callable[[], Mapping[str, str]]
    kind: str = "peer"
    """ours, peer or floor: the fastest peer is looked for among the peers."""
    patience_seconds: float = 20
    """Without any progress for so long, it has lost what is missing."""
    rhythm_seconds: float = 0
    """It acts by the clock: a run starts at any moment of this period, drawn from the seed."""
    left_out: frozenset[str] = frozenset()
    """Workloads it does not run unless asked for by name: they would end in the time limit."""
