"""Dot paths: which attributes a change touches, and their values in a record.

A payload may be nested (`{"assets": {"land_area": 2}}`) or dotted (`{"assets.land_area": 2}`); nested objects are
merged, so only what they hold is touched. An empty object, a list or null stands for all that is below its path.
"""

from collections.abc import Iterable, Mapping

from scoring.errors import InvalidAttributes
from scoring.json_values import JsonObject, JsonValue, require_storable


def flatten(payload: Mapping[str, JsonValue]) -> JsonObject:
    """The payload's leaves by dot path.

    Raises:
        InvalidAttributes: a path stands twice, or beside one of its ancestors.
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


def _leaves(payload: Mapping[str, JsonValue], prefix: str, depth: int = 0) -> Iterable[tuple[str, JsonValue]]:
    for key, value in payload.items():
        path = f"{prefix}{key}"
        if not is_path(path):
            raise InvalidAttributes(f"{path!r} is no attribute path; write names joined by single dots", field=path)
        if isinstance(value, dict) and value and depth < MAX_NESTING:
            yield from _leaves(value, f"{path}.", depth + 1)
        else:
            yield path, value


MAX_NESTING = 16
"""Objects below this depth are values, not paths."""


def _refuse_ancestors(path: str, leaves: Mapping[str, JsonValue]) -> None:
    for ancestor in _ancestors(path):
        if ancestor in leaves:
            raise InvalidAttributes(f"{path}: stands beside {ancestor}, which holds it; send one of them", field=path)


def _ancestors(path: str) -> list[str]:
    names = path.split(".")
    return [".".join(names[:count]) for count in range(1, len(names))]


def is_path(path: str) -> bool:
    """Whether it is names joined by single dots."""
    return path.isprintable() and all(name and name == name.strip() for name in path.split("."))


def touches(changed_paths: Iterable[str], contributing_attributes: Iterable[str]) -> bool:
    """Whether a changed path is, holds or lies within one of the contributing attributes."""
    contributing = list(contributing_attributes)
    return any(_related(changed, path) for changed in changed_paths for path in contributing)


def _related(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def read_path(attributes: Mapping[str, JsonValue], path: str) -> JsonValue:
    """The value at a dot path in nested or dotted attributes; None where there is none."""
    if path in attributes:
        return attributes[path]
    for ancestor in reversed(_ancestors(path)):
        inner = attributes.get(ancestor)
        if isinstance(inner, Mapping):
            return read_path(inner, path[len(ancestor) + 1 :])
    return None


def snapshot(attributes: Mapping[str, JsonValue], contributing_attributes: Iterable[str]) -> JsonObject:
    """The present values of all contributing attributes by dot path; what is missing or null is left out."""
    values = ((path, read_path(attributes, path)) for path in contributing_attributes)
    return {path: value for path, value in values if value is not None}
