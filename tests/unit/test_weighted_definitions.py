"""Which definitions with weighted attributes are accepted, and which compute nothing."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from objects import a_definition, register_facts
from scoring.compute import check_definition
from scoring.definitions import MAX_CONFIG_BYTES, ScoreDefinition, weighted, why_nothing_is_computed
from scoring.errors import ComputeServiceNotFound, InvalidDefinition, InvalidInput
from scoring.weighted_attributes import WeightedAttribute
from temporal_fakes.plugins import HEAD, installed_classes

INCOME = WeightedAttribute("income", 0.5)
NAME = WeightedAttribute("name", 1.0, attribute_computation_required=True, attribute_computation_value={"A": 1.0})
LOOKED_UP = {"attribute_computation_required": True}

PLAIN_HEAD = HEAD.replace("async ", "")
WEIGHTED_HEAD = (
    "async def compute_score(\n    self, link_internal_record_id, contributing_attribute_config, "
    "contributing_attribute_values):\n"
)
SERVICES = {
    "OWN_CHECK": f"def check_definition(self, definition, types): raise KeyError('x')\n{HEAD}    return 1.0",
    "NEEDS_MORE": f"def __init__(self, session): pass\n{HEAD}    return 1.0",
    "CANNOT_BE_MADE": f"def __init__(self): raise KeyError('x')\n{HEAD}    return 1.0",
    "OTHER_NAMES": "def compute_score(self, record, values, config): return 1.0",
    "FOR_WEIGHTED": f"{WEIGHTED_HEAD}    return 1.0",
    "FOR_ALL": f"{PLAIN_HEAD}    return 1.0",
}


def a_header(score_type: str = "PMT_SCORE", **changes: Any) -> ScoreDefinition:
    """A definition as OpenG2P's latest code creates it: without attributes."""
    return a_definition(score_type, **{"contributing_attributes": (), "score_config": {}} | changes)


def a_weighted_definition(*attributes: WeightedAttribute, **changes: Any) -> ScoreDefinition:
    """The same with weighted attributes."""
    return weighted(a_header(**changes), attributes or [INCOME])


@pytest.mark.parametrize("score_type", ["PMT_SCORE", "FSF_SCORE", "LUCK_SCORE", "in any spelling"])
def test_a_definition_without_attributes_is_kept_and_says_what_it_lacks(score_type: str) -> None:
    header = a_header(score_type)

    check_definition(header, register_facts())

    assert "has no weighted attributes yet" in str(why_nothing_is_computed(header))
    assert "create_score_contributing_attribute" in str(why_nothing_is_computed(header))


def test_a_definition_that_is_switched_off_says_so() -> None:
    assert "is disabled" in str(why_nothing_is_computed(a_definition(is_enabled=False)))


@pytest.mark.parametrize("definition", [a_definition(), a_weighted_definition()], ids=["plain", "weighted"])
def test_a_definition_with_attributes_computes(definition: ScoreDefinition) -> None:
    assert why_nothing_is_computed(definition) is None


@pytest.mark.parametrize("score_type", ["PMT_SCORE", "FSF_SCORE", "LUCK_SCORE"])
def test_any_attributes_can_be_weighed_under_any_score_type(score_type: str) -> None:
    definition = a_weighted_definition(NAME, INCOME, score_type=score_type, score_config={"note": "x"})

    check_definition(definition, register_facts())

    assert definition.contributing_attributes == ("income", "name")


