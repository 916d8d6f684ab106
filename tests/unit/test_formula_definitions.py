"""Which definitions the formulas that ship here accept."""

import math
from typing import Any

import pytest

from objects import FARMER_ATTRIBUTES, FSF_CONFIG, a_definition, register_facts
from scoring.compute import check_definition
from scoring.errors import ComputeServiceNotFound, InvalidDefinition, InvalidInput

MEMBERS = "household.member_count"


@pytest.mark.parametrize(
    ("score_type", "changes"),
    [
        pytest.param("PMT_SCORE", {}, id="PMT_SCORE with the default weights"),
        pytest.param("PMT_SCORE", {"contributing_attributes": ("income",)}, id="PMT_SCORE of one attribute"),
        pytest.param("PMT_SCORE", {"score_config": {"weights": {"land_area": -0.5}}}, id="PMT_SCORE with one weight"),
        pytest.param("PMT_SCORE", {"score_config": {"source": "section 10"}}, id="PMT_SCORE with a remark"),
        pytest.param("FSF_SCORE", {}, id="FSF_SCORE with a weight for each attribute"),
    ],
)
def test_a_definition_that_can_be_computed_is_accepted(score_type: str, changes: dict[str, Any]) -> None:
    check_definition(a_definition(score_type, **changes), register_facts())


def test_a_register_need_not_declare_its_attributes() -> None:
    check_definition(a_definition(), register_facts(attribute_types=None))


@pytest.mark.parametrize(
    ("score_type", "changes", "field"),
    [
        pytest.param(
            "PMT_SCORE",
            {"score_config": {"weights": {"income": "0.4"}}},
            "score_config.weights.income",
            id="a weight that is text",
        ),
        pytest.param(
            "PMT_SCORE",
            {"score_config": {"weights": {"income": True}}},
            "score_config.weights.income",
            id="a weight that is a boolean",
        ),
        pytest.param(
            "PMT_SCORE",
            {"score_config": {"weights": {"income": None}}},
            "score_config.weights.income",
            id="a weight that is null",
        ),
        pytest.param(
            "PMT_SCORE",
            {"score_config": {"weights": {"incom": 1}}},
            "score_config.weights.incom",
            id="a weight that nothing has",
        ),
        pytest.param(
            "PMT_SCORE",
            {"score_config": {"weights": {"assets.land_area": 1}}},
            "score_config.weights.assets.land_area",
            id="a weight by the path where the formula has a name",
        ),
        pytest.param("PMT_SCORE", {"score_config": {"weights": [0.4]}}, "score_config.weights", id="a list of weights"),
        pytest.param(
            "PMT_SCORE", {"score_config": {"weights": []}}, "score_config.weights", id="an empty list of weights"
        ),
        pytest.param("PMT_SCORE", {"score_config": {"weights": False}}, "score_config.weights", id="false as weights"),
        pytest.param(
            "PMT_SCORE", {"score_config": {"weights": ""}}, "score_config.weights", id="empty text as weights"
        ),
        pytest.param("FSF_SCORE", {"score_config": {}}, "score_config.weights.income", id="FSF_SCORE without weights"),
        pytest.param(
            "FSF_SCORE",
            {"score_config": {"weights": {"income": 1}}},
            f"score_config.weights.{MEMBERS}",
            id="FSF_SCORE without one weight",
        ),
        pytest.param(
            "FSF_SCORE",
            {"contributing_attributes": ("income",), "score_config": FSF_CONFIG},
            f"score_config.weights.{MEMBERS}",
            id="FSF_SCORE with a weight too many",
        ),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_their_place(
    score_type: str, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        check_definition(a_definition(score_type, **changes), register_facts())

    assert refused.value.field == field


@pytest.mark.parametrize("weight", [math.nan, math.inf, 10**400])
@pytest.mark.parametrize("score_type", ["PMT_SCORE", "FSF_SCORE"])
def test_a_weight_that_is_not_finite_is_refused_by_its_place(score_type: str, weight: float) -> None:
    config = {"weights": FSF_CONFIG["weights"] | {"income": weight}}
    if score_type == "PMT_SCORE":
        config = {"weights": {"income": weight}}

    with pytest.raises(InvalidInput) as refused:
        check_definition(a_definition(score_type, score_config=config), register_facts())

    assert refused.value.field == "score_config.weights.income"


@pytest.mark.parametrize(
    ("score_type", "path", "said"),
    [
        pytest.param("PMT_SCORE", "name", "name holds text", id="PMT_SCORE of text"),
        pytest.param("FSF_SCORE", "phone", "phone holds text", id="FSF_SCORE of text"),
    ],
)
def test_an_attribute_that_holds_no_number_is_refused(score_type: str, path: str, said: str) -> None:
    definition = a_definition(score_type, contributing_attributes=(path,), score_config={"weights": {path: 1}})

    with pytest.raises(InvalidDefinition, match=said) as refused:
        check_definition(definition, register_facts())

    assert refused.value.field == "contributing_attributes"


def test_an_attribute_that_the_proxy_means_test_does_not_know_is_refused() -> None:
    facts = register_facts(attribute_types=FARMER_ATTRIBUTES | {"debts": "number"})

    with pytest.raises(InvalidDefinition, match="debts has no part in PMT_SCORE"):
        check_definition(a_definition(contributing_attributes=("income", "debts")), facts)


def test_a_score_type_that_nobody_serves_is_refused() -> None:
    with pytest.raises(ComputeServiceNotFound, match="no compute service serves score type 'LUCK_SCORE'") as refused:
        check_definition(a_definition("LUCK_SCORE"), register_facts())

    assert refused.value.field == "score_type"
