"""What `bench.builders` found, as Markdown."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.builders_data import Board
from bench.builders_plans import Read
from bench.builders_writes import RECORDS, Kind
from bench.figures import percentile
from bench.machine import describe_machine

INDEX = "idx_users_builder_score"
_EXECUTION = re.compile(r"^Execution Time: ([\d.]+) ms$")
_BUFFERS = re.compile(r"^ *Buffers: shared hit=(\d+)(?: read=(\d+))?")


@dataclass
class Measured:
    """A read, and what it took; `without` is the peer: the same read when the index is gone."""

    name: str
    read: Read
    is_along_scores: bool = True
    plans: Sequence[Sequence[str]] = ()
    plans_without: Sequence[Sequence[str]] = ()
    milliseconds: Sequence[float] = ()
    without: Sequence[float] = ()

    @property
    def uses_index(self) -> bool:
        """Whether its plans name it."""
        return any(INDEX in line for plan in self.plans for line in plan)

    def cells(self) -> list[str]:
        """A row of the table."""
        times = f"{percentile(self.milliseconds, 50):.2f}", f"{percentile(self.milliseconds, 95):.2f}"
        within = f"{executed(self.plans):.2f}", f"{sum(map(_pages, self.plans)):,}"
        if not self.without:
            return [self.name, *times, *within, "", ""]
        without = percentile(self.without, 50)
        ratio = without / percentile(self.milliseconds, 50)
        return [self.name, *times, *within, f"{without:,.1f}", f"{ratio:,.1f}"]


@dataclass(frozen=True)
class Found:
    """All there is to tell."""

    board: Board
    reads: Sequence[Measured]
    writes: dict[Kind, list[float]] = field(default_factory=dict)
    differing: int = 0
    """Copies that are not the stored score."""

    def errors(self) -> list[str]:
        """What should not be."""
        unplanned = [one.name for one in self.reads if one.is_along_scores and not one.uses_index]
        copies = [f"{self.differing} copies are not the stored score"] if self.differing else []
        return [f"{name}: its plan does not use {INDEX}" for name in unplanned] + copies


def markdown(found: Found) -> Iterator[str]:
    """Line by line."""
    board = found.board
    yield f"{describe_machine()}"
    yield ""
    yield (
        f"{board.users:,} users with {board.scores:,} different scores from 0 to {board.highest:,};"
        f" {board.equal:,} of them have the commonest, {board.among_equals.builder_score}"
    )
    yield ""
    yield from _table(
        ["read", "p50, ms", "p95, ms", "in PostgreSQL, ms", "pages of 8 kB", "without the index, p50, ms", "ratio"],
        [one.cells() for one in found.reads],
    )
    yield ""
    yield from _table([f"storing {RECORDS} scores in one transaction", "p50, ms", "p95, ms", "ratio"], _writes(found))
    for one in found.reads:
        yield from _plans(one.name, one.plans)
    peer = found.reads[0]
    yield from _plans(f"{peer.name}, without the index", peer.plans_without)


def _writes(found: Found) -> Iterator[list[str]]:
    base = {kind.is_changed: milliseconds for kind, milliseconds in found.writes.items() if not kind.is_copied}
    for kind, milliseconds in found.writes.items():
        p50, p95 = percentile(milliseconds, 50), percentile(milliseconds, 95)
        yield [kind.name, f"{p50:.1f}", f"{p95:.1f}", f"{p50 / percentile(base[kind.is_changed], 50):.2f}"]


def _table(heads: Sequence[str], rows: Iterator[list[str]] | Sequence[list[str]]) -> Iterator[str]:
    for cells in (heads, ["---", *("---:" for _ in heads[1:])], *rows):
        yield f"| {' | '.join(cells)} |"


def _plans(name: str, plans: Sequence[Sequence[str]]) -> Iterator[str]:
    for plan in plans:
        yield from ("", f"{name}:", "", "```", *plan, "```")


def executed(plans: Sequence[Sequence[str]]) -> float:
    """Milliseconds in PostgreSQL itself."""
    return sum(float(found[1]) for plan in plans for line in plan if (found := _EXECUTION.match(line)))


def _pages(plan: Sequence[str]) -> int:
    """Of the outermost step, which has those of all others in it."""
    found = next(found for line in plan if (found := _BUFFERS.match(line)))
    return int(found[1]) + int(found[2] or 0)
