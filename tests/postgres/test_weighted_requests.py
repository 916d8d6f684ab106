"""Weighted definitions on both roads to a request: what is frozen in it, what it computes, what a deletion leaves."""

import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from objects import AN_ACTOR, NO_WINDOW, a_definition, an_id, register_facts
from postgres_sessions import asked_for, requests_of
from recompute_registers import Recomputed, a_recomputed_register
from scoring.compute import call_service, find_compute_service, formula_of, require_score
from scoring.definitions import ScoreDefinition, weighted
from scoring.errors import ScoreDefinitionDisabled, ScoreDefinitionNotFound
from scoring.json_values import JsonObject
from scoring.messages import ComputedScore, ScoreOutcomes, ScoreRequest
from scoring.weighted_attributes import WeightedAttribute
from store.contributing_attributes import (
    WeightedAttributeChange,
    delete_contributing_attribute,
    list_contributing_attributes,
    update_contributing_attribute,
)
from store.database import SessionFactory
from store.definition_tables import G2PRegisterScoreDefinition
from store.definitions import count_stale_scores, create_definition, delete_definition, get_definition, list_definitions
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation
from store.scores import list_history, save_outcomes

INCOME = WeightedAttribute("income", 0.5)
NAME = WeightedAttribute("name", 2.0, attribute_computation_required=True, attribute_computation_value={"A": 1.5})
FROZEN = [vars(INCOME), vars(NAME)]


def a_weighted_definition(*attributes: WeightedAttribute, **changes: Any) -> ScoreDefinition:
    """A definition of PMT_SCORE, which the weighted sum serves."""
    return weighted(a_definition(**{"score_config": {}} | changes), attributes)


async def stored(sessions: SessionFactory, definition: ScoreDefinition) -> str:
    """The id of the stored definition."""
    async with sessions.begin() as session:
        facts = register_facts(definition.register_id)
        return (await create_definition(session, AN_ACTOR, definition, facts)).score_definition_id


async def weigh_again(sessions: SessionFactory, score_definition_id: str, **changes: Any) -> None:
    """Change the weight of income."""
    async with sessions.begin() as session:
        income, *_ = await list_contributing_attributes(session, score_definition_id)
        change = WeightedAttributeChange(**changes)
        await update_contributing_attribute(
            session, AN_ACTOR, income.contributing_attribute_id, change, register_facts()
        )


async def computed(record: str, values: JsonObject, config: JsonObject) -> tuple[float, tuple[str, str]]:
    """What the activities compute from nothing but these, and by which formula."""
    service = find_compute_service("PMT_SCORE", config)
    result = await call_service(service, record, values, config)
    return require_score(result, "PMT_SCORE"), formula_of(service)


async def settle(sessions: SessionFactory, record: str, request: ScoreRequest) -> float:
    """Compute and store a request's score."""
    score, formula = await computed(record, request.contributing_attribute_values, request.score_config)
    async with sessions.begin() as session:
        outcome = ComputedScore(request, score, *formula)
        await save_outcomes(session, ScoreOutcomes("farmers", record, [outcome]))
    return score


async def test_a_request_carries_the_weights_beside_the_definitions_own_config(sessions: SessionFactory) -> None:
    await stored(sessions, a_weighted_definition(NAME, INCOME, score_config={"cap": 9}))

    request = await asked_for(sessions, "A")

    assert request.score_config == {"cap": 9, "contributing_attribute_config": FROZEN}
    assert request.contributing_attribute_values == {"income": 5000, "name": "A"}


async def test_a_plain_definitions_config_is_carried_as_it_is(sessions: SessionFactory) -> None:
    await stored(sessions, a_weighted_definition(INCOME, score_type="FSF_SCORE"))
    await stored(sessions, a_definition(score_config={"weights": {"income": 1}}))

    assert (await asked_for(sessions, "A")).score_config == {"weights": {"income": 1}}


async def test_names_are_frozen_in_one_order_whatever_the_database_sorts_by(sessions: SessionFactory) -> None:
    names = ["b", "B", "a_b", "a.b", "ä", "Z"]
    definition = a_weighted_definition(*(WeightedAttribute(name, -place) for place, name in enumerate(sorted(names))))
    async with sessions.begin() as session:
        row = await create_definition(session, AN_ACTOR, definition, register_facts(attribute_types=None))

    request = await asked_for(sessions, "A", change_payload={"b": 1})

    frozen: Any = request.score_config["contributing_attribute_config"]
    assert [one["attribute_name"] for one in frozen] == sorted(names) == row.contributing_attributes


