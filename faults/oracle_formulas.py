"""The formulas of every score type of a load, in exact arithmetic, as their documentation has them.

What a service returns must be the same double bit for bit: the load's numbers and weights have at most two decimals, so
the exact score has at most four, no rounding to four decimals can go either way, and both end at the double next to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

Values = Mapping[str, Any]

DECIMALS = 4
ENDS_WELL = frozenset({"well", "blocks"})
"""What an ill service may do and yet return a score, in the end."""


@dataclass(frozen=True)
class Expected:
    """What a computation must come to: `score` None is a failure; `may_fail` where a score may come too late."""

    score: float | None
    may_fail: bool = False


class _NoScore(Exception):
    """The formula has none for these values."""


def expected_score(score_type: str, values: Values, config: Values) -> Expected:
    """What a computation of these values, by dot path, under this config must come to.

    Raises:
        LookupError: no formula is known for the score type.
    """
    if score_type not in _FORMULAS:
        raise LookupError(f"the oracle knows no formula of {score_type}")
    try:
        exact = _FORMULAS[score_type](values, config)
    except _NoScore:
        return Expected(None)
    return Expected(float(round(exact, DECIMALS)), may_fail=score_type.startswith("ILL_"))


def _pmt(values: Values, config: Values) -> Fraction:
    weights = config.get("weights") or {}
    terms = (
        ("income", "income", Decimal("0.4"), 0),
        ("assets.land_area", "land_area", Decimal("0.3"), 0),
        ("household.member_count", "member_count", Decimal("0.3"), 1),
    )
    return sum(
        (
            _number(values, path, missing) * Fraction(weights.get(name, default))
            for path, name, default, missing in terms
        ),
        start=Fraction(0),
    )


def _fsf(values: Values, config: Values) -> Fraction:
    weights: Values = config.get("weights") or {}
    return sum((_number(values, path) * Fraction(weight) for path, weight in weights.items()), start=Fraction(0))


def _concurrent(values: Values, config: Values) -> Fraction:
    del config
    return _number(values, "income", 0) - 25 * _number(values, "household.member_count", 0)


def _blocking(values: Values, config: Values) -> Fraction:
    del config
    return 100 * _number(values, "assets.land_area", 0) + _number(values, "household.meals_per_day", 0)


def _ill(values: Values, config: Values) -> Fraction:
    behaviour = config["behaviour"]
    if behaviour not in ENDS_WELL:
        raise _NoScore
    return _number(values, "income", 0)


def builder_terms(values: Values, config: Values) -> Mapping[str, Fraction]:
    """What each term of BUILDER_SCORE adds; empty where the score has no number."""
    try:
        return _builder_terms(values, config)
    except _NoScore:
        return {}


def _builder_terms(values: Values, config: Values) -> Mapping[str, Fraction]:
    counts = {"shipped_projects": "shipped_projects", "vouches": "vouches", "key_fields": "profile.key_fields"}
    uncapped = {name: config[name]["points"] * _number(values, path) for name, path in counts.items()}
    uncapped["impact"] = Fraction(
        sum(
            points * _doublings(_number(values, f"impact.{metric}"))
            for metric, points in config["impact"]["points"].items()
        )
    )
    return {name: min(points, Fraction(config[name]["cap"])) for name, points in uncapped.items()}


def _doublings(count: Fraction) -> int:
    doublings = 0
    while 2 ** (doublings + 1) <= count + 1:
        doublings += 1
    return doublings


def _builder(values: Values, config: Values) -> Fraction:
    return sum(_builder_terms(values, config).values(), start=Fraction(0))


_FORMULAS: Mapping[str, Callable[[Values, Values], Fraction]] = {
    "PMT_SCORE": _pmt,
    "FSF_SCORE": _fsf,
    "CONCURRENT_SCORE": _concurrent,
    "BLOCKING_SCORE": _blocking,
    "BUILDER_SCORE": _builder,
    "ILL_SCORE": _ill,
    "ILL_BLOCKING_SCORE": _ill,
    "ILL_INSTANTANEOUS_SCORE": _ill,
}


def _number(values: Values, path: str, missing: int | None = None) -> Fraction:
    value = values.get(path)
    if value is None and missing is not None:
        return Fraction(missing)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _NoScore
    return Fraction(value)
