"""Two services that work and take their time: one awaits, one holds its thread."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

SECONDS = 0.02


class G2PScoreComputeServiceConcurrentScore:
    """`income - 25 * household.member_count`, rounded to 4 decimals; what is missing counts as 0. Awaits 20 ms."""

    formula_version = "1"
    compute_mode = "concurrent"

    async def compute_score(
        self, internal_record_id: str, contributing_attribute_values: Mapping[str, Any], score_config: Mapping[str, Any]
    ) -> float:
        """The score, a little later."""
        del internal_record_id, score_config
        await asyncio.sleep(SECONDS)
        income = _present(contributing_attribute_values, "income")
        members = _present(contributing_attribute_values, "household.member_count")
        return round(income - 25 * members, 4)


class G2PScoreComputeServiceBlockingScore:
    """`100 * assets.land_area + household.meals_per_day`, to 4 decimals; what is missing counts as 0. Sleeps 20 ms."""

    formula_version = "1"
    compute_mode = "blocking"

    async def compute_score(
        self, internal_record_id: str, contributing_attribute_values: Mapping[str, Any], score_config: Mapping[str, Any]
    ) -> float:
        """The score, a little later; nothing else runs in its thread meanwhile."""
        del internal_record_id, score_config
        time.sleep(SECONDS)  # noqa: ASYNC251 - its very purpose
        land = _present(contributing_attribute_values, "assets.land_area")
        meals = _present(contributing_attribute_values, "household.meals_per_day")
        return round(100 * land + meals, 4)


def _present(values: Mapping[str, Any], path: str) -> float:
    return float(values.get(path, 0))
