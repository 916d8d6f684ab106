"""What a relay says of the requests it claimed: signaled, put off, given up, given back."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from objects import a_computed_score, a_stored_definition, an_approved_change
from postgres_sessions import (
    as_asked,
    asked_for,
    backend_pid,
    claim_records,
    requests_of,
    set_requests,
    until_waiting,
)
from scoring.messages import ScoreOutcomes, ScoreRequest
from store.database import SessionFactory
from store.outbox import RecordRequests, give_back, give_up, mark_signaled, put_off
from store.requests import request_scores
from store.scores import save_outcomes
from store.tables import G2PScoreComputeQueue

HOUR = timedelta(hours=1)
NOW = timedelta(0)


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with one score type."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
    return sessions


def of_record(*requests: ScoreRequest, record: str = "A") -> list[RecordRequests]:
    """The requests as they were claimed."""
    return [RecordRequests("farmers", record, list(requests))]


async def mark(sessions: SessionFactory, *requests: ScoreRequest, pace: timedelta = NOW) -> None:
    """Say that Temporal has these requests of record A."""
    async with sessions.begin() as session:
        await mark_signaled(session, of_record(*requests), pace)


async def request_a(sessions: SessionFactory) -> G2PScoreComputeQueue:
    """Record A's request for its PMT_SCORE."""
    return (await requests_of(sessions, "A"))["PMT_SCORE"]


async def until_signal(sessions: SessionFactory) -> timedelta:
    """How long until the relay may touch record A's request."""
    async with sessions() as session:
        now: datetime = (await session.execute(select(func.now()))).scalar_one()
    return (await request_a(sessions)).signal_after - now


