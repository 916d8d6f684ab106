"""Weighted attributes in the database: each change of one is a change of its definition."""

from dataclasses import replace
from typing import Any

import pytest

from objects import AN_ACTOR, a_definition, a_stored_definition, an_id, register_facts
from scoring.errors import (
    ContributingAttributeExists,
    ContributingAttributeNotFound,
    InvalidDefinition,
    ScoreDefinitionNotFound,
)
from scoring.weighted_attributes import WeightedAttribute
from store.audit import Actor, list_audit
from store.contributing_attributes import (
    WeightedAttributeChange,
    create_contributing_attribute,
    delete_contributing_attribute,
    get_contributing_attribute,
    list_contributing_attributes,
    update_contributing_attribute,
)
from store.database import Session, SessionFactory
from store.definitions import (
    DefinitionChange,
    create_definition,
    delete_definition,
    get_definition,
    list_definitions,
    update_definition,
)

INCOME = WeightedAttribute("income", 0.5)
NAME = WeightedAttribute("name", 2.0, attribute_computation_required=True, attribute_computation_value={"A": 1.0})
SOMEBODY = Actor("subject-1", "api", "ada", "192.0.2.7")


@pytest.fixture
async def header(sessions: SessionFactory) -> str:
    """A definition without attributes, as OpenG2P's latest code creates it."""
    async with sessions.begin() as session:
        row = await a_stored_definition(session, contributing_attributes=(), score_config={})
        return row.score_definition_id


async def add(session: Session, score_definition_id: str, attribute: WeightedAttribute = INCOME) -> str:
    """Weigh one more attribute; its id."""
    row = await create_contributing_attribute(session, SOMEBODY, score_definition_id, attribute, register_facts())
    return row.contributing_attribute_id


async def change(session: Session, contributing_attribute_id: str, **changes: Any) -> None:
    """Change a weighted attribute."""
    wanted = WeightedAttributeChange(**changes)
    await update_contributing_attribute(session, SOMEBODY, contributing_attribute_id, wanted, register_facts())


async def version_and_names(sessions: SessionFactory, score_definition_id: str) -> tuple[int, list[str]]:
    """What the trigger looks at, as it is committed."""
    async with sessions() as session:
        row = await get_definition(session, score_definition_id)
        return row.version, row.contributing_attributes


async def audited(sessions: SessionFactory, score_definition_id: str) -> list[str]:
    """What was done to a definition, oldest first."""
    async with sessions() as session:
        return [entry.action for entry in reversed(await list_audit(session, score_definition_id))]


async def test_every_change_of_a_weight_is_a_version_of_the_definition_and_its_names_follow(
    sessions: SessionFactory, header: str
) -> None:
    async def seen() -> tuple[int, list[str]]:
        return await version_and_names(sessions, header)

    stages = [await seen()]
    async with sessions.begin() as session:
        name_id = await add(session, header, NAME)
    stages.append(await seen())
    async with sessions.begin() as session:
        income_id = await add(session, header, INCOME)
    stages.append(await seen())
    async with sessions.begin() as session:
        await change(session, income_id, attribute_weightage=0.75)
    stages.append(await seen())
    for attribute_id in (name_id, income_id):
        async with sessions.begin() as session:
            await delete_contributing_attribute(session, SOMEBODY, attribute_id)
        stages.append(await seen())

    assert stages == [
        (1, []),
        (2, ["name"]),
        (3, ["income", "name"]),
        (4, ["income", "name"]),
        (5, ["income"]),
        (6, []),
    ]


@pytest.mark.parametrize(
    ("changes", "version"),
    [
        pytest.param({"attribute_weightage": 3}, 3, id="the weight"),
        pytest.param({"attribute_name": "phone"}, 3, id="the name"),
        pytest.param({"attribute_computation_value": {"A": 1.0, "B": 2}}, 3, id="the mapping"),
        pytest.param({}, 2, id="nothing"),
        pytest.param({"attribute_weightage": 2}, 2, id="the weight to what it was, as an integer"),
        pytest.param({"attribute_name": "name"}, 2, id="the name to what it was"),
        pytest.param({"attribute_computation_value": {"A": 1}}, 2, id="the mapping to what it was, as an integer"),
        pytest.param({"attribute_computation_value": {"A": 1.0}}, 2, id="the mapping to what it was"),
    ],
)
async def test_a_change_that_changes_nothing_is_neither_a_version_nor_an_entry(
    sessions: SessionFactory, header: str, changes: dict[str, Any], version: int
) -> None:
    async with sessions.begin() as session:
        attribute_id = await add(session, header, NAME)
        before = (await get_definition(session, header)).updated_at

    async with sessions.begin() as session:
        await change(session, attribute_id, **changes)

    async with sessions() as session:
        row = await get_definition(session, header)
        attribute = await get_contributing_attribute(session, attribute_id)
    assert (row.version, row.updated_at > before) == (version, version == 3)
    assert len(await audited(sessions, header)) == version
    assert all(getattr(attribute, name) == value for name, value in changes.items())
    assert row.contributing_attributes == [attribute.attribute_name]


