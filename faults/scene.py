"""What a fault works with: the stand, the load that is under way on it, how long and how hard it strikes."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from faults.hands import Hands
from faults.load import Load
from faults.load_definitions import PlannedDefinition
from faults.load_plan import LoadSize
from faults.stand import Stand


@dataclass(frozen=True)
class Scale:
    """How much of everything: times in seconds, `storm` in signals, `rounds` of faults that come one by one.

    The load goes on for `seconds`, and for as long as the fault strikes.
    """

    name: str
    size: LoadSize
    rate: float
    seconds: float
    outage: float
    cut: float
    storm: int
    rounds: int
    patience: float


SHORT = Scale(
    "short", LoadSize(40, 8, 3, 10_000), rate=20, seconds=4, outage=4, cut=4, storm=2_100, rounds=1, patience=180
)
FULL = Scale(
    "full", LoadSize(200, 40, 5, 50_000), rate=20, seconds=45, outage=60, cut=30, storm=10_000, rounds=4, patience=240
)


SETTINGS: Mapping[str, Any] = {
    # what is lost comes back soon
    "relay_lease": 6.0,
    "relay_batch_check_interval": 3.0,
    "relay_sweep_after": 4.0,
    "relay_sweep_interval": 1.0,
    "relay_restart_after": 12.0,
    # an ill service is given up soon; five, so that crashes use up none of a healthy one's
    "compute_timeout": 1.0,
    "compute_retry_maximum_attempts": 5,
}
"""Of the stand's processes."""


@dataclass(frozen=True)
class Scene:
    """A stand under load."""

    stand: Stand
    load: Load
    hands: Hands
    scale: Scale
    numbers: random.Random
    notes: list[str] = field(default_factory=list)
    """What is worth telling of this trial, beside the verdict."""
    problems: list[str] = field(default_factory=list)
    """What did not happen as it should have, beside the verdict."""

    def record(self, number: int = 0, register: str = "busy") -> tuple[str, str]:
        """A record's workflow id and its own."""
        record = self.load.record_ids[register, number]
        return f"score-record:{self.load.register_ids[register]}:{record}", record

    async def until(self, holds: Callable[[], bool], seconds: float = 30) -> bool:
        """Whether this came to hold within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return False
        return True


Strike = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """What happens under load, and what must hold; `before` and `after` come while nothing is under way."""

    name: str
    holds: str
    strike: Strike
    before: Strike | None = None
    after: Strike | None = None
    definitions: Sequence[PlannedDefinition] = ()
    recompute: bool = False
    may_strike_with_others: bool = True
    """Whether a run of faults at random may have it; not what would change the load or compare figures."""
    in_short: bool = True
    """Whether `make test` has it; others do much the same there."""