async def test_weights_that_change_between_approval_and_computation_change_the_next_score_only(
    sessions: SessionFactory,
) -> None:
    score_definition_id = await stored(sessions, a_weighted_definition(INCOME, NAME))
    request = await asked_for(sessions, "A")
    await weigh_again(sessions, score_definition_id, attribute_weightage=1.0)

    before = await settle(sessions, "A", request)
    later = await asked_for(sessions, "A")
    after = await settle(sessions, "A", later)

    assert (before, after) == (2503.0, 5003.0)
    assert (request.definition_version, later.definition_version) == (1, 2)


async def test_a_definition_without_attributes_asks_for_nothing(sessions: SessionFactory) -> None:
    await stored(sessions, a_weighted_definition())
    await stored(sessions, a_weighted_definition(INCOME, score_type="FSF_SCORE"))

    await asked_for(sessions, "A", "FSF_SCORE")

    assert list(await requests_of(sessions, "A")) == ["FSF_SCORE"]


@pytest.mark.parametrize(
    "weightage", [0.1, 1 / 3, 1e22, 1e23, 1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, -0.0, 2.0**53 + 2]
)
async def test_i8_a_weight_is_frozen_to_the_last_bit(sessions: SessionFactory, weightage: float) -> None:
    await stored(sessions, a_weighted_definition(WeightedAttribute("income", weightage)))

    request = await asked_for(sessions, "A")

    frozen: Any = request.score_config["contributing_attribute_config"]
    # JSON knows no -0.0, and a sum does not either
    assert struct.pack("<d", frozen[0]["attribute_weightage"] + 0.0) == struct.pack("<d", weightage + 0.0)


finite = st.floats(-1e150, 1e150)