@pytest.mark.parametrize("number", [1e22, -1e300, 0.1, 5e-324, 1, 2**53 + 1])
async def test_a_mapping_to_any_number_is_no_change_when_it_is_given_again(
    sessions: SessionFactory, header: str, number: float
) -> None:
    mapping: dict[str, Any] = {"A": number}
    async with sessions.begin() as session:
        attribute_id = await add(session, header, replace(NAME, attribute_computation_value=mapping))

    async with sessions.begin() as session:
        await change(session, attribute_id, attribute_computation_value=mapping)
        await change(session, attribute_id, attribute_weightage=NAME.attribute_weightage)

    assert await version_and_names(sessions, header) == (2, ["name"])


async def test_an_attribute_is_read_back_as_it_was_given_and_listed_by_name(
    sessions: SessionFactory, header: str
) -> None:
    async with sessions.begin() as session:
        for attribute in (NAME, INCOME):
            await add(session, header, attribute)

    async with sessions() as session:
        rows = await list_contributing_attributes(session, header)

    names = ("attribute_name", "attribute_weightage", "attribute_computation_required", "attribute_computation_value")
    assert [{name: getattr(row, name) for name in names} for row in rows] == [vars(INCOME), vars(NAME)]


async def test_the_audit_log_holds_the_whole_definition_before_and_after_each_change(
    sessions: SessionFactory, header: str
) -> None:
    async with sessions.begin() as session:
        attribute_id = await add(session, header)
    async with sessions.begin() as session:
        await change(session, attribute_id, attribute_weightage=0.75)
    async with sessions.begin() as session:
        switched_off = DefinitionChange(is_enabled=False)
        await update_definition(session, SOMEBODY, header, switched_off, register_facts())
    async with sessions.begin() as session:
        await delete_definition(session, SOMEBODY, header)

    async with sessions() as session:
        created, added, weighed, updated, deleted = reversed(await list_audit(session, header))
    assert (created.action, created.actor) == ("create_score_definition", AN_ACTOR.name)
    assert (added.action, added.actor, added.username, added.address) == (
        "create_score_contributing_attribute",
        "subject-1",
        "ada",
        "192.0.2.7",
    )
    assert weighed.action == "update_score_contributing_attribute"
    assert (updated.action, deleted.action) == ("update_score_definition", "delete_score_definition")
    assert created.details["before"] is None
    assert deleted.details["after"] is None
    assert [entry.details["after"] for entry in (created, added, weighed, updated)] == [
        entry.details["before"] for entry in (added, weighed, updated, deleted)
    ]
    weights = [
        after["weighted_attributes"] for after in (entry.details["after"] for entry in (created, added, weighed))
    ]
    assert weights == [[], [vars(INCOME)], [vars(replace(INCOME, attribute_weightage=0.75))]]
    assert deleted.details["before"]["version"] == 3
    assert deleted.details["before"]["is_enabled"] is False


@pytest.mark.parametrize(
    ("attribute", "error", "field"),
    [
        pytest.param(NAME, ContributingAttributeExists, "attribute_name", id="one that is weighed already"),
        pytest.param(WeightedAttribute("incomes", 1), InvalidDefinition, "attribute_name", id="an unknown one"),
        pytest.param(WeightedAttribute("phone", 1), InvalidDefinition, "attribute_computation_required", id="a text"),
    ],
)
async def test_adding_and_changing_refuse_the_same(
    sessions: SessionFactory, header: str, attribute: WeightedAttribute, error: type[Exception], field: str
) -> None:
    async with sessions.begin() as session:
        await add(session, header, NAME)
        income_id = await add(session, header, INCOME)

    async with sessions() as session:
        with pytest.raises(error) as refused:
            await add(session, header, attribute)
    async with sessions() as session:
        with pytest.raises(error) as refused_change:
            await change(session, income_id, **vars(attribute))

    assert refused.value.field == refused_change.value.field == field  # type: ignore[attr-defined]
    assert await version_and_names(sessions, header) == (3, ["income", "name"])


