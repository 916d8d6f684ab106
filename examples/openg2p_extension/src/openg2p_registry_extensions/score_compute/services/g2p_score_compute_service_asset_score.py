"""ASSET_SCORE, by the source document's signature and names."""

from typing import Any

from steadyscore import ScoreInputError


class G2PScoreComputeServiceAssetScore:
    """The sum of value times `score_config["weights"]`, rounded to 4 decimals; no asset has a default."""

    formula_version = "1"
    compute_mode = "instantaneous"

    async def compute_score(
        self,
        internal_record_id: str,
        contributing_attribute_values: dict[str, Any],
        score_config: dict[str, Any],
    ) -> float:
        """Raise ScoreInputError, naming the attribute, for a value that is missing or no number.

        Of a definition with weighted attributes their weights are in `weights`, too.
        """
        del internal_record_id
        weights = score_config.get("weights", {})
        terms = [weights[name] * _number(contributing_attribute_values, name) for name in sorted(weights)]
        return round(float(sum(terms)), 4)


def _number(values: dict[str, Any], name: str) -> float:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScoreInputError(f"{name} must be a number", field=name)
    return float(value)
