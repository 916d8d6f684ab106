"""The texts under which a weighted attribute's mapping holds its raw values: JSON's, whole numbers without a point."""

import math
from decimal import Decimal

from scoring.errors import InvalidDefinition, ScoreInputError
from scoring.formulas import kind_of
from scoring.json_values import JsonValue

_FORMS = {
    "boolean": '"true" or "false"',
    "integer": 'whole numbers, such as "3"',
    "number": 'numbers, such as "3" or "2.5"',
}


def key_of(name: str, raw: JsonValue) -> str:
    """The key for an attribute's value; raises ScoreInputError for one that has none."""
    match raw:
        case bool():
            return "true" if raw else "false"
        case str():
            return raw
        case float() if raw.is_integer():
            # JSON has one kind of number: 3 and 3.0 are the same
            return str(int(raw))
        case int() | float():
            return str(raw)
        case _:
            raise ScoreInputError(f"{name} holds {kind_of(raw)}; only single values can be mapped", field=name)


def check_key(name: str, kind: str, key: str) -> None:
    """Raise InvalidDefinition, with the right form, for a key that no value of an attribute of this type has."""
    if kind not in _FORMS:
        return
    form = _boolean_form(key) if kind == "boolean" else _number_form(name, kind, key)
    if form != key:
        raise InvalidDefinition(
            f"{name} holds {kind}, and no such value has this key; write " + (f'"{form}"' if form else _FORMS[kind]),
            field=f"attribute_computation_value.{key}",
        )


def _boolean_form(key: str) -> str | None:
    return key.lower() if key.lower() in {"true", "false"} else None


def _number_form(name: str, kind: str, key: str) -> str | None:
    number = _number(key)
    if number is None or (kind == "integer" and isinstance(number, float)):
        return None
    return key_of(name, number)


def _number(key: str) -> int | float | None:
    try:
        number = float(key)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    exact = Decimal(key)
    return int(exact) if exact == exact.to_integral_value() else number
