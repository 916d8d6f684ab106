"""The registers of a load, their attributes, and the definitions that a seed gives them: one to four each."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

BUSY = "busy"
CALM = "calm"
REGISTERS = (BUSY, CALM)

ATTRIBUTES = {
    "name": "text",
    "phone": "text",
    "income": "number",
    "assets.land_area": "number",
    "household.member_count": "integer",
    "household.meals_per_day": "integer",
}

DEBOUNCE = {"quiet_period": 0.3, "max_wait": 1.5}


@dataclass(frozen=True)
class PlannedDefinition:
    """A score type of a register."""

    register: str
    score_type: str
    contributing_attributes: tuple[str, ...]
    score_config: Mapping[str, Any] = field(default_factory=dict)
    debounce: Mapping[str, float] = field(default_factory=lambda: DEBOUNCE)


_HEALTHY: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]] = {
    "PMT_SCORE": (
        ("income", "assets.land_area", "household.member_count"),
        {"weights": {"income": 0.4, "land_area": 0.25}},
    ),
    "FSF_SCORE": (
        ("income", "household.member_count", "household.meals_per_day"),
        {"weights": {"income": 0.01, "household.member_count": -1.5, "household.meals_per_day": 12.5}},
    ),
    "CONCURRENT_SCORE": (("income", "household.member_count"), {}),
    "BLOCKING_SCORE": (("assets.land_area", "household.meals_per_day"), {}),
}
TAKE_THEIR_TIME = frozenset({"CONCURRENT_SCORE", "BLOCKING_SCORE"})


def some_definitions(numbers: random.Random) -> list[PlannedDefinition]:
    """Two to four score types for the busy register, one of which takes its time, and one or two for the calm one."""
    counts = {BUSY: numbers.randint(2, 4), CALM: numbers.randint(1, 2)}
    chosen = {register: numbers.sample(sorted(_HEALTHY), counts[register]) for register in REGISTERS}
    if not TAKE_THEIR_TIME & set(chosen[BUSY]):
        # else there may be no moment within a computation
        chosen[BUSY][-1] = numbers.choice(sorted(TAKE_THEIR_TIME))
    return [
        PlannedDefinition(register, score_type, *_HEALTHY[score_type])
        for register, score_types in chosen.items()
        for score_type in score_types
    ]


def ill_definition(
    behaviour: str, score_type: str = "ILL_SCORE", register: str = CALM, **config: Any
) -> PlannedDefinition:
    """A definition whose service behaves like this; it is fed by what else only names and calls a person."""
    return PlannedDefinition(register, score_type, ("income", "phone"), {"behaviour": behaviour, **config})
