"""Dot paths: what a payload holds, what a change touches, what a snapshot reads."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.attributes import MAX_NESTING, MAX_PATH_LENGTH, flatten, is_path, read_path, snapshot, touches
from scoring.errors import InvalidAttributes, InvalidInput

LAND = "assets.land_area"

names = st.sampled_from(["a", "b", "ab", "a b", "ä"])
leaves = st.none() | st.booleans() | st.integers() | st.text("xyz") | st.lists(st.integers(), max_size=2)
nested = st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=8)
payloads = st.dictionaries(names, nested, max_size=3)
paths = st.lists(names, min_size=1, max_size=4).map(".".join)


def dotted(names: int) -> str:
    """A path of so many names."""
    return ".".join("a" * names)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"income": 1}, {"income": 1}, id="one name"),
        pytest.param({"assets": {"land_area": 2}}, {LAND: 2}, id="nested"),
        pytest.param({LAND: 2}, {LAND: 2}, id="dotted"),
        pytest.param({"a.b": {"c": {"d.e": 1}}}, {"a.b.c.d.e": 1}, id="dotted within nested"),
        pytest.param({"assets": {"house": 1}, LAND: 2}, {"assets.house": 1, LAND: 2}, id="siblings, one dotted"),
        pytest.param({"assets": {"land_area": None}}, {LAND: None}, id="null is kept"),
        pytest.param({"assets": None}, {"assets": None}, id="null for all below"),
        pytest.param({"assets": {}}, {"assets": {}}, id="an empty object for all below"),
        pytest.param({"plots": [{"area": 1}]}, {"plots": [{"area": 1}]}, id="a list is one value"),
    ],
)
def test_a_payload_is_read_by_dot_path(payload: dict[str, Any], expected: dict[str, Any]) -> None:
    assert flatten(payload) == expected


@given(payloads)
def test_nested_and_dotted_payloads_mean_the_same(payload: dict[str, Any]) -> None:
    dotted = flatten(payload)

    assert flatten(dotted) == dotted


@given(payloads)
def test_every_leaf_is_read_back_from_nested_and_from_dotted_attributes(payload: dict[str, Any]) -> None:
    dotted = flatten(payload)

    for path, value in dotted.items():
        assert read_path(payload, path) == value
        assert read_path(dotted, path) == value


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        pytest.param({"assets": {"land_area": 1}, LAND: 1}, LAND, id="nested and dotted"),
        pytest.param({"assets": None, LAND: 1}, LAND, id="beside the ancestor that is removed"),
        pytest.param({LAND: 1, "assets": {}}, LAND, id="beside an empty ancestor"),
        pytest.param({"a": [1], "a.b.c": 1}, "a.b.c", id="beside an ancestor two levels up"),
    ],
)
def test_a_payload_that_says_one_thing_twice_is_refused(payload: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidAttributes, match=field) as refused:
        flatten(payload)

    assert refused.value.field == field


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("", id="empty"),
        pytest.param(".income", id="a dot in front"),
        pytest.param("income.", id="a dot behind"),
        pytest.param("assets..land_area", id="two dots"),
        pytest.param(" income", id="a blank in front"),
        pytest.param("assets. land_area", id="a blank within"),
        pytest.param("in\x00come", id="a NUL"),
        pytest.param("in\ncome", id="a line break"),
        pytest.param("in\ud800come", id="half a surrogate pair"),
        pytest.param(dotted(MAX_NESTING + 1), id="a name too many"),
        pytest.param(dotted(20_000), id="twenty thousand names"),
        pytest.param("a" * (MAX_PATH_LENGTH + 1), id="a character too many"),
    ],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    assert not is_path(path)
    with pytest.raises(InvalidAttributes, match="no attribute path") as refused:
        flatten({path: 1})

    # it goes into an answer
    told = f"{refused.value.detail} {refused.value.field}".encode()
    assert len(told) < 3 * MAX_PATH_LENGTH
    assert "16 at most, of 512 characters in all" in refused.value.detail


@pytest.mark.parametrize("path", [dotted(MAX_NESTING), "a" * MAX_PATH_LENGTH])
def test_a_path_at_the_bound_is_one(path: str) -> None:
    assert flatten({path: 1}) == {path: 1}


def test_what_lies_below_the_names_of_a_path_is_a_value() -> None:
    payload = deep(MAX_NESTING + 3, lambda inner: {"a": inner})

    assert flatten(payload) == {dotted(MAX_NESTING): {"a": {"a": {"a": 1}}}}


def test_names_that_are_nested_and_dotted_count_together() -> None:
    with pytest.raises(InvalidAttributes, match="no attribute path"):
        flatten({dotted(MAX_NESTING - 1): {"a.a": 1}})


def deep(levels: int, wrap: Callable[[Any], Any]) -> Any:
    """A value within so many levels."""
    value: Any = 1
    for _ in range(levels):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param(math.nan, "income", id="NaN"),
        pytest.param(math.inf, "income", id="Infinity"),
        pytest.param(-math.inf, "income", id="minus Infinity"),
        pytest.param(float("1e400"), "income", id="1e400"),
        pytest.param(10**400, "income", id="an integer beyond a double"),
        pytest.param("a\x00b", "income", id="text with a NUL"),
        pytest.param("\ud800", "income", id="half a surrogate pair"),
        pytest.param({"monthly": math.nan}, "income.monthly", id="NaN further down"),
        pytest.param([1, {"x": [math.nan]}], "income.1.x.0", id="NaN in a list"),
        pytest.param([{"a\x00b": 1}], "income.0", id="a key with a NUL in a list"),
        pytest.param([{"\udfff": 1}], "income.0", id="a key with half a surrogate pair in a list"),
        pytest.param(b"x", "income", id="bytes"),
        pytest.param((1, 2), "income", id="a tuple"),
    ],
)
def test_a_value_that_cannot_be_stored_is_refused_by_its_place(value: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        flatten({"income": value})

    assert refused.value.field == field
    assert refused.value.detail.startswith(f"{field}: ")


@pytest.mark.parametrize(
    "wrap",
    [pytest.param(lambda inner: {"a": inner}, id="objects"), pytest.param(lambda inner: [inner], id="lists")],
)
@pytest.mark.parametrize("levels", [60, 600])
def test_a_value_that_is_nested_too_deep_is_refused(levels: int, wrap: Callable[[Any], Any]) -> None:
    with pytest.raises(InvalidInput, match="levels deep") as refused:
        flatten({"income": deep(levels, wrap)})

    assert (refused.value.field or "").startswith("income")


@pytest.mark.parametrize(
    "value", [0, -0.0, 5e-324, 1.7976931348623157e308, 2**1023, 2**53 + 1, True, "ä\U0001f33e", ""]
)
def test_what_json_and_a_double_can_hold_is_taken_as_it_is(value: Any) -> None:
    assert flatten({"income": value}) == {"income": value}


@pytest.mark.parametrize(
    ("changed", "contributing", "touched"),
    [
        pytest.param("income", "income", True, id="the path itself"),
        pytest.param("assets", LAND, True, id="its ancestor"),
        pytest.param(LAND, "assets", True, id="its descendant"),
        pytest.param("a", "a.b.c", True, id="an ancestor two levels up"),
        pytest.param("assets.house", LAND, False, id="a sibling"),
        pytest.param("assets.land", LAND, False, id="a shorter name that begins alike"),
        pytest.param("assets.land_area_2", LAND, False, id="a longer name that begins alike"),
        pytest.param("asset", LAND, False, id="an ancestor's name cut short"),
        pytest.param("land_area", LAND, False, id="the last name alone"),
        pytest.param("phone", "income", False, id="another path"),
    ],
)
def test_a_change_touches_what_it_is_or_holds_or_lies_within(changed: str, contributing: str, *, touched: bool) -> None:
    assert touches([changed], [contributing]) is touched


@given(paths, paths)
def test_touching_is_mutual_and_goes_by_whole_names(one: str, other: str) -> None:
    shorter, longer = sorted((one.split("."), other.split(".")), key=len)

    related = longer[: len(shorter)] == shorter
    assert touches([one], [other]) is related
    assert touches([other], [one]) is related


@pytest.mark.parametrize(
    ("changed", "contributing", "touched"),
    [
        pytest.param(["phone", LAND], ["income", LAND], True, id="one of several"),
        pytest.param(["phone", "name"], ["income", LAND], False, id="none of several"),
        pytest.param([], ["income"], False, id="no change"),
        pytest.param(["income"], [], False, id="nothing contributes"),
    ],
)
def test_one_path_of_several_is_enough(changed: list[str], contributing: list[str], *, touched: bool) -> None:
    assert touches(iter(changed), iter(contributing)) is touched


@pytest.mark.parametrize("payload", [{"income": None}, {"assets": {"land_area": None}}, {"assets": None}])
def test_null_is_a_touch(payload: dict[str, Any]) -> None:
    assert touches(flatten(payload), ["income", LAND])


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        pytest.param({"assets": {"land_area": 2.1}}, 2.1, id="nested"),
        pytest.param({LAND: 2.1}, 2.1, id="dotted"),
        pytest.param({"assets": {"land_area": 0}}, 0, id="zero"),
        pytest.param({"assets": {"land_area": False}}, False, id="false"),
        pytest.param({"assets": {"land_area": None}}, None, id="null"),
        pytest.param({"assets": {}}, None, id="missing"),
        pytest.param({"assets": 3}, None, id="an ancestor that is no object"),
        pytest.param({}, None, id="no ancestor"),
    ],
)
def test_a_path_is_read_from_nested_or_dotted_attributes(attributes: dict[str, Any], value: Any) -> None:
    assert read_path(attributes, LAND) == value


def test_a_snapshot_holds_all_contributing_values_and_leaves_out_what_is_missing_or_null() -> None:
    attributes: dict[str, Any] = {"income": 0, "assets": {"land_area": None, "house": 3}, "phone": "1"}

    values = snapshot(attributes, ["income", LAND, "assets.house", "household.member_count"])

    assert values == {"income": 0, "assets.house": 3}


def test_a_snapshot_of_an_object_holds_all_of_it() -> None:
    assert snapshot({"assets": {"land_area": 2}}, ["assets"]) == {"assets": {"land_area": 2}}
