"""What is wrong with a definition whatever its compute service says."""

from typing import Any

import pytest

from objects import FARMER_ATTRIBUTES, a_definition, register_facts
from scoring.compute import check_definition
from scoring.definitions import MAX_CONFIG_BYTES, RegisterFacts, check_shape
from scoring.errors import InvalidDefinition, InvalidInput, RegisterPurposeConflict


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param(
            {"contributing_attributes": (), "score_config": {"weights": {"income": 1}}},
            "contributing_attributes",
            id="weights of no attributes",
        ),
        pytest.param({"contributing_attributes": ("income", "income")}, "contributing_attributes", id="one twice"),
        pytest.param({"contributing_attributes": ("incomes",)}, "contributing_attributes", id="an unknown path"),
        pytest.param({"contributing_attributes": ("assets",)}, "contributing_attributes", id="an ancestor only"),
        pytest.param({"contributing_attributes": ("",)}, "contributing_attributes", id="an empty path"),
        pytest.param({"contributing_attributes": ("assets..land_area",)}, "contributing_attributes", id="two dots"),
        pytest.param({"score_type": ""}, "score_type", id="no score type"),
        pytest.param({"score_type": "   "}, "score_type", id="a blank score type"),
        pytest.param({"score_type": "PMT\nSCORE"}, "score_type", id="a line break in the score type"),
        pytest.param({"score_type": "PMT\x00"}, "score_type", id="a NUL in the score type"),
        pytest.param({"score_type": "X" * 65}, "score_type", id="a score type that is too long"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused_by_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        check_shape(a_definition(**changes), register_facts())

    assert refused.value.field == field


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, "\x00", "\ud800"])
def test_a_config_that_cannot_be_stored_is_refused_by_its_place(value: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_shape(a_definition(score_config={"bands": [1, value]}), register_facts())

    assert refused.value.field == "score_config.bands.1"


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"note": "x" * MAX_CONFIG_BYTES}, id="text"),
        pytest.param({"note": "ü" * (MAX_CONFIG_BYTES // 6)}, id="text that JSON escapes"),
        pytest.param({"bands": [1e300] * 300}, id="numbers that JSONB writes out"),
    ],
)
def test_a_config_that_no_request_could_carry_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(InvalidDefinition, match=f"at most {MAX_CONFIG_BYTES} ") as refused:
        check_shape(a_definition(score_config=config), register_facts())

    assert refused.value.field == "score_config"


def test_a_config_of_just_the_size_is_accepted() -> None:
    note = "x" * (MAX_CONFIG_BYTES - len('{"note": ""}'))

    check_shape(a_definition(score_config={"note": note}), register_facts())
    with pytest.raises(InvalidDefinition):
        check_shape(a_definition(score_config={"note": note + "x"}), register_facts())


def test_an_unknown_path_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InvalidDefinition, match="incomes is no attribute of register farmers") as refused:
        check_shape(a_definition(contributing_attributes=("incomes",)), register_facts())

    assert all(path in refused.value.detail for path in FARMER_ATTRIBUTES)


@pytest.mark.parametrize("purpose", ["TABLE", "PROGRAM_REGISTER", "register", ""])
def test_only_a_register_of_purpose_register_has_definitions(purpose: str) -> None:
    with pytest.raises(RegisterPurposeConflict, match="farmers") as refused:
        check_definition(a_definition(), register_facts(purpose=purpose))

    assert refused.value.field == "register_id"


def test_a_score_type_of_64_characters_is_accepted() -> None:
    check_shape(a_definition(score_type="X" * 64), register_facts())


def test_a_register_that_declares_nothing_accepts_any_path() -> None:
    check_shape(a_definition(contributing_attributes=("whatever.there.is",)), RegisterFacts("farmers", "REGISTER"))