@given(
    weights=st.tuples(finite, finite),
    mapping=st.dictionaries(st.text("abc", max_size=2), finite, min_size=1, max_size=3),
    income=finite | st.integers(-(2**70), 2**70),
    data=st.data(),
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_i8_any_weighted_score_is_computed_again_from_its_own_history_row_bit_for_bit(
    sessions: SessionFactory, weights: tuple[float, float], mapping: JsonObject, income: float, data: st.DataObject
) -> None:
    record, raw = an_id(), data.draw(st.sampled_from(sorted(mapping)))
    looked_up = WeightedAttribute("name", weights[1], attribute_computation_required=True)
    name = WeightedAttribute(**{**vars(looked_up), "attribute_computation_value": mapping})
    async with sessions.begin() as session:
        await session.execute(delete(G2PRegisterScoreDefinition))
    score_definition_id = await stored(
        sessions, a_weighted_definition(WeightedAttribute("income", weights[0]), name, debounce=NO_WINDOW)
    )

    request = await asked_for(sessions, record, record_attributes={"income": income, "name": raw})
    score = await settle(sessions, record, request)
    await weigh_again(sessions, score_definition_id, attribute_weightage=weights[0] + 1e140)

    async with sessions() as session:
        [row] = await list_history(session, record, "PMT_SCORE")
    again, formula = await computed(record, row.contributing_attribute_values, row.score_config)
    assert struct.pack("<d", again) == struct.pack("<d", row.computed_score) == struct.pack("<d", score)
    assert formula == (row.formula_name, row.formula_version) == ("scoring.weighted_sum.WeightedSum", "1")


@pytest.fixture
async def register(sessions: SessionFactory) -> Recomputed:
    """A register with a plain definition of PMT_SCORE."""
    return await a_recomputed_register(sessions)


async def replaced(register: Recomputed, *attributes: WeightedAttribute) -> str:
    """Delete the register's definition and create it anew with weights; the new one's id."""
    async with register.sessions.begin() as session:
        await delete_definition(session, AN_ACTOR, register.score_definition_id)
    return await stored(register.sessions, a_weighted_definition(*attributes, register_id=register.register_id))


async def test_a_recomputation_freezes_the_weights_too(register: Recomputed) -> None:
    [record] = await register.records(1)
    await replaced(register, INCOME, NAME)
    await register.ask()

    await register.page(10)

    row = (await requests_of(register.sessions, record))["PMT_SCORE"]
    assert row.score_config == {"contributing_attribute_config": FROZEN}
    assert row.contributing_attribute_values == {"income": 5000, "name": "A"}


async def test_a_definition_without_attributes_is_not_recomputed(register: Recomputed) -> None:
    [record] = await register.records(1)
    await register.ask_for_score(record)
    await replaced(register)

    with pytest.raises(ScoreDefinitionDisabled, match="has no weighted attributes yet") as refused:
        await register.ask()
    async with register.sessions() as session:
        with pytest.raises(ScoreDefinitionNotFound, match="no enabled score definition with attributes"):
            await ask_for_recomputation(session, register.facts, RecomputationWanted())

    assert refused.value.field == "score_types"


async def test_a_definition_that_lost_its_last_weight_ends_its_recomputation(register: Recomputed) -> None:
    [record] = await register.records(1)
    await register.ask_for_score(record)
    score_definition_id = await replaced(register, INCOME)
    await register.ask()
    async with register.sessions.begin() as session:
        [income] = await list_contributing_attributes(session, score_definition_id)
        await delete_contributing_attribute(session, AN_ACTOR, income.contributing_attribute_id)

    with pytest.raises(ScoreDefinitionDisabled, match="no weighted attributes any more"):
        await register.page(10)


async def test_a_deleted_definition_leaves_requests_scores_and_history_and_what_is_pending_is_computed(
    register: Recomputed,
) -> None:
    [scored, pending] = await register.records(2)
    for record in (scored, pending):
        await register.ask_for_score(record)
    await register.settle(scored)
    async with register.sessions.begin() as session:
        await delete_definition(session, AN_ACTOR, register.score_definition_id)

    await register.settle(pending)

    async with register.sessions() as session:
        histories = [await list_history(session, record, "PMT_SCORE") for record in (scored, pending)]
        assert await list_definitions(session, register.register_id) == []
    assert [len(history) for history in histories] == [1, 1]
    assert {row.score_definition_id for history in histories for row in history} == {register.score_definition_id}


async def test_scores_of_a_definition_that_was_created_anew_are_stale_until_they_are_computed_by_it(
    register: Recomputed,
) -> None:
    records = await register.records(3)
    await register.change_definition(score_config={"weights": {"income": 2}})
    for record in records:
        await register.ask_for_score(record)
        await register.settle(record)
    score_definition_id = await replaced(register, INCOME)

    async def stale() -> int:
        async with register.sessions() as session:
            return await count_stale_scores(session, await get_definition(session, score_definition_id))

    before = await stale()
    asked = await register.ask(only_stale=True)
    await register.page(10)
    rows = [(await requests_of(register.sessions, record))["PMT_SCORE"] for record in records]
    await register.settle(records[0])

    assert before == 3
    # version 1 of the new one replaces version 2 of the old one
    assert [(row.change_request_id, row.definition_version) for row in rows] == [(asked, 1)] * 3
    assert {row.score_definition_id for row in rows} == {score_definition_id}
    assert await stale() == 2


async def test_what_a_deleted_definition_still_has_pending_is_asked_for_anew(register: Recomputed) -> None:
    [record] = await register.records(1)
    await register.ask_for_score(record)
    await replaced(register, INCOME)
    asked = await register.ask(only_stale=True)

    await register.page(10)

    assert await register.reasons([record]) == [("RECOMPUTE", asked)]
    row = (await requests_of(register.sessions, record))["PMT_SCORE"]
    assert row.score_config == {"contributing_attribute_config": [vars(INCOME)]}


async def test_a_recomputation_under_way_of_a_definition_that_was_deleted_ends_and_one_of_the_new_one_begins_again(
    register: Recomputed,
) -> None:
    await register.records(4)
    asked = await register.ask()
    await register.page(2)
    async with register.sessions.begin() as session:
        await delete_definition(session, AN_ACTOR, register.score_definition_id)

    with pytest.raises(ScoreDefinitionNotFound, match="any more"):
        await register.page(2)
    await stored(register.sessions, a_weighted_definition(INCOME, register_id=register.register_id))
    joined = await register.asked()

    assert (joined.recomputation_id, joined.joined) == (asked, True)
    assert [await register.page(2) for _ in range(3)] == [2, 2, 0]
