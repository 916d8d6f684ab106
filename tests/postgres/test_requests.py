"""The trigger: which requests an approved change leaves behind, and what stands in them."""

from typing import Any

import pytest
from sqlalchemy import select

from objects import AN_ACTOR, FARMER, FSF_CONFIG, NO_WINDOW, a_stored_definition, an_approved_change, register_facts
from postgres_sessions import requests_of
from scoring.debounce import DebouncePolicy
from scoring.errors import InvalidAttributes, InvalidInput
from store.database import Session, SessionFactory
from store.definitions import DefinitionChange, get_definition, update_definition
from store.outbox import list_requests
from store.requests import request_scores
from store.tables import G2PScoreComputeQueue


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with both score types."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
        await a_stored_definition(session, "FSF_SCORE")
    return sessions


async def test_an_approved_change_asks_for_each_score_it_touches(session: Session) -> None:
    await a_stored_definition(session, "PMT_SCORE")
    await a_stored_definition(session, "FSF_SCORE")
    change = an_approved_change(change_payload={"assets": {"land_area": 3}})

    asked_for = await request_scores(session, change)

    assert asked_for == ["PMT_SCORE"]
    [request] = await list_requests(session, change.internal_record_id)
    assert request.contributing_attribute_values == {
        "income": 5000,
        "assets.land_area": 2.1,
        "household.member_count": 4,
    }


@pytest.mark.parametrize(
    ("payload", "asked_for"),
    [
        pytest.param({"income": 1}, ["FSF_SCORE", "PMT_SCORE"], id="an attribute of both"),
        pytest.param({"assets.land_area": 1}, ["PMT_SCORE"], id="an attribute of one, dotted"),
        pytest.param({"assets": None}, ["PMT_SCORE"], id="an object that holds one is removed"),
        pytest.param({"household": {"member_count": None}}, ["FSF_SCORE", "PMT_SCORE"], id="one is set to null"),
        pytest.param({"assets": {"house": 1}}, [], id="a sibling"),
        pytest.param({"phone": "1", "name": "B"}, [], id="attributes of none"),
        pytest.param({"phone": "1", "income": 2}, ["FSF_SCORE", "PMT_SCORE"], id="one of several"),
        pytest.param({}, [], id="nothing"),
    ],
)
async def test_a_change_asks_for_the_scores_it_touches_and_no_other(
    defined: SessionFactory, payload: dict[str, Any], asked_for: list[str]
) -> None:
    change = an_approved_change(change_payload=payload)

    async with defined.begin() as session:
        answered = await request_scores(session, change)

    assert answered == asked_for
    assert sorted(await requests_of(defined, change.internal_record_id)) == asked_for


async def test_a_change_to_what_it_was_before_asks_all_the_same(defined: SessionFactory) -> None:
    change = an_approved_change(change_payload={"income": FARMER["income"]})

    async with defined.begin() as session:
        assert await request_scores(session, change) == ["FSF_SCORE", "PMT_SCORE"]


@pytest.mark.parametrize("purpose", ["TABLE", "PROGRAM_REGISTER"])
async def test_a_register_of_another_purpose_asks_for_nothing(defined: SessionFactory, purpose: str) -> None:
    change = an_approved_change(register_purpose=purpose)

    async with defined.begin() as session:
        assert await request_scores(session, change) == []

    assert await requests_of(defined, change.internal_record_id) == {}


async def test_a_definition_of_another_register_asks_for_nothing(defined: SessionFactory) -> None:
    change = an_approved_change(register_id="households")

    async with defined.begin() as session:
        assert await request_scores(session, change) == []


async def test_a_disabled_definition_asks_for_nothing(session: Session) -> None:
    await a_stored_definition(session, "PMT_SCORE", is_enabled=False)
    await a_stored_definition(session, "FSF_SCORE")

    assert await request_scores(session, an_approved_change()) == ["FSF_SCORE"]


