"""The Builder Score: worked examples, its caps, what always holds, and which definitions it accepts."""

import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.attributes import MAX_TOTAL, as_attributes
from builders.register import ATTRIBUTES, BUILDER_SCORE, BUILDERS, FACTS, METRICS
from builders.score import MAX_CAP, MAX_POINTS, BuilderScore
from objects import register_facts
from scoring.compute import check_definition, find_compute_service, require_score
from scoring.debounce import DebouncePolicy
from scoring.definitions import ScoreDefinition, weighted
from scoring.errors import InvalidDefinition, InvalidInput, ScoreInputError
from scoring.weighted_attributes import WeightedAttribute

DOCS = Path(__file__).parents[2] / "docs" / "builders.md"

CONFIG: dict[str, Any] = {
    "shipped_projects": {"points": 100, "cap": 1000},
    "vouches": {"points": 25, "cap": 500},
    "impact": {"points": {"active_users": 10, "downloads": 5, "stars": 10}, "cap": 500},
    "key_fields": {"points": 20, "cap": 60},
}
NOTHING: dict[str, Any] = dict.fromkeys(ATTRIBUTES, 0)
ATTRIBUTE_NAMES = tuple(ATTRIBUTES)

counts = st.lists(st.integers(0, 50) | st.integers(0, MAX_TOTAL), min_size=len(ATTRIBUTES), max_size=len(ATTRIBUTES))
values = counts.map(as_attributes)
points, caps = st.integers(0, MAX_POINTS), st.integers(0, MAX_CAP)
counted_term = st.fixed_dictionaries({"points": points, "cap": caps})
impact_term = st.fixed_dictionaries({"points": st.fixed_dictionaries(dict.fromkeys(METRICS, points)), "cap": caps})
configs = st.fixed_dictionaries(
    {"shipped_projects": counted_term, "vouches": counted_term, "impact": impact_term, "key_fields": counted_term}
)


async def score(attributes: dict[str, Any], config: dict[str, Any] = CONFIG) -> float:
    """As a worker computes it: with a new service, and looked at before it is stored."""
    result = await BuilderScore().compute_score("a user", attributes, config)
    return require_score(result, BUILDER_SCORE)


def a_builder_definition(config: Any = CONFIG, **changes: Any) -> ScoreDefinition:
    """A definition of BUILDER_SCORE that is accepted."""
    return replace(
        ScoreDefinition(BUILDERS, BUILDER_SCORE, ATTRIBUTE_NAMES, DebouncePolicy(300, 300), config), **changes
    )


def changed(path: str, value: Any) -> dict[str, Any]:
    """The config with another value at a dot path."""
    config: dict[str, Any] = json.loads(json.dumps(CONFIG))
    *parents, name = path.split(".")
    at = config
    for parent in parents:
        at = at[parent]
    at[name] = value
    return config


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        pytest.param({}, 0, id="nothing"),
        pytest.param({"shipped_projects": 1}, 100, id="one project"),
        pytest.param({"shipped_projects": 10}, 1000, id="as many projects as count"),
        pytest.param({"shipped_projects": 11}, 1000, id="one project more"),
        pytest.param({"vouches": 4}, 100, id="a ring of five"),
        pytest.param({"vouches": 20}, 500, id="as many vouches as count"),
        pytest.param({"vouches": 59}, 500, id="a ring of sixty"),
        pytest.param({"impact.active_users": 1}, 10, id="the first active user"),
        pytest.param({"impact.active_users": 2}, 10, id="one short of the next doubling"),
        pytest.param({"impact.active_users": 3}, 20, id="the next doubling"),
        pytest.param({"impact.downloads": 2**20 - 1}, 100, id="a million downloads"),
        pytest.param(
            {"impact.active_users": 2**30, "impact.downloads": 2**30, "impact.stars": 2**30}, 500, id="impact's cap"
        ),
        pytest.param({"profile.key_fields": 2}, 40, id="two fields of the profile"),
        pytest.param({"profile.key_fields": 4}, 60, id="the profile's cap"),
        pytest.param(
            as_attributes([3, 4, 120, 5000, 40, 3]),
            300 + 100 + (60 + 60 + 50) + 60,
            id="all of it",
        ),
    ],
)
async def test_the_score_is_the_sum_of_its_capped_terms(counted: dict[str, int], expected: int) -> None:
    assert await score(NOTHING | counted) == expected


