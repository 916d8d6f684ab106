"""Changes of a definition and of its weighted attributes at once: the second waits and sees what the first one left."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from objects import AN_ACTOR, a_stored_definition, register_facts
from postgres_sessions import backend_pid, until_waiting
from scoring.errors import ContributingAttributeExists, ContributingAttributeNotFound, ScoreDefinitionNotFound
from scoring.weighted_attributes import WeightedAttribute
from store.audit import list_audit
from store.contributing_attributes import (
    WeightedAttributeChange,
    create_contributing_attribute,
    delete_contributing_attribute,
    update_contributing_attribute,
)
from store.database import Session, SessionFactory
from store.definitions import DefinitionChange, delete_definition, get_definition, update_definition

INCOME = WeightedAttribute("income", 0.5)
NAME = WeightedAttribute("name", 2.0, attribute_computation_required=True, attribute_computation_value={"A": 1.0})


@pytest.fixture
async def header(sessions: SessionFactory) -> str:
    """A definition without attributes, as OpenG2P's latest code creates it."""
    async with sessions.begin() as session:
        row = await a_stored_definition(session, contributing_attributes=(), score_config={})
        return row.score_definition_id


async def add(session: Session, score_definition_id: str, attribute: WeightedAttribute = INCOME) -> str:
    """Weigh one more attribute; its id."""
    row = await create_contributing_attribute(session, AN_ACTOR, score_definition_id, attribute, register_facts())
    return row.contributing_attribute_id


async def change(session: Session, contributing_attribute_id: str) -> None:
    """Change its weight."""
    heavier = WeightedAttributeChange(attribute_weightage=9)
    await update_contributing_attribute(session, AN_ACTOR, contributing_attribute_id, heavier, register_facts())


async def version_and_names(sessions: SessionFactory, score_definition_id: str) -> tuple[int, list[str]]:
    """What the trigger looks at, as it is committed."""
    async with sessions() as session:
        row = await get_definition(session, score_definition_id)
        return row.version, row.contributing_attributes


Step = Callable[[Session], Awaitable[object]]


async def race(sessions: SessionFactory, first_step: Step, second_step: Step, *, seen_before: str = "") -> None:
    """The second step waits for the first one's commit, in a session that may have seen the definition before."""
    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        held = await get_definition(second, seen_before) if seen_before else None
        await first_step(first)
        racing = asyncio.ensure_future(second_step(second))
        await until_waiting(sessions, waiting)
        await first.commit()
        await racing
        await second.commit()
    assert held is None or held.score_definition_id == seen_before


@pytest.mark.parametrize("seen_before", [False, True], ids=["not seen before", "seen before"])
async def test_a_change_of_the_definition_and_one_of_a_weight_at_once_are_both_kept(
    sessions: SessionFactory, header: str, *, seen_before: bool
) -> None:
    async def configure(session: Session) -> None:
        config = DefinitionChange(score_config={"cap": 9})
        await update_definition(session, AN_ACTOR, header, config, register_facts())

    seen = header if seen_before else ""
    await race(sessions, configure, lambda session: add(session, header), seen_before=seen)
    await race(sessions, lambda session: add(session, header, NAME), configure_again(header), seen_before=seen)

    async with sessions() as session:
        row = await get_definition(session, header)
        entries = list(reversed(await list_audit(session, header)))
    assert (row.version, row.contributing_attributes, row.score_config) == (5, ["income", "name"], {"cap": 10})
    assert [entry.details["after"]["version"] for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.details["before"] for entry in entries[1:]] == [entry.details["after"] for entry in entries[:-1]]


def configure_again(score_definition_id: str) -> Step:
    """Another config."""

    async def step(session: Session) -> None:
        config = DefinitionChange(score_config={"cap": 10})
        await update_definition(session, AN_ACTOR, score_definition_id, config, register_facts())

    return step


async def test_of_two_that_weigh_the_same_attribute_at_once_one_is_told_that_it_exists(
    sessions: SessionFactory, header: str
) -> None:
    with pytest.raises(ContributingAttributeExists):
        await race(sessions, lambda session: add(session, header), lambda session: add(session, header))

    assert await version_and_names(sessions, header) == (2, ["income"])


async def test_a_weight_that_another_one_deletes_meanwhile_is_not_found(sessions: SessionFactory, header: str) -> None:
    async with sessions.begin() as session:
        attribute_id = await add(session, header)

    with pytest.raises(ContributingAttributeNotFound):
        await race(
            sessions,
            lambda session: delete_contributing_attribute(session, AN_ACTOR, attribute_id),
            lambda session: change(session, attribute_id),
        )

    assert await version_and_names(sessions, header) == (3, [])


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(change, id="changed"),
        pytest.param(lambda session, one: delete_contributing_attribute(session, AN_ACTOR, one), id="deleted"),
    ],
)
async def test_a_weight_whose_definition_is_deleted_meanwhile_is_not_found(
    sessions: SessionFactory, header: str, step: Callable[[Session, str], Awaitable[object]]
) -> None:
    async with sessions.begin() as session:
        attribute_id = await add(session, header)

    with pytest.raises(ContributingAttributeNotFound, match=attribute_id):
        await race(
            sessions,
            lambda session: delete_definition(session, AN_ACTOR, header),
            lambda session: step(session, attribute_id),
        )


async def test_a_weight_for_a_definition_that_is_deleted_meanwhile_finds_none(
    sessions: SessionFactory, header: str
) -> None:
    with pytest.raises(ScoreDefinitionNotFound):
        await race(
            sessions,
            lambda session: delete_definition(session, AN_ACTOR, header),
            lambda session: add(session, header),
        )
