"""A register's attributes: which there are, what they hold, and how a change is merged into a record."""

from collections.abc import Mapping

from registry.tables import AttributeType
from scoring.attributes import ancestors, flatten, is_path, no_path, shortened
from scoring.errors import InvalidAttributes
from scoring.json_values import JsonObject, JsonValue


def check_declaration(attributes: Mapping[str, str]) -> None:
    """Raise InvalidAttributes unless these are paths with known types, none within another."""
    if not attributes:
        raise InvalidAttributes("attributes is empty; declare at least one attribute path", field="attributes")
    for path, kind in attributes.items():
        if not is_path(path):
            raise InvalidAttributes(no_path(path), field=shortened(path))
        if kind not in set(AttributeType):
            known = ", ".join(AttributeType)
            raise InvalidAttributes(f"{path} has type {kind!r}; types are {known}", field=f"attributes.{path}")
    for path in attributes:
        for ancestor in ancestors(path):
            if ancestor in attributes:
                raise InvalidAttributes(f"{path} lies within {ancestor}, which is a value itself", field=path)


def check_change(change_payload: Mapping[str, JsonValue], declared: Mapping[str, str]) -> JsonObject:
    """The change by dot path, null where something is removed.

    Raises:
        InvalidAttributes: an attribute that the register does not have, or a value of another type; the text names the
            attribute and never the value.
        InvalidInput: NaN, Infinity and whatever else cannot be stored.
    """
    changes = flatten(change_payload)
    if not changes:
        raise InvalidAttributes("change_payload is empty; name at least one attribute", field="change_payload")
    for path, value in changes.items():
        if path in declared:
            _check_type(path, value, AttributeType(declared[path]))
        elif not (_removes(value) and _holds_some(path, declared)):
            known = ", ".join(sorted(declared))
            raise InvalidAttributes(f"{path} is no attribute of this register; it has {known}", field=path)
    return changes


def _removes(value: JsonValue) -> bool:
    return value is None


def _holds_some(path: str, declared: Mapping[str, str]) -> bool:
    return any(known.startswith(f"{path}.") for known in declared)


def _check_type(path: str, value: JsonValue, kind: AttributeType) -> None:
    if value is None or _is_of(value, kind):
        return
    raise InvalidAttributes(f"{path} must be of type {kind.value}, or null to remove it", field=path)


def _is_of(value: JsonValue, kind: AttributeType) -> bool:
    match kind:
        case AttributeType.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case AttributeType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case AttributeType.TEXT:
            return isinstance(value, str)
        case AttributeType.BOOLEAN:
            return isinstance(value, bool)
        case AttributeType.LIST:
            return isinstance(value, list)


def merge(attributes: Mapping[str, JsonValue], changes: Mapping[str, JsonValue]) -> JsonObject:
    """The attributes, nested, after the changes by dot path; null removes (as JSON Merge Patch, RFC 7396)."""
    merged = dict(attributes)
    for path, value in changes.items():
        _set(merged, path.split("."), value)
    return merged


def _set(target: JsonObject, names: list[str], value: JsonValue) -> None:
    name, *rest = names
    if rest:
        inner = target.get(name)
        copied = dict(inner) if isinstance(inner, dict) else {}
        _set(copied, rest, value)
        target[name] = copied
    elif value is None:
        target.pop(name, None)
    else:
        target[name] = value
