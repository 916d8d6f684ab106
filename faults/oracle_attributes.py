"""Attributes by dot path, as the architecture describes them: merged by a change, touched by it, and as a snapshot."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Attributes = Mapping[str, Any]


def leaves(payload: Attributes, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """What a payload sets, by dot path; an empty object stands for all that is below it."""
    for name, value in payload.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def touches(payload: Attributes, contributing: Iterable[str]) -> bool:
    """Whether one of the paths that a payload sets is, holds or lies within one of these."""
    changed = [f"{path}." for path, _ in leaves(payload)]
    return any(path.startswith(f"{one}.") or f"{one}.".startswith(path) for path in changed for one in contributing)


def value_at(attributes: Attributes, path: str) -> Any:
    """The value at a path of nested attributes; None where there is none."""
    value: Any = attributes
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def snapshot(attributes: Attributes, paths: Iterable[str]) -> Attributes:
    """The values at these paths; what is missing is left out."""
    return {path: value for path in paths if (value := value_at(attributes, path)) is not None}


def merged(attributes: Attributes, payload: Attributes) -> Attributes:
    """The attributes after the change; null removes one. Nothing is left of an object that nothing is in."""
    after = dict(leaves(attributes))
    for path, value in leaves(payload):
        for known in [one for one in after if one == path or one.startswith(f"{path}.")]:
            del after[known]
        after[path] = value
    return {path: value for path, value in after.items() if value is not None and value != {}}


def by_path(attributes: Attributes) -> Attributes:
    """The attributes by dot path, without objects that nothing is in."""
    return merged(attributes, {})
