"""Dot paths: which attributes a change touches, and their values in a record.

A payload may be nested (`{"assets": {"land_area": 2}}`) or dotted (`{"assets.land_area": 2}`); nested objects are
merged, so only what they hold is touched. An empty object, a list or null stands for all that is below its path.
"""

from collections.abc import Iterable, Mapping

from scoring.errors import InvalidAttributes
from scoring.json_values import JsonObject, JsonValue, require_storable

MAX_NESTING = 16
"""So many names a path has at most; objects below them are values, not paths."""
MAX_PATH_LENGTH = 512

_MAX_SHOWN = 80


def flatten(payload: Mapping[str, JsonValue]) -> JsonObject:
    """The payload's leaves by dot path.

    Raises:
        InvalidAttributes: what is no path; a path that stands twice, or beside one of its ancestors.
        InvalidInput: a value that cannot be stored.
    """
    leaves: JsonObject = {}
    for path, value in _leaves(payload, ""):
        if path in leaves:
            raise InvalidAttributes(f"{path}: given twice, nested and dotted; send it once", field=path)
        leaves[path] = value
    for path in leaves:
        require_storable(leaves[path], path)
        _refuse_ancestors(path, leaves)
    return leaves


def _leaves(payload: Mapping[str, JsonValue], prefix: str) -> Iterable[tuple[str, JsonValue]]:
    for key, value in payload.items():
        path = f"{prefix}{key}"
        if not is_path(path):
            raise InvalidAttributes(no_path(path), field=shortened(path))
        if isinstance(value, dict) and value and path.count(".") + 1 < MAX_NESTING:
            yield from _leaves(value, f"{path}.")
        else:
            yield path, value


def _refuse_ancestors(path: str, leaves: Mapping[str, JsonValue]) -> None:
    for ancestor in ancestors(path):
        if ancestor in leaves:
            raise InvalidAttributes(f"{path}: stands beside {ancestor}, which holds it; send one of them", field=path)


def ancestors(path: str) -> list[str]:
    """The paths that it lies within, outermost first."""
    names = path.split(".")
    return [".".join(names[:count]) for count in range(1, len(names))]


def is_path(path: str) -> bool:
    """Whether it is names joined by single dots, not too many and not too long: what walks paths relies on that."""
    if len(path) > MAX_PATH_LENGTH or path.count(".") >= MAX_NESTING:
        return False
    return path.isprintable() and all(name and name == name.strip() for name in path.split("."))


def no_path(path: str) -> str:
    """What is said of a text that is no path."""
    rule = f"write names joined by single dots, {MAX_NESTING} at most, of {MAX_PATH_LENGTH} characters in all"
    return f"{shortened(path)!r} is no attribute path; {rule}"


def shortened(path: str) -> str:
    """What is shown of a text that may be of any length."""
    return path if len(path) <= _MAX_SHOWN else f"{path[:_MAX_SHOWN]}…"


def touches(changed_paths: Iterable[str], contributing_attributes: Iterable[str]) -> bool:
    """Whether a changed path is, holds or lies within one of the contributing attributes."""
    contributing = set(contributing_attributes)
    holders = {holder for path in contributing for holder in ancestors(path)}
    return any(
        path in contributing or path in holders or not contributing.isdisjoint(ancestors(path))
        for path in changed_paths
    )


def read_path(attributes: Mapping[str, JsonValue], path: str) -> JsonValue:
    """The value at a dot path in nested or dotted attributes; None where there is none."""
    if path in attributes:
        return attributes[path]
    for ancestor in reversed(ancestors(path)):
        inner = attributes.get(ancestor)
        if isinstance(inner, Mapping):
            return read_path(inner, path[len(ancestor) + 1 :])
    return None


def snapshot(attributes: Mapping[str, JsonValue], contributing_attributes: Iterable[str]) -> JsonObject:
    """The present values of all contributing attributes by dot path; what is missing or null is left out."""
    values = ((path, read_path(attributes, path)) for path in contributing_attributes)
    return {path: value for path, value in values if value is not None}