async def test_a_definition_that_names_its_attributes_itself_takes_no_weighted_ones(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        plain = (await a_stored_definition(session)).score_definition_id

    async with sessions.begin() as session:
        with pytest.raises(InvalidDefinition, match="create it anew without them"):
            await add(session, plain)

    async with sessions() as session:
        assert await list_contributing_attributes(session, plain) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contributing_attributes": ("income", "name")}, "contributing_attributes"),
        ({"contributing_attributes": ()}, "contributing_attributes"),
        ({"score_config": {"weights": {"income": 1}}}, "score_config.weights"),
        ({"score_config": {"contributing_attribute_config": []}}, "score_config.contributing_attribute_config"),
    ],
)
async def test_a_weighted_definition_takes_no_attributes_or_weights_beside_its_own(
    sessions: SessionFactory, header: str, changes: dict[str, Any], field: str
) -> None:
    async with sessions.begin() as session:
        await add(session, header)

    async with sessions() as session:
        with pytest.raises(InvalidDefinition) as refused:
            await update_definition(session, AN_ACTOR, header, DefinitionChange(**changes), register_facts())

    assert refused.value.field == field


async def test_a_weighted_definition_takes_its_own_attributes_again_and_a_config_for_a_plug_in(
    sessions: SessionFactory, header: str
) -> None:
    async with sessions.begin() as session:
        for attribute in (NAME, INCOME):
            await add(session, header, attribute)

    async with sessions.begin() as session:
        same = DefinitionChange(contributing_attributes=("name", "income"))
        await update_definition(session, AN_ACTOR, header, same, register_facts())
        unchanged = (await get_definition(session, header)).version
        config = DefinitionChange(score_config={"cap": 9})
        await update_definition(session, AN_ACTOR, header, config, register_facts())

    assert unchanged == 3
    assert await version_and_names(sessions, header) == (4, ["income", "name"])


async def test_a_plain_definition_keeps_at_least_one_attribute(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        plain = (await a_stored_definition(session)).score_definition_id

    none = DefinitionChange(contributing_attributes=())
    async with sessions() as session:
        with pytest.raises(InvalidDefinition, match="contributing_attributes is empty"):
            await update_definition(session, AN_ACTOR, plain, none, register_facts())


async def test_a_definition_without_attributes_can_become_a_plain_one(sessions: SessionFactory, header: str) -> None:
    async with sessions.begin() as session:
        plain = DefinitionChange(contributing_attributes=("income",), score_config={"weights": {"income": 1}})
        await update_definition(session, AN_ACTOR, header, plain, register_facts())

    assert await version_and_names(sessions, header) == (2, ["income"])


async def test_a_definition_can_be_created_with_its_weights(sessions: SessionFactory) -> None:
    names = ("income", "name")
    definition = a_definition(contributing_attributes=names, score_config={}, weighted_attributes=(INCOME, NAME))
    async with sessions.begin() as session:
        row = await create_definition(session, AN_ACTOR, definition, register_facts())

    async with sessions() as session:
        rows = await list_contributing_attributes(session, row.score_definition_id)
        [entry] = await list_audit(session, row.score_definition_id)
    assert [attribute.attribute_name for attribute in rows] == ["income", "name"]
    assert entry.details["after"]["weighted_attributes"] == [vars(INCOME), vars(NAME)]


async def test_what_is_gone_is_not_found(sessions: SessionFactory, header: str) -> None:
    async with sessions.begin() as session:
        attribute_id = await add(session, header)
        await delete_definition(session, SOMEBODY, header)

    async with sessions() as session:
        for missing in (get_definition(session, header), list_contributing_attributes(session, header)):
            with pytest.raises(ScoreDefinitionNotFound):
                await missing
        with pytest.raises(ScoreDefinitionNotFound):
            await delete_definition(session, SOMEBODY, header)
        with pytest.raises(ScoreDefinitionNotFound):
            await add(session, an_id())
        for unknown in (attribute_id, an_id()):
            with pytest.raises(ContributingAttributeNotFound, match=unknown):
                await change(session, unknown, attribute_weightage=1)
            with pytest.raises(ContributingAttributeNotFound, match=unknown):
                await delete_contributing_attribute(session, SOMEBODY, unknown)
        assert await list_definitions(session, "farmers") == []
