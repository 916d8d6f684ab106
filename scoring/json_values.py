"""Which JSON values can be stored and computed with: finite numbers, text that PostgreSQL holds, bounded depth."""

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from scoring.errors import InvalidInput

JsonValue: TypeAlias = "None | bool | int | float | str | list[JsonValue] | dict[str, JsonValue]"
JsonObject: TypeAlias = dict[str, JsonValue]

MAX_DEPTH = 32
MAX_FIELD_LENGTH = 600

# NUL and halves of surrogate pairs; one search in C, as a run reads up to 2,000 signals within one workflow task
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def require_storable(value: object, field: str, depth: int = 0) -> None:
    """Raise InvalidInput, naming the place, for what JSONB cannot hold or arithmetic cannot use."""
    if depth > MAX_DEPTH:
        raise InvalidInput(f"{field}: nested more than {MAX_DEPTH} levels deep", field=field)
    # patterns, as Temporal's sandbox replaces isinstance by one of its own that takes ten times as long
    match value:
        case Mapping():
            for key, inner in value.items():
                _require_key(key, field)
                require_storable(inner, _below(field, key), depth + 1)
        case list():
            for index, inner in enumerate(value):
                require_storable(inner, _below(field, index), depth + 1)
        case None | bool():
            pass
        case int() | float():
            require_finite(value, field)
        case str():
            _require_text(value, field)
        case _:
            raise InvalidInput(f"{field}: {type(value).__name__} is no JSON value", field=field)


def _below(field: str, part: object) -> str:
    # cut short: a long key above many values would be copied for each of them
    return f"{field[:MAX_FIELD_LENGTH]}.{part}"


def _require_key(key: object, field: str) -> None:
    match key:
        case str() if _is_storable_text(key):
            return
    raise InvalidInput(f"{field}: a key holds characters that cannot be stored", field=field)


def _require_text(text: str, field: str) -> None:
    if not _is_storable_text(text):
        raise InvalidInput(
            f"{field}: holds characters that cannot be stored (NUL or half a surrogate pair)",
            field=field,
        )


def require_finite(value: int | float, field: str) -> None:
    """Raise InvalidInput unless the number is a finite double."""
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise InvalidInput(
            f"{field}: NaN, Infinity and numbers beyond a double are refused; send a finite number",
            field=field,
        )


def json_text(value: object) -> str:
    """A storable value as JSONB gives it back: the same text for 5000 and 5000.0, another one for true and 1."""
    as_read = json.loads(json.dumps(value), parse_float=_number)
    return json.dumps(as_read, sort_keys=True)


def _number(text: str) -> int | float:
    # JSONB writes 1e22 out, and what reads it takes it for an integer
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(text)


def _is_storable_text(text: str) -> bool:
    return _NOT_STORABLE.search(text) is None


def storable_text(text: str) -> str:
    """The text with a question mark for each character that cannot be stored."""
    return _NOT_STORABLE.sub("?", text)
