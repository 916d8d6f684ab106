"""Lists that are read a page at a time, along two columns of an index; no row is counted, and none skipped by number.

A page begins beyond a position: the sort key and the unique id of a row, which need not be there any more. So rows that
come or go meanwhile make no other row appear twice or not at all; a row whose own key changes is where it is now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    func,
    literal_column,
    or_,
    true,
    tuple_,
)

from store.database import Session

LOOKED_AT = 2_000
"""Rows that a page looks at, at most: where a filter lets few of them through, it is short and yet continues."""


@dataclass(frozen=True)
class Position:
    """Where a page ended."""

    key: datetime | float | str
    unique: str | int


@dataclass(frozen=True)
class Part:
    """Which part of a list: at most so many rows, beyond a position, chosen from at most so many that are looked at."""

    limit: int = 50
    after: Position | None = None
    descending: bool = True
    looks_at: int = LOOKED_AT

    @property
    def last_place(self) -> ColumnElement[int]:
        """As a literal: with a parameter a generic plan would guess it."""
        return literal_column(str(self.looks_at))


@dataclass(frozen=True)
class ListPage:
    """Rows, and where to go on; `next` is None at the end of the list, and only there."""

    rows: Sequence[Row[Any]]
    next: Position | None


@dataclass(frozen=True)
class Along:
    """The columns that a list runs along: those of an index, after what the index begins with."""

    key: SQLColumnExpression[Any]
    unique: SQLColumnExpression[Any]

    def ordered(self, part: Part) -> list[ColumnElement[Any]]:
        """Both columns in the direction of the list."""
        return [column.desc() if part.descending else column.asc() for column in (self.key, self.unique)]

    def beyond(self, part: Part) -> ColumnElement[bool]:
        """Whether a row comes after the position."""
        if part.after is None:
            return true()
        here, there = tuple_(self.key, self.unique), (part.after.key, part.after.unique)
        return here < there if part.descending else here > there


def walk(rows: Select[*tuple[Any, ...]], along: Along, part: Part, name: str = "walked") -> Subquery:
    """The next rows of a list, which an index can tell, for `read_page` to choose from."""
    ordered = along.ordered(part)
    place = func.row_number().over(order_by=ordered).label("place")
    columns: list[ColumnElement[Any]] = [along.key.label("sort_key"), along.unique.label("sort_unique"), place]
    walked = rows.add_columns(*columns).where(along.beyond(part)).order_by(*ordered)
    return walked.limit(part.last_place).subquery(name)


async def read_page(
    session: Session,
    found: Select[*tuple[Any, ...]],
    walked: Subquery,
    matches: Sequence[ColumnElement[bool]],
    part: Part,
) -> ListPage:
    """Those of the walked rows that match, in one statement; `found` selects from `walked` and what belongs to it."""
    along = Along(walked.c.sort_key, walked.c.sort_unique)
    match = and_(true(), *matches)
    # the last one looked at comes along, to go on from where too few of all the others match
    statement = (
        found.add_columns(match.label("is_match"))
        .where(or_(match, walked.c.place == part.last_place))
        .order_by(*along.ordered(part))
        .limit(part.limit + 1)
    )
    return _page((await session.execute(statement)).all(), part)


def _page(rows: Sequence[Row[Any]], part: Part) -> ListPage:
    found = [row for row in rows if row.is_match]
    last = None
    if len(found) > part.limit:
        last = found[part.limit - 1]
    elif rows and rows[-1].place == part.looks_at:
        last = rows[-1]
    return ListPage(found[: part.limit], None if last is None else Position(last.sort_key, last.sort_unique))