@pytest.mark.parametrize(
    ("attribute", "field"),
    [
        pytest.param(replace(INCOME, attribute_name="incomes"), "attribute_name", id="one that the register lacks"),
        pytest.param(replace(INCOME, attribute_name="a..b"), "attribute_name", id="no path"),
        pytest.param(replace(INCOME, attribute_name=""), "attribute_name", id="no name"),
        pytest.param(replace(INCOME, attribute_weightage=math.nan), "attribute_weightage", id="NaN"),
        pytest.param(replace(INCOME, attribute_weightage=math.inf), "attribute_weightage", id="Infinity"),
        pytest.param(replace(INCOME, attribute_weightage=10**400), "attribute_weightage", id="beyond a double"),
        pytest.param(replace(INCOME, attribute_weightage=True), "attribute_weightage", id="true"),
        pytest.param(replace(NAME, attribute_computation_value=None), "attribute_computation_value", id="no mapping"),
        pytest.param(replace(NAME, attribute_computation_value={}), "attribute_computation_value", id="empty mapping"),
        pytest.param(
            replace(NAME, attribute_computation_value={"A": "1"}), "attribute_computation_value.A", id="to a text"
        ),
        pytest.param(
            replace(INCOME, attribute_computation_value={"A": True}), "attribute_computation_value.A", id="to true"
        ),
        pytest.param(
            replace(NAME, attribute_computation_value={"A": math.nan}), "attribute_computation_value.A", id="to NaN"
        ),
        pytest.param(
            replace(NAME, attribute_computation_value={"\x00": 1}), "attribute_computation_value", id="from a NUL"
        ),
        pytest.param(
            replace(NAME, attribute_computation_required=False), "attribute_computation_required", id="a text as it is"
        ),
    ],
)
def test_a_weighted_attribute_that_could_not_be_weighed_is_refused_by_its_field(
    attribute: WeightedAttribute, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_definition(a_weighted_definition(attribute), register_facts())

    assert refused.value.field == field


def mapped(name: str, *raw: str) -> WeightedAttribute:
    """An attribute of which these raw values are mapped."""
    return replace(NAME, attribute_name=name, attribute_computation_value=dict.fromkeys(raw, 1.0))


TYPED = register_facts(
    attribute_types={"is_head": "boolean", "age": "integer", "area": "number", "tags": "list", "name": "text"}
)


@pytest.mark.parametrize(
    ("name", "key", "said"),
    [
        ("is_head", "True", 'write "true"'),
        ("is_head", "FALSE", 'write "false"'),
        ("is_head", "1", 'write "true" or "false"'),
        ("age", "1.0", 'write "1"'),
        ("age", "007", 'write "7"'),
        ("age", "1_000", 'write "1000"'),
        ("age", " 1", 'write "1"'),
        ("age", "2.5", "write whole numbers"),
        ("age", "old", "write whole numbers"),
        ("age", "true", "write whole numbers"),
        ("age", "9" * 5000, "write whole numbers"),
        ("area", "1.0", 'write "1"'),
        ("area", "2.50", 'write "2.5"'),
        ("area", "1e3", 'write "1000"'),
        ("area", "large", "write numbers"),
        ("area", "NaN", "write numbers"),
        ("area", "", "write numbers"),
    ],
)
def test_a_mapping_from_what_its_attribute_never_holds_is_refused_with_the_right_form(
    name: str, key: str, said: str
) -> None:
    with pytest.raises(InvalidDefinition, match=f"{name} holds") as refused:
        check_definition(a_weighted_definition(mapped(name, key)), TYPED)

    assert said in refused.value.detail
    assert refused.value.field == f"attribute_computation_value.{key}"


@pytest.mark.parametrize(
    "attribute",
    [
        mapped("is_head", "true", "false"),
        mapped("age", "1", "-7", "0", str(10**23)),
        mapped("area", "1", "2.5", "-0.5", "1e-05", "10000000000000000000000"),
        mapped("name", "True", "1.0", ""),
        replace(mapped("area", "1.0"), attribute_computation_required=False),
    ],
    ids=["booleans", "whole numbers", "numbers", "texts", "a mapping that is not used"],
)
def test_a_mapping_from_what_its_attribute_can_hold_is_accepted(attribute: WeightedAttribute) -> None:
    check_definition(a_weighted_definition(attribute), TYPED)


def test_a_mapping_of_an_attribute_that_the_register_does_not_declare_may_be_from_anything() -> None:
    anything = a_weighted_definition(mapped("anything", "True", "1.0"))

    check_definition(anything, register_facts(attribute_types=None))


def test_a_list_cannot_be_mapped() -> None:
    with pytest.raises(InvalidDefinition, match="tags holds list, which a weighted sum cannot use") as refused:
        check_definition(a_weighted_definition(mapped("tags", "A")), TYPED)

    assert refused.value.field == "attribute_name"


def test_weights_that_no_request_could_carry_are_refused() -> None:
    large = mapped("name", *(f"name {number}" for number in range(5000)))

    with pytest.raises(InvalidDefinition, match=f"at most {MAX_CONFIG_BYTES} ") as refused:
        check_definition(a_weighted_definition(large), register_facts())

    assert refused.value.field == "attribute_computation_value"


@pytest.mark.parametrize(
    "definition",
    [
        pytest.param(a_definition(score_config={"contributing_attribute_config": []}), id="plain"),
        pytest.param(a_header(score_config={"contributing_attribute_config": None}), id="without attributes"),
        pytest.param(a_weighted_definition(score_config={"contributing_attribute_config": []}), id="weighted"),
    ],
)
def test_the_key_that_requests_carry_the_weights_under_is_no_clients(definition: ScoreDefinition) -> None:
    with pytest.raises(InvalidDefinition, match="written by the service") as refused:
        check_definition(definition, register_facts())

    assert refused.value.field == "score_config.contributing_attribute_config"


def test_weights_beside_weighted_attributes_are_refused() -> None:
    with pytest.raises(InvalidDefinition, match="contradicts") as refused:
        check_definition(a_weighted_definition(score_config={"weights": {"income": 1}}), register_facts())

    assert refused.value.field == "score_config.weights"


def test_contributing_attributes_beside_weighted_ones_are_refused() -> None:
    definition = replace(a_weighted_definition(), contributing_attributes=("income", "assets.land_area"))

    with pytest.raises(InvalidDefinition, match="are their names") as refused:
        check_definition(definition, register_facts())

    assert refused.value.field == "contributing_attributes"


@pytest.mark.parametrize("definition", [a_definition, a_header, a_weighted_definition])
@pytest.mark.parametrize(
    ("score_type", "said"),
    [
        ("NEEDS_MORE", "constructor of NEEDS_MORE"),
        ("CANNOT_BE_MADE", "cannot be made: KeyError in __init__"),
        ("OTHER_NAMES", "it must take one of"),
    ],
)
def test_a_plug_in_that_could_not_be_called_is_refused_with_any_definition(
    tmp_path: Path, definition: Any, score_type: str, said: str
) -> None:
    with (
        installed_classes(tmp_path, SERVICES),
        pytest.raises(ComputeServiceNotFound, match=said) as refused,
    ):
        check_definition(definition(score_type=score_type), register_facts())

    assert refused.value.field == "score_type"


def test_a_plug_ins_own_check_that_fails_is_told_by_its_place(tmp_path: Path) -> None:
    with (
        installed_classes(tmp_path, SERVICES),
        pytest.raises(ComputeServiceNotFound, match="KeyError in check_definition, line"),
    ):
        check_definition(a_definition("OWN_CHECK"), register_facts())


def test_a_plug_in_for_weighted_attributes_is_refused_with_a_plain_definition_alone(tmp_path: Path) -> None:
    with installed_classes(tmp_path, SERVICES):
        check_definition(a_header("FOR_WEIGHTED"), register_facts())
        check_definition(a_weighted_definition(NAME, score_type="FOR_WEIGHTED"), register_facts())
        with pytest.raises(ComputeServiceNotFound, match="takes weighted attributes") as refused:
            check_definition(a_definition("FOR_WEIGHTED"), register_facts())

    assert refused.value.field == "contributing_attributes"


def test_an_older_plug_in_serves_plain_and_weighted_definitions(tmp_path: Path) -> None:
    with installed_classes(tmp_path, SERVICES):
        check_definition(a_definition("FOR_ALL"), register_facts())
        # what an attribute holds is the plug-in's business
        check_definition(a_weighted_definition(WeightedAttribute("name", 1.0), score_type="FOR_ALL"), register_facts())
