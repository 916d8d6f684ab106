"""HOUSEHOLD_RISK_SCORE: how many mouths an income has to feed."""

from typing import Any

from steadyscore import ScoreInputError


class HouseholdRiskScore:
    """`100 * members / (members + income / threshold)`, rounded to 4 decimals; from 0 to 100, the higher the worse.

    `threshold` is what a member needs, from `score_config`. The record's id has OpenG2P's newer name here.
    """

    formula_version = "1"
    compute_mode = "instantaneous"

    async def compute_score(
        self,
        link_internal_record_id: str,
        contributing_attribute_values: dict[str, Any],
        score_config: dict[str, Any],
    ) -> float:
        """Raise ScoreInputError, naming the attribute, for a value that is missing or below zero."""
        del link_internal_record_id
        members = _amount(contributing_attribute_values, "household.member_count")
        income = _amount(contributing_attribute_values, "income")
        if members == income == 0:
            return 0.0
        threshold = float(score_config.get("threshold", 1000))
        return round(100 * members / (members + income / threshold), 4)


def _amount(values: dict[str, Any], name: str) -> float:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ScoreInputError(f"{name} must be a number that is not negative", field=name)
    return float(value)
