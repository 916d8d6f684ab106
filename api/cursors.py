"""Where a page of a list ended, as text that means nothing to whoever sends it back.

A cursor belongs to the list, the sort and the filters that it came from: with others it would point anywhere, so it is
refused. It holds a place in the order and no secret; a forged one begins a page elsewhere in the same list.
"""

import base64
import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scoring.errors import InvalidInput
from scoring.json_values import storable_text
from store.pages import ListPage, Part, Position

MAX_LENGTH = 2_200
"""Room for the longest id there may be, in JSON's escapes and base64."""
_MAX_ID_LENGTH = 256
MAX_INTEGER, MAX_BIGINT = 2**31 - 1, 2**63 - 1
"""PostgreSQL's."""


class ForeignCursor(ValueError):
    """No cursor of this list."""


@dataclass(frozen=True)
class Cursors:
    """The cursors of one list with its filters and its sort; `key` and `unique` are the types of a position."""

    scope: str
    key: type[datetime] | type[float] | type[int] = datetime
    unique: type[str] | type[int] = str

    def part(self, limit: int, after: str | None, *, descending: bool = True) -> Part:
        """The part that is asked for; raise InvalidInput, naming `after`, for a cursor of something else."""
        return Part(limit, None if after is None else self._position(after), descending)

    def next(self, page: ListPage) -> str | None:
        """The cursor of the page after this one."""
        if page.next is None:
            return None
        key = page.next.key
        return write_cursor(self.scope, key.isoformat() if isinstance(key, datetime) else key, page.next.unique)

    def _position(self, cursor: str) -> Position:
        with refused_if_foreign():
            key, unique = read_cursor(cursor, self.scope)
            return Position(_read_key(key, self.key), _read_unique(unique, self.unique))


def write_cursor(scope: str, *words: str | float) -> str:
    """What `read_cursor` reads."""
    as_json = json.dumps([scope, *words], ensure_ascii=False)
    return base64.urlsafe_b64encode(as_json.encode()).decode().rstrip("=")


def read_cursor(cursor: str, scope: str) -> list[Any]:
    """The words that somebody wrote for this scope, or forged; raise ValueError for what is none of its cursors."""
    padded = cursor + "=" * (-len(cursor) % 4)
    words = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    if not isinstance(words, list) or words[:1] != [scope]:
        raise ForeignCursor
    return words[1:]


@contextmanager
def refused_if_foreign() -> Iterator[None]:
    """Raise InvalidInput, naming `after`, in place of a ValueError."""
    try:
        yield
    # brackets within brackets without end
    except (ValueError, RecursionError):
        detail = "after is no cursor of this list; send `next` of the page before, with its filters and its sort"
        raise InvalidInput(detail, field="after") from None


def scope_of(name: str, chosen: Mapping[str, object]) -> str:
    """What tells a list, with what was chosen of it (its filters, its sort), from all others."""
    return hashlib.sha256(json.dumps([name, chosen], sort_keys=True).encode()).hexdigest()[:16]


def _read_key(value: object, kind: type[datetime] | type[float] | type[int]) -> datetime | float:
    if kind is datetime and isinstance(value, str):
        return in_utc(datetime.fromisoformat(value))
    if kind is float and isinstance(value, float) and math.isfinite(value):
        return value
    if kind is int:
        return read_whole(value, MAX_INTEGER)
    raise ForeignCursor


def read_whole(value: object, most: int) -> int:
    """Raise ForeignCursor for anything but an integer from 0 to `most`."""
    if type(value) is not int or not 0 <= value <= most:
        raise ForeignCursor
    return value


def _read_unique(value: object, kind: type[str] | type[int]) -> str | int:
    return read_whole(value, MAX_BIGINT) if kind is int else read_text_id(value)


def read_text_id(value: object) -> str:
    """Raise ForeignCursor for what can be no id."""
    # not only the ids that the API gives: a program that calls the registry may give others
    if isinstance(value, str) and 0 < len(value) <= _MAX_ID_LENGTH and storable_text(value) == value:
        return value
    raise ForeignCursor


def in_utc(moment: datetime) -> datetime:
    """The same moment; raise ValueError for one without a time zone, or before the year 1 or after 9999 in UTC."""
    if moment.tzinfo is None:
        raise ValueError("has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is beyond the calendar") from None
