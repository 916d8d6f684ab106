"""What a fault works with: the stand, the load that is under way on it, how long and how hard it strikes."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from faults.hands import Hands
from faults.load import Load
from faults.load_definitions import PlannedDefinition
from faults.load_plan import LoadSize
from faults.stand import Stand


@dataclass(frozen=True)
class Scale:
    """How much of everything: times in seconds, `storm` in signals, `rounds` of faults that come one by one,
    `recompute_rate` in records a second, slow enough to be under way while a fault strikes.

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
    recompute_rate: float


SHORT = Scale(
    "short",
    LoadSize(40, 8, 3, 10_000),
    rate=20,
    seconds=4,
    outage=4,
    cut=4,
    storm=2_100,
    rounds=1,
    patience=180,
    recompute_rate=5,
)
FULL = Scale(
    "full",
    LoadSize(200, 40, 5, 50_000),
    rate=20,
    seconds=45,
    outage=60,
    cut=30,
    storm=10_000,
    rounds=4,
    patience=240,
    recompute_rate=5,
)


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
    kills: bool = False
    """Whether it ends processes of ours; under any other fault they go on by themselves."""
    may_answer_5xx: bool = False
    """Whether it strikes the APIs or PostgreSQL; under any other fault an API that answers 5xx is a problem."""
    uses_both_roads: bool = False
    """Whether the trial is only one where some scores came by the record road and some by the batch road."""
    may_strike_with_others: bool = True
    """Whether a run of faults at random may have it; not what would change the load or compare figures."""
    in_short: bool = True
    """Whether `make test` has it; others do much the same there."""
