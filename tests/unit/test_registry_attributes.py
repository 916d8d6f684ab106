"""A register's attributes: what may be declared, what a change may say, how it is merged."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objects import FARMER, FARMER_ATTRIBUTES
from registry.attributes import check_change, check_declaration, merge
from scoring.attributes import flatten, read_path
from scoring.errors import InvalidAttributes, InvalidInput
from walked import Walked

LAND = "assets.land_area"
EACH_TYPE = {"n": "number", "i": "integer", "t": "text", "b": "boolean", "l": "list", "deep.n": "number"}


def test_a_declaration_of_all_types_is_accepted() -> None:
    check_declaration(EACH_TYPE)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        pytest.param({}, "attributes is empty", id="nothing"),
        pytest.param({"income": "float"}, "income has type 'float'; types are number, integer", id="an unknown type"),
        pytest.param({"income": "Number"}, "income has type", id="a type in other letters"),
        pytest.param({"income": ""}, "income has type", id="no type"),
        pytest.param({"": "number"}, "no attribute path", id="no path"),
        pytest.param({"assets.": "number"}, "no attribute path", id="a dot behind"),
        pytest.param({"a\x00": "number"}, "no attribute path", id="a NUL"),
        pytest.param({"a\ud800": "number"}, "no attribute path", id="half a surrogate pair"),
        pytest.param({"a.a" * 20_000: "number"}, "no attribute path", id="a path without end"),
        pytest.param({"assets": "list", LAND: "number"}, "lies within assets", id="one within another"),
        pytest.param({"a.b.c": "text", "a": "text"}, "lies within a", id="one two levels within another"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(attributes: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidAttributes, match=said) as refused:
        check_declaration(attributes)

    # it goes into an answer
    assert f"{refused.value.detail} {refused.value.field}".encode()


def test_names_that_begin_alike_do_not_lie_within_each_other() -> None:
    check_declaration({"assets.land": "text", LAND: "number", "assets_total": "number"})


def test_a_declaration_is_gone_through_once_however_long_it_is() -> None:
    attributes = Walked({f"plot-{number}.area": "number" for number in range(50)})

    check_declaration(attributes)

    assert attributes.walks <= 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("n", 2.5, id="a number"),
        pytest.param("n", 3, id="an integer as a number"),
        pytest.param("n", 0, id="zero as a number"),
        pytest.param("i", 4, id="an integer"),
        pytest.param("i", -1, id="a negative integer"),
        pytest.param("t", "", id="an empty text"),
        pytest.param("t", "7", id="a text"),
        pytest.param("b", False, id="false"),
        pytest.param("l", [], id="an empty list"),
        pytest.param("l", [1, {"x": None}], id="a list of anything"),
    ],
)
def test_a_value_of_its_type_is_accepted(path: str, value: Any) -> None:
    assert check_change({path: value}, EACH_TYPE) == {path: value}


@pytest.mark.parametrize("path", EACH_TYPE)
def test_any_attribute_may_be_removed(path: str) -> None:
    assert check_change({path: None}, EACH_TYPE) == {path: None}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("n", "secret", id="text as a number"),
        pytest.param("n", True, id="a boolean as a number"),
        pytest.param("n", ["secret"], id="a list as a number"),
        pytest.param("n", {}, id="an empty object as a number"),
        pytest.param("i", 2.0, id="a fraction as an integer"),
        pytest.param("i", False, id="a boolean as an integer"),
        pytest.param("i", "5", id="text as an integer"),
        pytest.param("t", 90210, id="a number as text"),
        pytest.param("t", ["secret"], id="a list as text"),
        pytest.param("b", 1, id="a number as a boolean"),
        pytest.param("b", "true", id="text as a boolean"),
        pytest.param("l", "secret", id="text as a list"),
        pytest.param("l", {}, id="an empty object as a list"),
        pytest.param("deep.n", "secret", id="text as a nested number"),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_path_and_is_not_shown(path: str, value: Any) -> None:
    with pytest.raises(InvalidAttributes, match=f"^{path} must be of type {EACH_TYPE[path]}") as refused:
        check_change({path: value}, EACH_TYPE)

    assert refused.value.field == path
    assert str(value) not in refused.value.detail


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        pytest.param({"incomes": 90210}, "incomes", id="an unknown name"),
        pytest.param({"assets": {"house": 90210}}, "assets.house", id="an unknown name in a known object"),
        pytest.param({"assets": 90210}, "assets", id="a value where attributes lie below"),
        pytest.param({"assets": {}}, "assets", id="an empty object where attributes lie below"),
        pytest.param({"assets": []}, "assets", id="an empty list where attributes lie below"),
        pytest.param({"income": {"monthly": 90210}}, "income.monthly", id="a path below a value"),
        pytest.param({"gone": None}, "gone", id="removing what there never was"),
        pytest.param({"asset": None}, "asset", id="removing what only begins alike"),
    ],
)
def test_what_the_register_does_not_have_is_refused_with_what_it_has(payload: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidAttributes, match=f"^{field} is no attribute of this register") as refused:
        check_change(payload, FARMER_ATTRIBUTES)

    assert refused.value.field == field
    assert all(path in refused.value.detail for path in FARMER_ATTRIBUTES)
    assert "90210" not in refused.value.detail


def test_an_object_may_be_removed_with_all_its_attributes() -> None:
    assert check_change({"assets": None}, FARMER_ATTRIBUTES) == {"assets": None}


def test_an_empty_change_is_refused() -> None:
    with pytest.raises(InvalidAttributes, match="change_payload is empty"):
        check_change({}, FARMER_ATTRIBUTES)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400])
def test_a_number_that_cannot_be_stored_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput, match="income") as refused:
        check_change({"income": value}, FARMER_ATTRIBUTES)

    assert refused.value.field == "income"


@pytest.mark.parametrize(
    ("attributes", "changes", "merged"),
    [
        pytest.param({}, {"income": 1}, {"income": 1}, id="a new name"),
        pytest.param({"income": 1, "name": "A"}, {"income": 2}, {"income": 2, "name": "A"}, id="a new value"),
        pytest.param({}, {LAND: 2}, {"assets": {"land_area": 2}}, id="a dotted path is stored nested"),
        pytest.param(
            {"assets": {"house": 1}}, {LAND: 2}, {"assets": {"house": 1, "land_area": 2}}, id="beside its siblings"
        ),
        pytest.param({"income": 1, "name": "A"}, {"income": None}, {"name": "A"}, id="null removes"),
        pytest.param({"assets": {"land_area": 2, "house": 1}}, {LAND: None}, {"assets": {"house": 1}}, id="null below"),
        pytest.param(
            {"assets": {"land_area": 2}, "name": "A"}, {"assets": None}, {"name": "A"}, id="null for an object"
        ),
        pytest.param({}, {"income": None}, {}, id="null for what is not there"),
        pytest.param({"assets": 3}, {LAND: 2}, {"assets": {"land_area": 2}}, id="an object over a value"),
        pytest.param({"l": [1, 2]}, {"l": [3]}, {"l": [3]}, id="a list is replaced whole"),
        pytest.param({}, {"a.b.c": 1, "a.b.d": 2}, {"a": {"b": {"c": 1, "d": 2}}}, id="two below new objects"),
    ],
)
def test_a_change_is_merged_by_path(
    attributes: dict[str, Any], changes: dict[str, Any], merged: dict[str, Any]
) -> None:
    assert merge(attributes, changes) == merged


def test_merging_leaves_attributes_and_changes_as_they_are() -> None:
    attributes, changes = copy.deepcopy(FARMER), {LAND: 9, "income": None, "household": None}

    merge(attributes, changes)

    assert attributes == FARMER
    assert changes == {LAND: 9, "income": None, "household": None}


@given(st.dictionaries(st.sampled_from(["income", "name", LAND, "assets.house", "a.b.c"]), st.none() | st.integers()))
def test_what_was_changed_is_read_back_and_the_rest_stays(changes: dict[str, Any]) -> None:
    before: dict[str, Any] = {"income": -1, "assets": {"land_area": -2, "house": -3}, "phone": -4}

    merged = merge(before, changes)

    for path in ("income", "name", LAND, "assets.house", "a.b.c", "phone"):
        assert read_path(merged, path) == changes.get(path, read_path(before, path))
    assert all(value is not None for value in flatten(merged).values())