@pytest.mark.parametrize("exponent", range(1, 50))
async def test_each_doubling_of_a_metric_adds_the_same_and_nothing_between_adds_anything(exponent: int) -> None:
    config = changed("impact.cap", MAX_CAP)
    total = 2**exponent - 1

    short, reached = [await score(NOTHING | {"impact.stars": stars}, config) for stars in (total - 1, total)]

    assert (short, reached) == (10 * (exponent - 1), 10 * exponent)


async def test_the_example_of_the_documentation_is_what_the_code_answers() -> None:
    config, attributes, breakdown = map(json.loads, re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.S)[:3])

    assert BuilderScore().break_down(attributes, config) == breakdown
    assert f"**{await score(attributes, config):.0f}**" in DOCS.read_text("utf-8")


@given(values, configs)
async def test_the_score_is_a_whole_number_that_fits_its_column_and_never_above_the_caps(
    attributes: dict[str, Any], config: dict[str, Any]
) -> None:
    check_definition(a_builder_definition(config), FACTS)

    result = await score(attributes, config)

    assert result.is_integer()
    assert 0 <= result <= min(sum(term["cap"] for term in config.values()), 2**31 - 1)


@given(values, configs, st.sampled_from(ATTRIBUTE_NAMES), st.integers(0, MAX_TOTAL))
async def test_more_of_anything_never_lowers_the_score(
    attributes: dict[str, Any], config: dict[str, Any], name: str, more: int
) -> None:
    increased = attributes | {name: min(attributes[name] + more, MAX_TOTAL)}

    assert await score(increased, config) >= await score(attributes, config)


@given(values, configs, st.randoms(use_true_random=False))
async def test_i8_neither_the_order_of_keys_nor_a_road_through_json_changes_the_score(
    attributes: dict[str, Any], config: dict[str, Any], order: random.Random
) -> None:
    kept = json.loads(json.dumps({"values": shuffled(attributes, order), "config": shuffled(config, order)}))

    assert await score(kept["values"], kept["config"]) == await score(attributes, config)


def shuffled(mapping: dict[str, Any], order: random.Random) -> dict[str, Any]:
    """The same with its keys in another order, at every depth."""
    names = order.sample(list(mapping), len(mapping))
    return {
        name: shuffled(mapping[name], order) if isinstance(mapping[name], dict) else mapping[name] for name in names
    }


def test_the_breakdown_tells_what_a_cap_has_cut_off() -> None:
    breakdown: Any = BuilderScore().break_down(NOTHING | {"vouches": 59}, CONFIG)

    assert breakdown["vouches"] == {"points": 500, "uncapped": 59 * 25, "counted": {"vouches": 59}}


@given(values, configs)
async def test_the_points_of_the_breakdown_are_the_score_and_it_names_every_count_once(
    attributes: dict[str, Any], config: dict[str, Any]
) -> None:
    breakdown: Any = BuilderScore().break_down(attributes, config)

    assert sum(term["points"] for term in breakdown.values()) == await score(attributes, config)
    assert all(term["points"] == min(term["uncapped"], config[name]["cap"]) for name, term in breakdown.items())
    assert [item for term in breakdown.values() for item in term["counted"].items()] == [*attributes.items()]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(-1, id="negative"),
        pytest.param(MAX_TOTAL + 1, id="beyond what is counted"),
        pytest.param(10**400, id="beyond a double"),
        pytest.param(3.0, id="a double"),
        pytest.param(float("nan"), id="NaN"),
        pytest.param(True, id="a boolean"),
        pytest.param("3", id="text"),
        pytest.param(None, id="null"),
        pytest.param([3], id="a list"),
        pytest.param({"count": 3}, id="an object"),
    ],
)
@pytest.mark.parametrize("name", ATTRIBUTE_NAMES)
async def test_what_is_no_count_fails_by_its_attribute(name: str, value: Any) -> None:
    with pytest.raises(ScoreInputError, match=f"^{name} must be a whole number from 0 to") as failed:
        await score(NOTHING | {name: value})

    assert failed.value.field == name


@pytest.mark.parametrize("name", ATTRIBUTE_NAMES)
async def test_a_count_that_is_missing_is_no_zero(name: str) -> None:
    with pytest.raises(ScoreInputError) as failed:
        await score({path: 1 for path in ATTRIBUTES if path != name})

    assert failed.value.field == name


NOT_WHOLE = [True, False, 1.0, -1, "1", None, [], {}, {"points": {"points": 1}}, 10**400, float("nan"), float("inf")]
NUMBERS_OF_THE_CONFIG = [
    *(f"{term}.{name}" for term in ("shipped_projects", "vouches", "key_fields") for name in ("points", "cap")),
    *(f"impact.points.{metric}" for metric in METRICS),
    "impact.cap",
]


