"""What another registry sends: the paths that a change touches, and the attributes that belong here."""

from typing import Any

import pytest

from objects import FARMER, FARMER_ATTRIBUTES
from registry.received_attributes import as_payload, changed_paths, read_declared, touched_paths
from scoring.errors import InvalidAttributes, InvalidInput
from scoring.json_values import JsonObject
from walked import Walked

DECLARED = FARMER_ATTRIBUTES | {"members": "list"}
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
        pytest.param([{"age": 7, "edit_action": "UPDATE", **IDS}], "members", {"members"}, id="a changed member"),
        pytest.param([{"age": 7, "edit_action": "NO_CHANGE"}], "members", set(), id="an unchanged member"),
        pytest.param([{"age": 7, "edit_action": "ADD"}], "members", {"members"}, id="a new member"),
        pytest.param([{"edit_action": "DELETE", **IDS}], "members", {"members"}, id="a member that is gone"),
        pytest.param([{"edit_action": ["odd"], "age": 7}], "members", {"members"}, id="an action nobody knows"),
        pytest.param([{"land_area": 2}], "assets", {"assets.land_area"}, id="an object of a section"),
        pytest.param([{"age ": 7, "a": 1, "a.b": 2}], "members", {"members"}, id="a member with odd names"),
        pytest.param([{"edit_action": "UPDATE", **IDS}], "assets", {"assets"}, id="an object that says no more"),
        pytest.param([], "members", set(), id="nothing"),
        pytest.param([{"shoe_size": 43}], None, set(), id="what the register does not declare"),
        pytest.param([{"size ": 43, "income": 1}], None, {"income"}, id="an undeclared name that is no path"),
        pytest.param([{"home": "x", "home.city": "y"}], None, set(), id="an undeclared one within another"),
        pytest.param([{"cattle ": 3, "land_area": 2}], "assets", {"assets.land_area"}, id="the same in a section"),
        pytest.param([{"cattle": 3}], "assets", set(), id="what a section does not declare"),
        pytest.param([{"shoe_size": 43}], "clothes", set(), id="a section that is not declared"),
    ],
)
def test_a_change_touches(items: list[dict[str, Any]], section: str | None, touched: set[str]) -> None:
    assert touched_paths(items, DECLARED, section) == touched


@pytest.mark.parametrize("section", ["", "a..b", ".", "a\x00", ".".join("a" * 17), "a" * 513])
def test_a_section_that_is_no_path_is_refused(section: str) -> None:
    with pytest.raises(InvalidAttributes, match=r"^section: .* is no attribute path"):
        touched_paths([{"a": 1}], DECLARED, section)


def test_a_declared_attribute_that_is_given_twice_is_refused() -> None:
    with pytest.raises(InvalidAttributes, match=r"assets\.land_area: given twice"):
        touched_paths([{"assets.land_area": 1, "assets": {"land_area": 2}}], DECLARED)


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


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        pytest.param(1, True, True, id="true for 1"),
        pytest.param([1], [True], True, id="a list of true for one of 1"),
        pytest.param([{"x": 0}], [{"x": False}], True, id="deep within"),
        pytest.param([2, 1], [1, 2], True, id="another order"),
        pytest.param(2**53, 2**53 + 1, True, id="whole numbers beyond what a double holds"),
        pytest.param([{"x": 1, "y": 2}], [{"y": 2, "x": 1}], False, id="another order of names"),
        pytest.param(5000, 5000.0, False, id="a whole number with a decimal point"),
        pytest.param(10**23, 1e23, False, id="a great number as JSONB gives it back"),
        pytest.param(0.1, 0.1, False, id="the same"),
        pytest.param(None, None, False, id="nothing"),
    ],
)
def test_what_json_tells_apart_has_changed(before: Any, after: Any, *, changed: bool) -> None:
    assert changed_paths({"a": before, "b": 1}, {"a": after, "b": 1}) == ({"a"} if changed else set())


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


def test_the_declared_attributes_are_gone_through_a_few_times_however_many_are_sent() -> None:
    declared = Walked(FARMER_ATTRIBUTES)
    snapshot: JsonObject = {"assets": {f"plot-{number}": number for number in range(50)}}

    assert len(read_declared(snapshot, declared).ignored) == 50
    assert declared.walks <= 3


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