async def test_what_was_signaled_is_processing(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")

    await mark(defined, request)

    row = await request_a(defined)
    assert (row.compute_status, row.signaled_sequence) == ("PROCESSING", request.sequence)


async def test_what_became_newer_while_it_was_signaled_stays_pending_and_waits_for_the_pace(
    defined: SessionFactory,
) -> None:
    older = await asked_for(defined, "A")
    newer = await asked_for(defined, "A")

    await mark(defined, older, pace=HOUR)

    row = await request_a(defined)
    assert (row.compute_status, row.sequence, row.signaled_sequence) == ("PENDING", newer.sequence, older.sequence)
    assert timedelta(minutes=59) < await until_signal(defined) <= HOUR


async def test_what_becomes_newer_in_the_moment_of_marking_stays_pending(defined: SessionFactory) -> None:
    older = await asked_for(defined, "A")

    async with defined() as approving, defined() as relay:
        waiting = await backend_pid(relay)
        await request_scores(approving, an_approved_change(internal_record_id="A", change_request_id="CR-2"))
        marking = asyncio.create_task(mark_signaled(relay, of_record(older), NOW))
        await until_waiting(defined, waiting)
        await approving.commit()
        await marking
        await relay.commit()

    row = await request_a(defined)
    assert (row.compute_status, row.signaled_sequence) == ("PENDING", older.sequence)
    assert row.sequence > older.sequence


async def test_a_mark_that_comes_after_the_score_does_not_take_it_back(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")
    async with defined.begin() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", "A", [a_computed_score(request)]))

    await mark(defined, request)

    assert (await request_a(defined)).compute_status == "COMPLETED"


async def test_a_mark_that_comes_after_a_newer_one_does_not_lower_what_was_signaled(defined: SessionFactory) -> None:
    first, second = await asked_for(defined, "A"), await asked_for(defined, "A")
    await asked_for(defined, "A")

    await mark(defined, second)
    await mark(defined, first)

    assert (await request_a(defined)).signaled_sequence == second.sequence


@pytest.mark.parametrize("status", ["PROCESSING", "FAILED"])
async def test_a_mark_changes_only_what_is_pending(defined: SessionFactory, status: str) -> None:
    request = await asked_for(defined, "A")
    await set_requests(defined, "A", compute_status=status)

    await mark(defined, request)

    row = await request_a(defined)
    assert (row.compute_status, row.signaled_sequence) == (status, 0)


async def test_a_mark_of_nothing_or_of_a_record_that_is_gone_changes_nothing(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")

    async with defined.begin() as session:
        await mark_signaled(session, [], NOW)
        await mark_signaled(session, of_record(request, record="B"), NOW)

    assert (await request_a(defined)).compute_status == "PENDING"


async def test_what_is_put_off_stays_pending_and_waits(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")

    async with defined.begin() as session:
        await put_off(session, of_record(request), HOUR)

    assert await claim_records(defined) == []
    row = await request_a(defined)
    assert (row.compute_status, row.signaled_sequence) == ("PENDING", 0)
    assert timedelta(minutes=59) < await until_signal(defined) <= HOUR


@pytest.mark.parametrize("status", ["PROCESSING", "COMPLETED", "FAILED"])
async def test_putting_off_changes_only_what_is_pending(defined: SessionFactory, status: str) -> None:
    request = await asked_for(defined, "A")
    await set_requests(defined, "A", compute_status=status)
    before = (await request_a(defined)).signal_after

    async with defined.begin() as session:
        await put_off(session, of_record(request), HOUR)

    row = await request_a(defined)
    assert (row.compute_status, row.signal_after) == (status, before)


async def test_i7_what_is_given_up_has_failed_with_a_reason_and_can_be_asked_for_again(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")

    async with defined.begin() as session:
        await give_up(session, of_record(request), "SignalRefused", "the signal is too large")

    row = await request_a(defined)
    assert (row.compute_status, row.compute_latest_error_code) == ("FAILED", "SignalRefused")
    assert row.compute_latest_error_message == "the signal is too large"
    await asked_for(defined, "A")
    assert (await request_a(defined)).compute_status == "PENDING"


async def test_giving_up_an_older_request_leaves_the_newer_one_pending(defined: SessionFactory) -> None:
    older = await asked_for(defined, "A")
    await asked_for(defined, "A")

    async with defined.begin() as session:
        await give_up(session, of_record(older), "SignalRefused", "the signal is too large")

    row = await request_a(defined)
    assert (row.compute_status, row.compute_latest_error_code) == ("PENDING", None)


async def test_giving_up_does_not_take_back_a_score(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")
    await set_requests(defined, "A", compute_status="COMPLETED")

    async with defined.begin() as session:
        await give_up(session, of_record(request), "SignalRefused", "the signal is too large")

    assert (await request_a(defined)).compute_status == "COMPLETED"


async def test_what_is_given_back_is_pending_again_after_a_while(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")
    await mark(defined, request)
    marked = await request_a(defined)
    before = marked.pending_since, marked.due_at

    async with defined.begin() as session:
        await give_back(session, of_record(request), HOUR)

    row = await request_a(defined)
    assert (row.compute_status, row.sequence) == ("PENDING", request.sequence)
    assert (row.pending_since, row.due_at) == before
    assert timedelta(minutes=59) < await until_signal(defined) <= HOUR


@pytest.mark.parametrize("status", ["PENDING", "COMPLETED", "FAILED"])
async def test_only_what_is_processing_is_given_back(defined: SessionFactory, status: str) -> None:
    request = await asked_for(defined, "A")
    await set_requests(defined, "A", compute_status=status, signal_after=text("'epoch'"))

    async with defined.begin() as session:
        await give_back(session, of_record(request), HOUR)

    row = await request_a(defined)
    assert (row.compute_status, row.signal_after.year) == (status, 1970)


async def test_only_the_latest_sequence_is_given_back(defined: SessionFactory) -> None:
    older, newer = await asked_for(defined, "A"), await asked_for(defined, "A")
    await mark(defined, newer)

    async with defined.begin() as session:
        await give_back(session, of_record(older), NOW)

    assert (await request_a(defined)).compute_status == "PROCESSING"


async def test_giving_back_twice_is_giving_back_once(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")
    await mark(defined, request)

    for _ in range(2):
        async with defined.begin() as session:
            await give_back(session, of_record(request), NOW)

    [claimed] = await claim_records(defined)
    assert as_asked(claimed.requests) == [request]


@pytest.mark.parametrize("say", [mark_signaled, put_off, give_back])
async def test_the_relay_says_many_things_at_once(defined: SessionFactory, say: Any) -> None:
    requests = {record: await asked_for(defined, record) for record in ("A", "B", "C")}
    many = [one for record, request in requests.items() for one in of_record(request, record=record)]
    if say is give_back:
        await set_requests(defined, "A", compute_status="PROCESSING")

    async with defined.begin() as session:
        await say(session, reversed(many), HOUR)

    left = [record.internal_record_id for record in await claim_records(defined)]
    assert left == (["B", "C"] if say is give_back else [])