async def test_a_request_holds_all_that_its_score_is_computed_from(session: Session) -> None:
    policy = DebouncePolicy(2, 10)
    definition = await a_stored_definition(session, "FSF_SCORE", debounce=policy)
    change = an_approved_change(change_request_id="CR-00123")

    await request_scores(session, change)

    [request] = await list_requests(session, change.internal_record_id)
    assert (request.register_id, request.score_type, request.change_request_id) == ("farmers", "FSF_SCORE", "CR-00123")
    assert request.contributing_attribute_values == {"income": 5000, "household.member_count": 4}
    assert (request.score_definition_id, request.definition_version) == (definition.score_definition_id, 1)
    assert request.score_config == FSF_CONFIG
    assert request.debounce == {"quiet_period": 2, "max_wait": 10}
    assert (request.compute_status, request.signaled_sequence, request.computed_sequence) == ("PENDING", 0, 0)
    assert request.sequence > 0
    assert request.pending_since.utcoffset() is not None


async def test_what_is_missing_or_null_in_the_record_is_left_out_of_the_request(session: Session) -> None:
    await a_stored_definition(session, "PMT_SCORE")
    change = an_approved_change(change_payload={"income": None}, record_attributes={"assets": {"land_area": None}})

    await request_scores(session, change)

    [request] = await list_requests(session, change.internal_record_id)
    assert request.contributing_attribute_values == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"change_payload": {"income": 1, "household": {"x": 1}, "household.x": 2}}, "twice", id="twice"),
        pytest.param({"change_payload": {"income": float("nan")}}, "income", id="NaN in the payload"),
        pytest.param({"record_attributes": {"income": float("inf")}}, "income", id="Infinity in the record"),
        pytest.param(
            {"record_attributes": {"income": 1, "household.member_count": "\x00"}}, "NUL", id="NUL in the record"
        ),
    ],
)
async def test_bad_input_is_refused_and_leaves_no_request(
    defined: SessionFactory, changes: dict[str, Any], said: str
) -> None:
    change = an_approved_change(**changes)

    async with defined() as session:
        with pytest.raises(InvalidInput, match=said):
            await request_scores(session, change)
        await session.commit()

    assert await requests_of(defined, change.internal_record_id) == {}


async def test_an_ambiguous_payload_is_refused_as_invalid_attributes(defined: SessionFactory) -> None:
    change = an_approved_change(change_payload={"assets": None, "assets.land_area": 1})

    async with defined() as session:
        with pytest.raises(InvalidAttributes, match="assets"):
            await request_scores(session, change)


async def test_each_request_carries_the_definition_as_it_stood_when_it_was_approved(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        definition = await a_stored_definition(session, "PMT_SCORE")
        await request_scores(session, before := an_approved_change())
    weights: dict[str, Any] = {"weights": {"income": 1}}

    async with sessions.begin() as session:
        change = DefinitionChange(score_config=weights, debounce=DebouncePolicy(1, 2))
        await update_definition(session, AN_ACTOR, definition.score_definition_id, change, register_facts())
    async with sessions.begin() as session:
        await request_scores(session, after := an_approved_change())

    old = (await requests_of(sessions, before.internal_record_id))["PMT_SCORE"]
    new = (await requests_of(sessions, after.internal_record_id))["PMT_SCORE"]
    assert (old.definition_version, old.score_config) == (1, {})
    assert (old.debounce["quiet_period"], new.debounce["quiet_period"]) == (NO_WINDOW.quiet_period, 1)
    assert (new.definition_version, new.score_config) == (2, weights)


async def test_a_session_that_has_read_the_definition_before_asks_by_what_it_is_now(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        score_definition_id = (await a_stored_definition(session, "PMT_SCORE")).score_definition_id
    weights: dict[str, Any] = {"weights": {"income": 1}}

    async with sessions() as of_another_registry:
        shown = await get_definition(of_another_registry, score_definition_id)
        async with sessions.begin() as session:
            await update_definition(
                session, AN_ACTOR, score_definition_id, DefinitionChange(score_config=weights), register_facts()
            )
        await request_scores(of_another_registry, change := an_approved_change())
        await of_another_registry.commit()

    request = (await requests_of(sessions, change.internal_record_id))["PMT_SCORE"]
    assert shown.score_definition_id == score_definition_id
    assert (request.definition_version, request.score_config) == (2, weights)


async def test_a_repeat_on_one_connection_works_as_often_as_it_is_asked(defined: SessionFactory) -> None:
    # a statement that PostgreSQL plans anew from the sixth execution on can fail then (asyncpg issue 1137)
    change = an_approved_change()

    async with defined() as session:
        for _ in range(7):
            await request_scores(session, change)
            await session.commit()

    async with defined() as session:
        assert len(list(await session.scalars(select(G2PScoreComputeQueue)))) == 2
