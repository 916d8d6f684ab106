"""What a load consists of, from one seed: definitions, first states of records, changes, and when each starts.

Pure: the same seed and size give the same plan. Every number has at most two decimals, and so has every weight, so that
each score is exact to the four decimals that formulas round to.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from faults.load_definitions import ATTRIBUTES, BUSY, CALM, PlannedDefinition, some_definitions

Payload = dict[str, Any]


class ChangeKind(StrEnum):
    """What a change does to its record."""

    SETS = "sets"
    """New values of attributes that feed scores."""
    LEAVES_SCORES = "leaves scores"
    """An attribute that feeds none."""
    CLEARS = "clears"
    """Removes a value that every formula of the register can do without."""
    STARVES = "starves"
    """Removes a value that FSF_SCORE cannot do without: its score must fail."""
    RETURNS = "returns"
    """Back to the values of a former state."""


_SHARES = {
    ChangeKind.SETS: 68,
    ChangeKind.LEAVES_SCORES: 10,
    ChangeKind.CLEARS: 8,
    ChangeKind.STARVES: 2,
    ChangeKind.RETURNS: 12,
}
_CALM_SHARE = 0.15
_HOT_SHARE = 0.4
_ABANDONED_SHARE = 0.3
_BY_PATH_SHARE = 0.3
_STARVING = "household.meals_per_day"


@dataclass(frozen=True)
class LoadSize:
    """How much of everything; the first `hot_records` of the busy register get 40 in 100 of the changes."""

    records: int = 200
    calm_records: int = 40
    hot_records: int = 5
    approvals: int = 1_000


DEFAULT_SIZE = LoadSize()


@dataclass(frozen=True)
class PlannedRecord:
    """A record's first state; `number` is its place in its register."""

    register: str
    number: int
    payload: Payload


@dataclass(frozen=True)
class PlannedChange:
    """A change of a record; who asks for it gives up at the first unanswered approval where it is `abandoned`."""

    register: str
    record: int
    kind: ChangeKind
    payload: Payload
    is_hot: bool = False
    abandoned: bool = False


@dataclass(frozen=True)
class LoadPlan:
    """All that a load does, in order."""

    definitions: Sequence[PlannedDefinition]
    records: Sequence[PlannedRecord]
    changes: Sequence[PlannedChange]


def make_plan(seed: int, size: LoadSize, more_definitions: Sequence[PlannedDefinition] = ()) -> LoadPlan:
    """The plan of this seed; `more_definitions`, ill ones perhaps, are added and change nothing else."""
    numbers = random.Random(seed)  # noqa: S311 - data for a test, not a secret
    definitions = some_definitions(numbers)
    records = [
        PlannedRecord(register, number, _nested(_values(numbers, ATTRIBUTES)))
        for register, count in ((BUSY, size.records), (CALM, size.calm_records))
        for number in range(count)
    ]
    changes = list(_Changes(numbers, size, records).make())
    return LoadPlan([*definitions, *more_definitions], records, changes)


@dataclass
class _Changes:
    """Makes changes one after the other; remembers each record's states as far as it knows them."""

    numbers: random.Random
    size: LoadSize
    records: Sequence[PlannedRecord]
    states: dict[tuple[str, int], list[Payload]] = field(default_factory=dict)

    def make(self) -> Iterator[PlannedChange]:
        self.states = {(record.register, record.number): [_by_path(record.payload)] for record in self.records}
        kinds, shares = list(_SHARES), list(_SHARES.values())
        for kind in self.numbers.choices(kinds, shares, k=self.size.approvals):
            yield self._change(*self._record(), kind)

    def _record(self) -> tuple[str, int]:
        if self.size.calm_records and self.numbers.random() < _CALM_SHARE:
            return CALM, self.numbers.randrange(self.size.calm_records)
        is_hot = self.numbers.random() < _HOT_SHARE
        return BUSY, self.numbers.randrange(self.size.hot_records if is_hot else self.size.records)

    def _change(self, register: str, record: int, kind: ChangeKind) -> PlannedChange:
        states = self.states[register, record]
        changes = self._changes(kind, states)
        states.append({**states[-1], **changes})
        return PlannedChange(
            register,
            record,
            kind,
            changes if self.numbers.random() < _BY_PATH_SHARE else _nested(changes),
            is_hot=register == BUSY and record < self.size.hot_records,
            abandoned=self.numbers.random() < _ABANDONED_SHARE,
        )

    def _changes(self, kind: ChangeKind, states: Sequence[Payload]) -> Payload:
        numbers = self.numbers
        match kind:
            case ChangeKind.SETS:
                feeding = [path for path in ATTRIBUTES if path != "name"]
                return _values(numbers, numbers.sample(feeding, numbers.randint(1, 3)))
            case ChangeKind.LEAVES_SCORES:
                return _values(numbers, ["name"])
            case ChangeKind.CLEARS:
                return {numbers.choice(["assets.land_area", "phone"]): None}
            case ChangeKind.STARVES:
                return {_STARVING: None}
            case ChangeKind.RETURNS:
                former = numbers.choice(states[:-1] or states)
                return {path: former.get(path) for path in ATTRIBUTES if path != "name"}


def _values(numbers: random.Random, paths: Sequence[str] | Mapping[str, str]) -> Payload:
    values: Mapping[str, Any] = {
        "name": f"Name {numbers.randrange(10**6):06}",
        # nothing else looks like it: where it appears, a value has leaked
        "phone": f"555-{numbers.randrange(10**8):08}",
        "income": numbers.randint(500, 20_000),
        "assets.land_area": numbers.randint(1, 60) / 10,
        "household.member_count": numbers.randint(1, 9),
        "household.meals_per_day": numbers.randint(1, 3),
    }
    return {path: values[path] for path in paths}


def _nested(values: Payload) -> Payload:
    nested: Payload = {}
    for path, value in values.items():
        holder, _, name = path.rpartition(".")
        (nested.setdefault(holder, {}) if holder else nested)[name] = value
    return nested


def _by_path(payload: Payload) -> Payload:
    return {
        path: value
        for name, inner in payload.items()
        for path, value in (
            ((f"{name}.{leaf}", value) for leaf, value in inner.items()) if isinstance(inner, dict) else [(name, inner)]
        )
    }


def start_times(count: int, rate: float | None, burst: int) -> Iterator[float]:
    """When each change starts, in seconds: `rate` a second on average, every other `burst` of them all at once.

    Without a rate all start at once.
    """
    for position in itertools.islice(itertools.count(), count):
        group = position // burst
        yield 0.0 if rate is None else (group * burst if group % 2 else position) / rate
