"""Where each score type of a record stands: current, pending, failed or stale."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from objects import AN_ACTOR, a_computed_score, a_failed_score, a_stored_definition, register_facts
from postgres_sessions import asked_for, claim_records, set_requests
from scoring.debounce import DebouncePolicy
from scoring.messages import ComputedScore, FailedScore, ScoreOutcomes, ScoreRequest
from store.database import SessionFactory
from store.definitions import DefinitionChange, update_definition
from store.outbox import give_back
from store.retries import retry_scores
from store.score_states import ScoreState, ScoreStatus, list_score_states
from store.scores import save_outcomes


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with both score types."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
        await a_stored_definition(session, "FSF_SCORE")
    return sessions


async def save(sessions: SessionFactory, outcome: ComputedScore | FailedScore, record: str = "A") -> None:
    computed, failed = ([outcome], []) if isinstance(outcome, ComputedScore) else ([], [outcome])
    async with sessions.begin() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", record, computed, failed))


async def scored(sessions: SessionFactory, record: str = "A", **changes: Any) -> ScoreRequest:
    """A record with a PMT_SCORE; its FSF_SCORE is pending."""
    request = await asked_for(sessions, record, **changes)
    await save(sessions, a_computed_score(request), record)
    return request


async def states_of(sessions: SessionFactory, record: str = "A") -> dict[str, ScoreState]:
    async with sessions() as session:
        return {one.score_type: one for one in (await list_score_states(session, [record])).get(record, ())}


async def status_of_pmt(sessions: SessionFactory) -> ScoreStatus:
    return (await states_of(sessions))["PMT_SCORE"].status


async def test_a_score_of_the_latest_approval_is_current(defined: SessionFactory) -> None:
    request = await scored(defined, change_request_id="CR-7")

    state = (await states_of(defined))["PMT_SCORE"]

    assert (state.status, state.reason, state.requested_at) == (ScoreStatus.CURRENT, None, None)
    assert (state.computed_score, state.triggered_by_cr_id, state.definition_version) == (1401.83, "CR-7", 1)
    assert state.sequence == state.requested_sequence == request.sequence


async def test_a_score_type_without_a_score_is_told_by_its_request(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A", change_request_id="", submission_id="S-1")

    state = (await states_of(defined))["PMT_SCORE"]

    assert (state.status, state.computed_score, state.sequence) == (ScoreStatus.PENDING, None, None)
    assert (state.triggered_by_cr_id, state.triggered_by_submission_id) == ("", "S-1")
    assert state.requested_sequence == request.sequence
    assert state.requested_at is not None


@pytest.mark.parametrize("compute_status", ["PENDING", "PROCESSING"])
async def test_a_score_is_pending_from_the_approval_until_the_newer_score(
    defined: SessionFactory, compute_status: str
) -> None:
    old = await scored(defined, change_request_id="CR-1")
    new = await asked_for(defined, "A", change_request_id="CR-2")
    await set_requests(defined, "A", compute_status=compute_status)

    state = (await states_of(defined))["PMT_SCORE"]

    assert (state.status, state.triggered_by_cr_id) == (ScoreStatus.PENDING, "CR-1")
    assert (state.sequence, state.requested_sequence) == (old.sequence, new.sequence)


async def test_a_failure_is_told_with_its_reason_beside_the_old_score(defined: SessionFactory) -> None:
    await scored(defined)
    await save(defined, a_failed_score(await asked_for(defined, "A"), "income is missing"))

    state = (await states_of(defined))["PMT_SCORE"]

    assert (state.status, state.reason) == (ScoreStatus.FAILED, "income is missing")
    assert state.computed_score == 1401.83


async def change_definition(sessions: SessionFactory, score_definition_id: str) -> None:
    async with sessions.begin() as session:
        change = DefinitionChange(contributing_attributes=("income", "assets.land_area"))
        await update_definition(session, AN_ACTOR, score_definition_id, change, register_facts())


async def test_a_score_of_an_older_version_is_stale_until_it_is_asked_for_again(defined: SessionFactory) -> None:
    request = await scored(defined)
    await change_definition(defined, request.score_definition_id)
    after_the_change = await status_of_pmt(defined)
    newer = await asked_for(defined, "A")
    asked_again = await status_of_pmt(defined)
    await save(defined, a_failed_score(newer))

    assert (after_the_change, asked_again) == (ScoreStatus.STALE, ScoreStatus.PENDING)
    assert await status_of_pmt(defined) is ScoreStatus.FAILED


async def test_a_score_whose_definition_is_gone_is_current_and_stale_once_another_has_its_place(
    defined: SessionFactory,
) -> None:
    await scored(defined)
    async with defined.begin() as session:
        await session.execute(text("DELETE FROM g2p_register_score_definitions WHERE score_type = 'PMT_SCORE'"))
    without = await status_of_pmt(defined)
    async with defined.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")

    assert (without, await status_of_pmt(defined)) == (ScoreStatus.CURRENT, ScoreStatus.STALE)


async def test_another_registers_definition_makes_nothing_stale(defined: SessionFactory) -> None:
    await scored(defined)
    async with defined.begin() as session:
        other = await a_stored_definition(session, "PMT_SCORE", "builders")
        change = DefinitionChange(contributing_attributes=("income",))
        await update_definition(session, AN_ACTOR, other.score_definition_id, change, register_facts("builders"))

    assert await status_of_pmt(defined) is ScoreStatus.CURRENT


async def test_records_are_told_apart_and_one_that_nobody_knows_has_none(defined: SessionFactory) -> None:
    await scored(defined, "A")
    await asked_for(defined, "B")

    async with defined() as session:
        states = await list_score_states(session, ["A", "B", "nobody"])

    told = {record: [(one.score_type, one.status.value) for one in of_record] for record, of_record in states.items()}
    assert told == {
        "A": [("FSF_SCORE", "pending"), ("PMT_SCORE", "current")],
        "B": [("FSF_SCORE", "pending"), ("PMT_SCORE", "pending")],
    }


async def clock_of(sessions: SessionFactory) -> datetime:
    """What time it is for the database."""
    async with sessions() as session:
        now: datetime = await session.scalar(text("SELECT now()"))
    return now


async def was_requested_between(sessions: SessionFactory, begin: datetime, end: datetime) -> bool:
    requested_at = (await states_of(sessions))["PMT_SCORE"].requested_at
    assert requested_at is not None
    return begin < requested_at < end


async def test_a_score_is_asked_for_as_of_the_latest_approval_however_long_its_window_is_open(
    defined: SessionFactory,
) -> None:
    await asked_for(defined, "A")
    before = await clock_of(defined)
    await asked_for(defined, "A")

    assert await was_requested_between(defined, before, await clock_of(defined))


async def test_a_request_that_a_run_gives_back_is_no_newer_for_it(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    after = await clock_of(defined)
    claimed = await claim_records(defined)
    await set_requests(defined, "A", compute_status="PROCESSING")
    async with defined.begin() as session:
        assert await give_back(session, claimed, timedelta(0)) > 0

    assert await was_requested_between(defined, after - timedelta(minutes=1), after)


async def test_asking_again_is_told_as_of_when_it_was_done_however_long_the_longest_wait(
    sessions: SessionFactory,
) -> None:
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE", debounce=DebouncePolicy(300, 86_400))
    await save(sessions, a_failed_score(await asked_for(sessions, "A")))
    before = await clock_of(sessions)
    async with sessions.begin() as session:
        assert len(await retry_scores(session, AN_ACTOR, "A")) == 1

    assert await was_requested_between(sessions, before, await clock_of(sessions))