@pytest.mark.parametrize("value", NOT_WHOLE, ids=lambda value: f"{value!r:.12}")
@pytest.mark.parametrize("path", NUMBERS_OF_THE_CONFIG)
async def test_points_and_caps_that_are_no_whole_numbers_are_refused_by_their_place(path: str, value: Any) -> None:
    config = changed(path, value)

    with pytest.raises(InvalidInput) as refused:
        check_definition(a_builder_definition(config), FACTS)
    with pytest.raises(ScoreInputError) as failed:
        await score(NOTHING, config)

    assert (refused.value.field, failed.value.field) == (f"score_config.{path}",) * 2


@pytest.mark.parametrize("path", NUMBERS_OF_THE_CONFIG)
def test_points_and_caps_have_a_bound_that_keeps_the_score_within_its_column(path: str) -> None:
    assert len(CONFIG) * MAX_CAP < 2**31
    most = MAX_CAP if path.endswith("cap") else MAX_POINTS
    check_definition(a_builder_definition(changed(path, most)), FACTS)

    with pytest.raises(InvalidDefinition, match=f"from 0 to {most}"):
        check_definition(a_builder_definition(changed(path, most + 1)), FACTS)


@pytest.mark.parametrize("value", [None, 5, "x", [], [1], True], ids=repr)
@pytest.mark.parametrize("path", ["shipped_projects", "vouches", "impact", "impact.points", "key_fields"])
async def test_what_should_be_an_object_and_is_none_is_refused_by_its_place(path: str, value: Any) -> None:
    with pytest.raises(InvalidDefinition, match="must be an object with") as refused:
        check_definition(a_builder_definition(changed(path, value)), FACTS)

    assert refused.value.field == f"score_config.{path}"


@pytest.mark.parametrize("path", ["shipped_projects", "impact", "impact.points", "impact.points.stars", "vouches.cap"])
def test_a_part_that_is_missing_is_named(path: str) -> None:
    config = changed(path, None)
    parent: Any = config
    *parents, name = path.split(".")
    for one in parents:
        parent = parent[one]
    del parent[name]

    with pytest.raises(InvalidDefinition, match="is missing") as refused:
        check_definition(a_builder_definition(config), FACTS)

    assert refused.value.field == f"score_config.{path}"


@pytest.mark.parametrize("path", ["luck", "impact.points.fame", "vouches.decay", "key_fields.weights"])
def test_a_part_that_the_formula_does_not_know_is_named(path: str) -> None:
    with pytest.raises(InvalidDefinition, match=f"{path} has no part in BUILDER_SCORE") as refused:
        check_definition(a_builder_definition(changed(path, 1)), FACTS)

    assert refused.value.field == f"score_config.{path}"


@pytest.mark.parametrize("name", ATTRIBUTE_NAMES)
def test_every_attribute_that_is_counted_must_be_named(name: str) -> None:
    attributes = tuple(path for path in ATTRIBUTES if path != name)

    with pytest.raises(InvalidDefinition, match=f"contributing_attributes lacks {name}") as refused:
        check_definition(a_builder_definition(contributing_attributes=attributes), FACTS)

    assert refused.value.field == "contributing_attributes"


def test_an_attribute_that_builders_do_not_have_is_refused() -> None:
    with pytest.raises(InvalidDefinition, match="income is no attribute of register builders") as refused:
        check_definition(a_builder_definition(contributing_attributes=(*ATTRIBUTES, "income")), FACTS)

    assert refused.value.field == "contributing_attributes"


def test_no_other_register_has_the_score() -> None:
    farmers = register_facts(attribute_types=None)

    with pytest.raises(InvalidDefinition, match="a score of register builders alone") as refused:
        check_definition(a_builder_definition(register_id="farmers"), farmers)

    assert refused.value.field == "register_id"


def test_weighted_attributes_which_the_formula_would_not_look_at_are_refused() -> None:
    definition = weighted(a_builder_definition(), [WeightedAttribute(name, 1.0) for name in ATTRIBUTES])

    with pytest.raises(InvalidDefinition, match="has no weighted attributes") as refused:
        check_definition(definition, FACTS)

    assert refused.value.field == "attribute_name"


def test_it_is_found_as_any_package_s_compute_service_is() -> None:
    assert isinstance(find_compute_service(BUILDER_SCORE, CONFIG), BuilderScore)
