"""The definition of BUILDER_SCORE that the migration makes, and what may be made of it."""

import json
from typing import Any

import pytest

from builders.register import ATTRIBUTES, FACTS
from scored_builders import ScoredBuilders
from scoring.compute import check_definition
from scoring.debounce import DebouncePolicy
from scoring.errors import InvalidDefinition
from store.database import SessionFactory
from store.definitions import to_definition


async def test_the_migrated_definition_is_accepted_counts_everything_and_has_a_fixed_window(
    sessions: SessionFactory,
) -> None:
    definition = to_definition(await ScoredBuilders(sessions).definition())

    check_definition(definition, FACTS)

    assert definition.contributing_attributes == tuple(ATTRIBUTES)
    assert definition.debounce == DebouncePolicy(quiet_period=300, max_wait=300)
    assert definition.is_enabled


@pytest.mark.parametrize(
    ("config", "field"),
    [
        pytest.param({"vouches": {"points": 25}}, "score_config.vouches.cap", id="a term without a cap"),
        pytest.param(
            {"vouches": {"points": 25.0, "cap": 500}}, "score_config.vouches.points", id="points with a decimal point"
        ),
        pytest.param({"luck": {"points": 1, "cap": 1}}, "score_config.luck", id="a term that is unknown"),
        pytest.param({"impact": {"points": 1, "cap": 1}}, "score_config.impact.points", id="impact without metrics"),
    ],
)
async def test_a_wrong_config_is_refused_by_its_place_and_nothing_is_changed(
    sessions: SessionFactory, config: dict[str, Any], field: str
) -> None:
    builders = ScoredBuilders(sessions)
    before = await builders.definition()

    with pytest.raises(InvalidDefinition) as refused:
        await builders.change_definition(score_config=before.score_config | config)

    after = await builders.definition()
    assert refused.value.field == field
    assert (after.score_config, after.version) == (before.score_config, before.version)


async def test_an_attribute_that_the_formula_counts_cannot_be_taken_away(sessions: SessionFactory) -> None:
    with pytest.raises(InvalidDefinition, match="lacks vouches") as refused:
        await ScoredBuilders(sessions).change_definition(
            contributing_attributes=tuple(name for name in ATTRIBUTES if name != "vouches")
        )

    assert refused.value.field == "contributing_attributes"


async def test_other_weights_are_another_version_and_another_window_is_not(sessions: SessionFactory) -> None:
    builders = ScoredBuilders(sessions)
    config = json.loads(json.dumps((await builders.definition()).score_config))
    config["key_fields"] = {"points": 20, "cap": 60}

    reweighted = await builders.change_definition(score_config=config)
    shortened = await builders.change_definition(debounce=DebouncePolicy(60, 60))

    assert (reweighted.version, shortened.version) == (2, 2)
