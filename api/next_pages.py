"""Pages that continue after their last row, read with one row more than they show."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def split_page(rows: Sequence[T], limit: int) -> tuple[Sequence[T], T | None]:
    """The page, and its last row where another page follows; `rows` were read with a limit of one more."""
    page = rows[:limit]
    return page, page[-1] if len(rows) > limit else None
