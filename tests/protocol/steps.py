"""The words of the protocol's state machine: what there is to score, how a computation ends, where a step stops."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import TypeAlias

from objects import NO_WINDOW
from scoring.batch_messages import BatchGivenBack, ComputedBatch
from scoring.debounce import DebouncePolicy
from scoring.json_values import JsonValue
from scoring.messages import ScoreOutcomes, ScoresGivenBack

Write: TypeAlias = ScoreOutcomes | ScoresGivenBack | ComputedBatch | BatchGivenBack
"""The input of an activity that writes."""

REGISTER = "farmers"
RECORDS = ("A", "B")
# Thresholds end in 50 and steps of time in 00: the milliseconds that really pass decide nothing.
FIXED = "SLOW_SCORE"
FIXED_WINDOW = 20_050
WINDOWS = {
    "FSF_SCORE": DebouncePolicy(1_050, 3_050),
    "PMT_SCORE": NO_WINDOW,
    FIXED: DebouncePolicy(FIXED_WINDOW, FIXED_WINDOW),
}
SCORE_TYPES = tuple(WINDOWS)
A_MOMENT, WITHIN_A_WINDOW, A_LEASE, WITHIN_THE_FIXED, A_FIXED, A_DAY = 200, 700, 4_500, 12_500, 20_100, 90_000


class Name(Enum):
    """One that Hypothesis prints as it is written in a test."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


class Fate(Name):
    """How an attempt to compute one score ends."""

    SCORED = auto()
    FAILED = auto()
    FAILED_FOR_NOW = auto()


Fates: TypeAlias = tuple[Fate, Fate, Fate]
"""One for each score type of a record, or for each record of a batch."""


class Stop(Name):
    """How far a run gets in one step: what comes after it has not happened, and a crash would not change that."""

    WRITTEN = auto()
    WRITTEN_LATE = auto()
    """Written by a second attempt, as the first took too long; that one may still get through."""
    UNNOTICED = auto()
    """Written, which the run does not hear of: it writes again."""
    TIMED_OUT = auto()
    """Not written yet when the run gives up waiting and tries again; it may still get through."""
    COMPUTED = auto()
    TAKEN = auto()


class Sent(Name):
    """What becomes of a call to Temporal."""

    ONCE = auto()
    TWICE = auto()
    UNDER_WAY = auto()
    """The caller hears nothing; it may arrive, at any time."""
    REFUSED = auto()


class Tick(Name):
    """How far a relay gets with what it claimed."""

    SETTLED = auto()
    SENT = auto()
    CLAIMED = auto()


def reason_of(*sequences: int) -> str:
    """Why these requests have no score; each request's own, so that no other can fail for it."""
    return f"no score of {sequences}"


def score_of(values: Mapping[str, JsonValue]) -> float:
    """A number that tells every snapshot of an example from every other."""
    numbers = {path: value for path, value in values.items() if isinstance(value, int)}
    return float(1_000 * numbers["income"] + numbers.get("assets.land_area", 0))
