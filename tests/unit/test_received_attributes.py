"""What another registry sends: the paths that a change touches, and the attributes that belong here."""

from typing import Any

import pytest

from builders import FARMER, FARMER_ATTRIBUTES
from registry.received_attributes import as_payload, changed_paths, read_declared, touched_paths
from scoring.errors import InvalidAttributes, InvalidInput

IDS = {"internal_record_id": "m-1", "link_internal_record_id": "r-1"}


@pytest.mark.parametrize(
    ("items", "section", "touched"),
    [
        pytest.param([{"income": 1, "assets": {"land_area": 2}}], None, {"income", "assets.land_area"}, id="nested"),
        pytest.param([{"assets.land_area": 2}], None, {"assets.land_area"}, id="by dot path"),
        pytest.param([{"income": None}], None, {"income"}, id="removed"),
        pytest.param([{"income": 1}, {"phone": "1"}], None, {"income", "phone"}, id="several items"),
        pytest.param(
            [{"income": 1, "edit_action": "UPDATE", **IDS}], None, {"income"}, id="keys that are no attributes"
        ),
        pytest.param([{"income": 1, "edit_action": "ADD", **IDS}], None, {"income"}, id="a new record"),
        pytest.param([{"income": 1, "edit_action": "NO_CHANGE", **IDS}], None, set(), id="not changed"),
        pytest.param([{"age": 7, "edit_action": "UPDATE", **IDS}], "members", {"members.age"}, id="a changed member"),
        pytest.param([{"age": 7, "edit_action": "NO_CHANGE"}], "members", set(), id="an unchanged member"),
        pytest.param([{"age": 7, "edit_action": "ADD"}], "members", {"members"}, id="a new member"),
        pytest.param([{"edit_action": "DELETE", **IDS}], "members", {"members"}, id="a member that is gone"),
        pytest.param([{"edit_action": ["odd"], "age": 7}], "members", {"members"}, id="an action nobody knows"),
        pytest.param([{"land_area": 2}], "assets", {"assets.land_area"}, id="an object of a section"),
        pytest.param([], "members", set(), id="nothing"),
    ],
)
def test_a_change_touches(items: list[dict[str, Any]], section: str | None, touched: set[str]) -> None:
    assert touched_paths(items, section) == touched


@pytest.mark.parametrize("section", ["", "a..b", ".", "a\x00"])
def test_a_section_that_is_no_path_is_refused(section: str) -> None:
    with pytest.raises(InvalidAttributes, match="section is no attribute path"):
        touched_paths([{"a": 1}], section)


def test_a_payload_touches_the_outermost_of_its_paths() -> None:
    assert as_payload({"members", "members.age", "income", "incomes.x"}) == {
        "members": None,
        "income": None,
        "incomes.x": None,
    }


def test_what_came_went_or_became_another_has_changed() -> None:
    before: dict[str, Any] = {"income": 1, "phone": "1", "assets": {"land_area": 2, "house": 1}}
    after: dict[str, Any] = {"income": 1, "name": "B", "assets": {"land_area": 3, "house": 1}}

    assert changed_paths(before, after) == {"phone", "name", "assets.land_area"}


def test_declared_attributes_are_kept_and_the_others_named() -> None:
    snapshot = FARMER | {
        "photo": {"bytes": [1]},
        "assets": {"land_area": 2.1, "cattle": 3},
        "household.head": "A",
        "no path..": 1,
    }

    declared = read_declared(snapshot | {"household": {"member_count": 4}}, FARMER_ATTRIBUTES)

    assert declared.attributes == FARMER
    assert declared.ignored == ["assets.cattle", "household.head", "no path..", "photo"]


def test_an_attribute_by_dot_path_is_stored_nested() -> None:
    assert read_declared({"assets.land_area": 2}, FARMER_ATTRIBUTES).attributes == {"assets": {"land_area": 2}}


@pytest.mark.parametrize("snapshot", [{}, {"income": None}, {"assets": {}}, {"assets": None}])
def test_what_is_not_there_is_not_stored(snapshot: dict[str, Any]) -> None:
    assert read_declared(snapshot, FARMER_ATTRIBUTES).attributes == {}


@pytest.mark.parametrize(
    ("snapshot", "path"),
    [
        pytest.param({"income": "5000"}, "income", id="text for a number"),
        pytest.param({"household": {"member_count": 4.5}}, "household.member_count", id="no integer"),
        pytest.param({"assets": 5}, "assets", id="a number for what has attributes"),
        pytest.param({"income": {"monthly": 5}}, "income.monthly", id="attributes in a number"),
        pytest.param({"income": float("nan")}, "income", id="no number at all"),
        pytest.param({"assets.land_area": 1, "assets": {"land_area": 1}}, "assets.land_area", id="given twice"),
    ],
)
def test_a_declared_attribute_of_another_type_is_refused_by_its_path(snapshot: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_declared(snapshot, FARMER_ATTRIBUTES)

    assert refused.value.field == path
