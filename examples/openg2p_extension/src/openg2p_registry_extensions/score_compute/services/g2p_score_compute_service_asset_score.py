"""ASSET_SCORE, by the source document's signature and names."""

from typing import Any


class G2PScoreComputeServiceAssetScore:
    """The sum of value times `score_config["weights"]`, rounded to 4 decimals; a missing asset counts as none."""

    formula_version = "1"
    compute_mode = "instantaneous"

    async def compute_score(
        self,
        internal_record_id: str,
        contributing_attribute_values: dict[str, Any],
        score_config: dict[str, Any],
    ) -> float:
        """The score; of a definition with weighted attributes their weights are in `weights`, too."""
        del internal_record_id
        weights = score_config.get("weights", {})
        terms = [weights[name] * contributing_attribute_values.get(name, 0) for name in sorted(weights)]
        return round(float(sum(terms)), 4)
