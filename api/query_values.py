"""Numbers and moments in the query of a URL: as JSON would write them, not whatever else Python could read as one."""

import re
from collections.abc import Callable
from typing import Any

from pydantic import BeforeValidator


def _written_as(pattern: str, rule: str) -> BeforeValidator:
    return BeforeValidator(_check_of(re.compile(pattern), rule))


def _check_of(pattern: re.Pattern[str], rule: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, str) and not pattern.fullmatch(value):
            raise ValueError(rule)
        return value

    return check


WHOLE = _written_as(r"[0-9]{1,19}", "must be a whole number, in digits")
DECIMAL = _written_as(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", "must be a number, such as -1.5")
MOMENT = _written_as(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ].{1,32}", "must be a date and a time, as in RFC 3339")
