"""HOUSEHOLD_RISK_SCORE: how many mouths an income has to feed."""

from collections.abc import Mapping
from typing import Any

from steadyscore import InvalidDefinition, ScoreDefinition, ScoreInputError


class HouseholdRiskScore:
    """`100 * members / (members + income / threshold)`, rounded to 4 decimals; from 0 to 100, the higher the worse.

    `threshold` is what a member needs, from `score_config`, 1000 where not given. The record's id has OpenG2P's newer
    name here.
    """

    formula_version = "1"
    compute_mode = "instantaneous"

    def check_definition(self, definition: ScoreDefinition, attribute_types: Mapping[str, str]) -> None:
        """Raise InvalidDefinition, when a definition is saved, for a threshold that nothing can be divided by."""
        del attribute_types
        if _threshold(definition.score_config) is None:
            raise InvalidDefinition(THRESHOLD_REFUSED, field="score_config.threshold")

    async def compute_score(
        self,
        link_internal_record_id: str,
        contributing_attribute_values: dict[str, Any],
        score_config: dict[str, Any],
    ) -> float:
        """Raise ScoreInputError, naming the attribute, for a value that is missing or below zero."""
        del link_internal_record_id
        threshold = _threshold(score_config)
        if threshold is None:
            raise ScoreInputError(THRESHOLD_REFUSED, field="score_config.threshold")
        members = _amount(contributing_attribute_values, "household.member_count")
        income = _amount(contributing_attribute_values, "income")
        if members == income == 0:
            return 0.0
        return round(100 * members / (members + income / threshold), 4)


THRESHOLD_REFUSED = "score_config.threshold must be a number above 0"


def _threshold(score_config: Mapping[str, Any]) -> float | None:
    """None for what cannot be divided by."""
    threshold = score_config.get("threshold", 1000)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or threshold <= 0:
        return None
    return float(threshold)


def _amount(values: dict[str, Any], name: str) -> float:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ScoreInputError(f"{name} must be a number that is not negative", field=name)
    return float(value)
