"""Asking for recomputations: what is joined, what begins again, who may change what, and what a relay claims."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from objects import AN_ACTOR, FSF_ATTRIBUTES, FSF_CONFIG, a_definition, register_facts
from postgres_sessions import backend_pid, until_waiting
from recompute_registers import Recomputed, a_recomputed_register
from scoring.errors import (
    RecomputationEnded,
    RecomputationNotFound,
    RegisterPurposeConflict,
    ScoreDefinitionDisabled,
    ScoreDefinitionNotFound,
)
from scoring.recompute_messages import RecomputationStatus
from store.database import SessionFactory
from store.definitions import count_stale_scores, create_definition, get_definition
from store.notifications import listen_for_requests
from store.recomputation_claims import ClaimedRecomputation, claim_recomputations, put_off_recomputations
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation
from store.recomputations import control_recomputation, list_recomputations
from store.roads import next_turn_in

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
async def register(sessions: SessionFactory) -> Recomputed:
    """A register with a definition of PMT_SCORE."""
    return await a_recomputed_register(sessions)


async def define_fsf(register: Recomputed, **changes: Any) -> None:
    """A second score type."""
    fields: dict[str, Any] = {"contributing_attributes": FSF_ATTRIBUTES, "score_config": FSF_CONFIG} | changes
    async with register.sessions.begin() as session:
        await create_definition(
            session, AN_ACTOR, a_definition("FSF_SCORE", register.register_id, **fields), register.facts
        )


async def claim(register: Recomputed) -> list[ClaimedRecomputation]:
    """Claim as a relay does."""
    async with register.sessions.begin() as session:
        return await claim_recomputations(session, A_MINUTE)


async def put_off(register: Recomputed, claimed: list[ClaimedRecomputation], **how: Any) -> None:
    """Put off as a relay does."""
    async with register.sessions.begin() as session:
        await put_off_recomputations(session, claimed, A_MINUTE, **how)


async def control(register: Recomputed, recomputation_id: str, status: RecomputationStatus) -> None:
    """As people do."""
    async with register.sessions.begin() as session:
        await control_recomputation(session, recomputation_id, status)


async def test_without_score_types_every_enabled_one_is_recomputed(register: Recomputed) -> None:
    await define_fsf(register)
    await define_fsf_disabled_twin(register)

    async with register.sessions.begin() as session:
        asked = await ask_for_recomputation(session, register.facts, RecomputationWanted())

    assert [(one.score_type, one.status, one.joined) for one in asked] == [
        ("FSF_SCORE", "REQUESTED", False),
        ("PMT_SCORE", "REQUESTED", False),
    ]
    assert asked[1].workflow_id == f"recompute:{register.register_id}:PMT_SCORE"
    assert asked[1].recomputation_id.startswith("recompute:")


async def define_fsf_disabled_twin(register: Recomputed) -> None:
    """A third, disabled one, written past the check that it has a service."""
    await register.execute(
        "INSERT INTO g2p_register_score_definitions"
        " (register_id, score_type, contributing_attributes, score_config, debounce, is_enabled)"
        " SELECT register_id, 'OFF_SCORE', contributing_attributes, score_config, debounce, false"
        " FROM g2p_register_score_definitions WHERE score_type = 'PMT_SCORE'"
    )


@pytest.mark.parametrize(
    ("score_types", "error", "said"),
    [
        (["NO_SCORE"], ScoreDefinitionNotFound, "no score definition for NO_SCORE; it has OFF_SCORE, PMT_SCORE"),
        (["OFF_SCORE"], ScoreDefinitionDisabled, "OFF_SCORE is disabled; enable it first"),
    ],
)
async def test_a_score_type_that_cannot_be_computed_is_refused(
    register: Recomputed, score_types: list[str], error: type[Exception], said: str
) -> None:
    await define_fsf_disabled_twin(register)

    async with register.sessions() as session:
        with pytest.raises(error, match=said):
            await ask_for_recomputation(session, register.facts, RecomputationWanted(score_types))


async def test_a_register_without_enabled_definitions_is_refused(register: Recomputed) -> None:
    await register.change_definition(is_enabled=False)

    async with register.sessions() as session:
        with pytest.raises(ScoreDefinitionNotFound, match="no enabled score definition"):
            await ask_for_recomputation(session, register.facts, RecomputationWanted())


async def test_a_register_that_has_no_scores_is_refused(register: Recomputed) -> None:
    async with register.sessions() as session:
        with pytest.raises(RegisterPurposeConflict):
            await ask_for_recomputation(session, register_facts(purpose="TABLE"), RecomputationWanted())


async def test_a_second_one_joins_the_first_and_goes_on_where_it_is(register: Recomputed) -> None:
    await register.records(4)
    first = await register.asked()
    await register.page(2)

    second = await register.asked()

    progress = await register.progress(first.recomputation_id)
    assert (second.recomputation_id, second.joined, second.status) == (first.recomputation_id, True, "RUNNING")
    assert progress.looked_at == 2
    assert await register.page(10) == 2


async def test_a_join_that_names_a_rate_changes_it_and_one_that_names_none_does_not(register: Recomputed) -> None:
    asked = await register.ask(rate=5.0)

    await register.ask()
    kept = (await register.progress(asked)).rate
    await register.ask(rate=7.0)

    assert (kept, (await register.progress(asked)).rate) == (5.0, 7.0)


@pytest.mark.parametrize(
    ("first", "second", "begins_again"),
    [
        pytest.param(False, True, False, id="stale ones are among all"),
        pytest.param(True, True, False, id="the same"),
        pytest.param(True, False, True, id="all are more than the stale ones"),
    ],
)
async def test_a_join_begins_again_where_it_asks_for_more(
    register: Recomputed, *, first: bool, second: bool, begins_again: bool
) -> None:
    await register.records(4)
    asked = await register.ask(only_stale=first)
    await register.page(2)

    await register.ask(only_stale=second)

    assert (await register.progress(asked)).looked_at == (0 if begins_again else 2)
    assert await register.page(10) == (4 if begins_again else 2)


async def test_a_join_after_the_definition_changed_begins_again(register: Recomputed) -> None:
    await register.records(4)
    asked = await register.ask()
    await register.page(10)
    await register.change_definition(score_config={"weights": {"income": 2}})

    await register.ask()

    progress = await register.progress(asked)
    assert (progress.looked_at, progress.total, progress.all_requested) == (0, None, False)
    assert await register.page(10) == 4


async def test_after_the_end_of_one_another_can_be_asked_for(register: Recomputed) -> None:
    first = await register.ask()
    await control(register, first, RecomputationStatus.CANCELLED)

    second = await register.asked()

    assert (second.joined, second.recomputation_id == first) == (False, False)
    async with register.sessions() as session:
        listed = await list_recomputations(session, register.register_id)
    assert [one.status for one in listed] == ["REQUESTED", "CANCELLED"]


async def test_two_that_ask_at_once_share_one(register: Recomputed) -> None:
    async with register.sessions() as one, register.sessions() as other:
        first = await register.asked_in(one)
        waiting = await backend_pid(other)
        asking = asyncio.create_task(register.asked_in(other))
        await until_waiting(register.sessions, waiting)
        await one.commit()
        second = await asking
        await other.commit()

    assert (first.joined, second.joined) == (False, True)
    assert first.recomputation_id == second.recomputation_id


async def test_who_asks_while_another_one_ends_gets_a_new_one(register: Recomputed) -> None:
    first = await register.ask()
    async with register.sessions() as ending, register.sessions() as other:
        await control_recomputation(ending, first, RecomputationStatus.CANCELLED)
        waiting = await backend_pid(other)
        asking = asyncio.create_task(register.asked_in(other))
        await until_waiting(register.sessions, waiting)
        await ending.commit()
        second = await asking
        await other.commit()

    assert (second.joined, second.recomputation_id == first) == (False, False)


async def test_the_relay_hears_of_it_when_it_commits(register: Recomputed, database_url: str) -> None:
    async with listen_for_requests(database_url) as listener, register.sessions() as session:
        await register.asked_in(session)
        await asyncio.sleep(0)
        heard_before = listener.heard.is_set()
        await session.commit()

        await asyncio.wait_for(listener.heard.wait(), 10)
    assert not heard_before


async def test_what_is_claimed_is_left_to_the_relay_that_has_it(register: Recomputed) -> None:
    await register.ask()

    first, second = await claim(register), await claim(register)

    assert [(one.score_type, one.is_paused) for one in first] == [("PMT_SCORE", False)]
    assert second == []


async def test_the_next_turn_is_when_one_is_to_be_looked_after(register: Recomputed) -> None:
    async with register.sessions() as session:
        before = await next_turn_in(session)
    await register.ask()
    await put_off(register, await claim(register))

    async with register.sessions() as session:
        wait = await next_turn_in(session)

    assert before is None
    assert wait is not None
    assert timedelta(seconds=50) < wait <= A_MINUTE


async def test_a_claim_is_not_put_off_when_somebody_changed_it_meanwhile(register: Recomputed) -> None:
    asked = await register.ask()
    claimed = await claim(register)
    await control(register, asked, RecomputationStatus.PAUSED)

    await put_off(register, claimed)

    assert [one.is_paused for one in await claim(register)] == [True]


@pytest.mark.parametrize("even_if_ended", [False, True])
async def test_one_that_was_cancelled_is_told_once_and_again_only_if_temporal_did_not_take_it(
    register: Recomputed, *, even_if_ended: bool
) -> None:
    asked = await register.ask()
    await put_off(register, await claim(register))
    await control(register, asked, RecomputationStatus.CANCELLED)

    claimed = await claim(register)
    await put_off(register, claimed, even_if_ended=even_if_ended)

    start_after = await register.execute("SELECT start_after FROM g2p_score_recomputations")
    assert [one.recomputation_id for one in claimed] == [asked]
    assert (start_after is not None) == even_if_ended


async def test_what_has_ended_can_be_neither_paused_nor_resumed_and_cancelled_twice(register: Recomputed) -> None:
    asked = await register.ask()
    await control(register, asked, RecomputationStatus.CANCELLED)
    await control(register, asked, RecomputationStatus.CANCELLED)

    for status in (RecomputationStatus.PAUSED, RecomputationStatus.RUNNING):
        with pytest.raises(RecomputationEnded, match="PMT_SCORE is CANCELLED; ask for a new one"):
            await control(register, asked, status)


async def test_one_that_nobody_knows_cannot_be_changed(register: Recomputed) -> None:
    with pytest.raises(RecomputationNotFound, match="no recomputation has the id nothing"):
        await control(register, "nothing", RecomputationStatus.PAUSED)


async def test_a_resume_of_what_is_not_paused_changes_nothing(register: Recomputed) -> None:
    asked = await register.ask()

    await control(register, asked, RecomputationStatus.RUNNING)

    assert (await register.progress(asked)).status == "REQUESTED"


async def test_stale_scores_are_those_of_an_older_version(register: Recomputed) -> None:
    for record in await register.records(2):
        await register.ask_for_score(record)
        await register.settle(record)

    async def stale() -> int:
        async with register.sessions() as session:
            return await count_stale_scores(session, await get_definition(session, register.score_definition_id))

    before = await stale()
    await register.change_definition(is_enabled=False)
    disabled = await stale()
    await register.change_definition(score_config={"weights": {"income": 2}})

    assert (before, disabled, await stale()) == (0, 0, 2)


async def test_seven_of_each_statement_on_one_connection_are_planned_alike(register: Recomputed) -> None:
    async with register.sessions() as session:
        for _ in range(8):
            asked = await register.asked_in(session)
            await control_recomputation(session, asked.recomputation_id, RecomputationStatus.PAUSED)
            await control_recomputation(session, asked.recomputation_id, RecomputationStatus.RUNNING)
            claimed = await claim_recomputations(session, A_MINUTE)
            await put_off_recomputations(session, claimed, timedelta(0))
        count = await session.scalar(text("SELECT count(*) FROM g2p_score_recomputations"))

    assert count == 1
