"""Farmers from a seeded generator: the same ones in every run."""

import random
from collections.abc import Iterator
from typing import Any

ATTRIBUTES = {
    "name": "text",
    "phone": "text",
    "income": "number",
    "assets.land_area": "number",
    "household.member_count": "integer",
}


def farmers(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Attributes of so many farmers."""
    numbers = random.Random(seed)  # noqa: S311 - data for a demonstration, not a secret
    for index in range(1, count + 1):
        yield {
            "name": f"Farmer {index:03}",
            "income": round(numbers.lognormvariate(8.3, 0.6)),
            "assets": {"land_area": round(numbers.uniform(0.1, 6.0), 1)},
            "household": {"member_count": numbers.randint(1, 9)},
        }
