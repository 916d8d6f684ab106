"""What another registry says of a record: which paths its change touches, and what of its snapshot belongs here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.attributes import check_change, merge
from scoring.attributes import flatten, is_path
from scoring.errors import InvalidAttributes
from scoring.json_values import JsonObject, JsonValue, storable_text

NOT_ATTRIBUTES = {"edit_action", "internal_record_id", "link_internal_record_id"}
"""Keys that OpenG2P puts among the attributes of an item."""

NO_CHANGE, UPDATE = "NO_CHANGE", "UPDATE"


def touched_paths(items: Sequence[Mapping[str, JsonValue]], section: str | None = None) -> set[str]:
    """Every path that these items of a change touch; `section` is where in the record they lie.

    Raises:
        InvalidInput: the section or a name is no path, or a value could never be stored.
    """
    if section is not None and not is_path(section):
        raise InvalidAttributes("section is no attribute path; write names joined by single dots", field="section")
    return {path for item in items for path in _touched_by(item, section)}


def _touched_by(item: Mapping[str, JsonValue], section: str | None) -> list[str]:
    action = item.get("edit_action", UPDATE)
    if action == NO_CHANGE:
        return []
    paths = list(flatten({name: value for name, value in item.items() if name not in NOT_ATTRIBUTES}))
    if section is None:
        return paths
    # what comes or goes changes whatever is counted or summed up over the section
    return [f"{section}.{path}" for path in paths] if paths and action == UPDATE else [section]


def changed_paths(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> set[str]:
    """Every path whose value is not the same in both."""
    old, new = flatten(before), flatten(after)
    return {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


def as_payload(paths: Collection[str]) -> JsonObject:
    """A payload that touches these paths; what lies within another is touched with it."""
    return {path: None for path in paths if not any(ancestor in paths for ancestor in _ancestors(path))}


def _ancestors(path: str) -> Iterable[str]:
    names = path.split(".")
    return (".".join(names[:count]) for count in range(1, len(names)))


@dataclass(frozen=True)
class DeclaredAttributes:
    """The attributes that the register declares, nested, and the names of the others: those are not stored."""

    attributes: JsonObject
    ignored: list[str]


def read_declared(snapshot: Mapping[str, JsonValue], declared: Mapping[str, str]) -> DeclaredAttributes:
    """Take what belongs here out of a snapshot.

    Raises:
        InvalidInput: an attribute that the register declares has a value of another type, or one that cannot be stored.
    """
    known = {path.partition(".")[0] for path in declared}
    # what is never stored is not looked into: it may be anything
    leaves = flatten({name: value for name, value in snapshot.items() if name.partition(".")[0] in known})
    strangers = {path for path in leaves if not _concerns(path, declared)}
    strangers |= {name for name in snapshot if name.partition(".")[0] not in known}
    kept = {
        path: value
        for path, value in leaves.items()
        if path not in strangers and (path in declared or not _is_nothing(value))
    }
    attributes = merge({}, check_change(kept, declared)) if kept else {}
    return DeclaredAttributes(attributes, sorted(storable_text(name) for name in strangers))


def _concerns(path: str, declared: Mapping[str, str]) -> bool:
    return any(f"{path}.".startswith(f"{known}.") or known.startswith(f"{path}.") for known in declared)


def _is_nothing(value: JsonValue) -> bool:
    return value is None or value == {}
