"""The compute services that ship here: the proxy means test and the food-security score, both weighted sums."""

import math
from collections.abc import Iterable, Mapping

from scoring.definitions import ScoreDefinition
from scoring.errors import InvalidDefinition, InvalidInput, ScoreInputError
from scoring.json_values import JsonObject, JsonValue, require_finite

NUMERIC_TYPES = frozenset({"number", "integer"})


class PmtScore:
    """Proxy means test as in section 10 of the source document.

    `income * w_income + land_area * w_land_area + member_count * w_member_count`, rounded to 4 decimals. Weights from
    `score_config["weights"]`, 0.4, 0.3 and 0.3 where not given; a missing value counts as 0, 0 and 1 in that order.
    """

    formula_version = "1"
    compute_mode = "instantaneous"

    terms: Mapping[str, tuple[str, float, float]] = {
        "income": ("income", 0.4, 0),
        "assets.land_area": ("land_area", 0.3, 0),
        "household.member_count": ("member_count", 0.3, 1),
    }
    """By attribute path: name of its weight, default weight, value where it is missing."""

    def check_definition(self, definition: ScoreDefinition, attribute_types: Mapping[str, str]) -> None:
        """Raise InvalidDefinition for attributes or weights that the formula has no use for."""
        _require_numeric(definition.contributing_attributes, attribute_types)
        for path in definition.contributing_attributes:
            if path not in self.terms:
                raise InvalidDefinition(
                    f"{path} has no part in PMT_SCORE; it is computed from {', '.join(self.terms)}",
                    field="contributing_attributes",
                )
        _check_weights(_weights(definition.score_config), [name for name, _, _ in self.terms.values()])

    async def compute_score(
        self, internal_record_id: str, contributing_attribute_values: JsonObject, score_config: JsonObject
    ) -> float:
        """Raise ScoreInputError, naming the attribute, for a value that is no number."""
        del internal_record_id
        weights = _weights(score_config)
        score = 0.0
        for path, (name, default_weight, missing) in self.terms.items():
            value = number_at(contributing_attribute_values, path, missing)
            score += value * weights.get(name, default_weight)
        return round(score, 4)


class FsfScore:
    """Food-security score: the sum of value times weight over the contributing attributes, rounded to 4 decimals.

    `score_config["weights"]` holds one weight for each contributing attribute, by its dot path. No value has a default.
    """

    formula_version = "1"
    compute_mode = "instantaneous"

    def check_definition(self, definition: ScoreDefinition, attribute_types: Mapping[str, str]) -> None:
        """Raise InvalidDefinition unless each contributing attribute has one weight, and nothing else has."""
        _require_numeric(definition.contributing_attributes, attribute_types)
        weights = _weights(definition.score_config)
        _check_weights(weights, definition.contributing_attributes)
        for path in definition.contributing_attributes:
            if path not in weights:
                raise InvalidDefinition(
                    f"score_config.weights has no weight for {path}; FSF_SCORE has no default weights",
                    field=f"score_config.weights.{path}",
                )

    async def compute_score(
        self, internal_record_id: str, contributing_attribute_values: JsonObject, score_config: JsonObject
    ) -> float:
        """Raise ScoreInputError, naming the attribute, for a value that is missing or no number."""
        del internal_record_id
        weights = _weights(score_config)
        terms = [number_at(contributing_attribute_values, path) * weights[path] for path in sorted(weights)]
        return round(exact_sum(terms), 4)


def exact_sum(terms: Iterable[float]) -> float:
    """The sum, whatever the order of the terms; NaN beyond what a double holds, which is no score."""
    try:
        return math.fsum(terms)
    except (OverflowError, ValueError):
        return math.nan


def _require_numeric(paths: Iterable[str], attribute_types: Mapping[str, str]) -> None:
    for path in paths:
        if attribute_types.get(path, "number") not in NUMERIC_TYPES:
            raise InvalidDefinition(
                f"{path} holds {attribute_types[path]}; a weighted sum needs numbers",
                field="contributing_attributes",
            )


def _weights(score_config: Mapping[str, JsonValue]) -> dict[str, float]:
    weights = score_config.get("weights")
    if weights is None:
        return {}
    if not isinstance(weights, Mapping):
        raise InvalidDefinition("score_config.weights must be an object of numbers", field="score_config.weights")
    return {name: _weight(name, weight) for name, weight in weights.items()}


def _weight(name: str, weight: JsonValue) -> float:
    field = f"score_config.weights.{name}"
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise InvalidDefinition(f"{field} must be a number", field=field)
    require_finite(weight, field)
    return float(weight)


def _check_weights(weights: Iterable[str], known: Iterable[str]) -> None:
    names = list(known)
    for name in weights:
        if name not in names:
            raise InvalidDefinition(
                f"score_config.weights.{name} has no attribute to weigh; known are {', '.join(names)}",
                field=f"score_config.weights.{name}",
            )


def number_at(values: Mapping[str, JsonValue], path: str, missing: float | None = None) -> float:
    """The number at a path, `missing` where there is none; raises ScoreInputError where that is None, too."""
    value = values.get(path)
    if value is None:
        if missing is None:
            raise ScoreInputError(f"{path} is missing; the score has no default for it", field=path)
        return missing
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScoreInputError(f"{path} holds {kind_of(value)}; the formula needs a number", field=path)
    try:
        require_finite(value, path)
    except InvalidInput as error:
        raise ScoreInputError(error.detail, field=path) from error
    return float(value)


def kind_of(value: JsonValue) -> str:
    """What a value is, in words that do not tell it."""
    match value:
        case bool():
            return "a boolean"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
