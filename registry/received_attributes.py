"""What another registry says of a record: which paths its change touches, and what of its snapshot belongs here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from registry.attributes import check_change, merge
from scoring.attributes import ancestors, flatten, is_path, no_path
from scoring.errors import InvalidAttributes
from scoring.json_values import JsonObject, JsonValue, json_text, storable_text

NOT_ATTRIBUTES = {"edit_action", "internal_record_id", "link_internal_record_id"}
"""Keys that OpenG2P puts among the attributes of an item."""

NO_CHANGE, UPDATE = "NO_CHANGE", "UPDATE"


def touched_paths(
    items: Sequence[Mapping[str, JsonValue]], declared: Collection[str], section: str | None = None
) -> set[str]:
    """Every path of the register that these items of a change touch; `section` is where in the record they lie.

    Raises:
        InvalidInput: the section or a name within a declared one is no path, or a value could never be stored.
    """
    if section is not None and not is_path(section):
        raise InvalidAttributes(f"section: {no_path(section)}", field="section")
    return {path for item in items for path in _touched_by(item, declared, section)}


def _touched_by(item: Mapping[str, JsonValue], declared: Collection[str], section: str | None) -> list[str]:
    action = item.get("edit_action", UPDATE)
    if action == NO_CHANGE:
        return []
    attributes = {name: value for name, value in item.items() if name not in NOT_ATTRIBUTES}
    if section is None:
        return list(flatten(_known(attributes, declared)))
    # what comes or goes changes whatever is counted or summed up over the section
    if action != UPDATE or not attributes or _is_within(section, declared):
        return [section]
    here = [path.removeprefix(f"{section}.") for path in declared if path.startswith(f"{section}.")]
    return [f"{section}.{path}" for path in flatten(_known(attributes, here))]


def _known(attributes: Mapping[str, JsonValue], declared: Collection[str]) -> JsonObject:
    # what is never stored is not looked into: it may be anything
    names = {path.partition(".")[0] for path in declared}
    return {name: value for name, value in attributes.items() if name.partition(".")[0] in names}


def changed_paths(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> set[str]:
    """Every path whose value is not the same in both."""
    old, new = flatten(before), flatten(after)
    # as text: to Python, true and 1 are equal
    return {path for path in old.keys() | new.keys() if json_text(old.get(path)) != json_text(new.get(path))}


def as_payload(paths: Collection[str]) -> JsonObject:
    """A payload that touches these paths; what lies within another is touched with it."""
    return {path: None for path in paths if not any(ancestor in paths for ancestor in ancestors(path))}


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
    known = _known(snapshot, declared)
    leaves = flatten(known)
    holders = {holder for path in declared for holder in ancestors(path)}
    strangers = {path for path in leaves if path not in holders and not _is_within(path, declared)}
    strangers |= snapshot.keys() - known.keys()
    kept = {
        path: value
        for path, value in leaves.items()
        if path not in strangers and (path in declared or not _is_nothing(value))
    }
    attributes = merge({}, check_change(kept, declared)) if kept else {}
    return DeclaredAttributes(attributes, sorted(storable_text(name) for name in strangers))


def _is_within(path: str, declared: Collection[str]) -> bool:
    return path in declared or any(ancestor in declared for ancestor in ancestors(path))


def _is_nothing(value: JsonValue) -> bool:
    return value is None or value == {}
