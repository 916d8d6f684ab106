"""The sweeper: what is PROCESSING for too long is pending again; what may still be computed is left alone."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from objects import a_computed_score, a_stored_definition, an_approved_change, wide_roads
from postgres_sessions import asked_for, claim_due, claim_records, requests_of, rows_in, set_requests
from scoring.messages import ScoreOutcomes
from store.database import SessionFactory
from store.outbox import give_back, mark_signaled
from store.requests import request_scores
from store.scores import save_outcomes
from store.sweeping import SweepPolicy, sweep_overdue
from store.tables import G2PScoreComputeQueue

POLICY = SweepPolicy(sweep_after=60, restart_after=3600)
A_MINUTE = timedelta(minutes=1)
NOW = timedelta(0)


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with two score types."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
        await a_stored_definition(session, "FSF_SCORE")
    return sessions


async def signaled(sessions: SessionFactory, record: str = "A") -> None:
    """Approve a change of the record's income, which Temporal is told of."""
    async with sessions.begin() as session:
        await request_scores(session, an_approved_change(internal_record_id=record))
    claimed = await claim_records(sessions)
    async with sessions.begin() as session:
        await mark_signaled(session, claimed, NOW)


async def let_pass(sessions: SessionFactory, seconds: float, record: str = "A") -> None:
    """Everything that the record's requests know of happened so much earlier."""
    queue, earlier = G2PScoreComputeQueue, timedelta(seconds=seconds)
    columns = (queue.due_at, queue.compute_latest_timestamp, queue.pending_since, queue.processing_since)
    async with sessions.begin() as session:
        values = {column: column - earlier for column in columns}
        await session.execute(update(queue).where(queue.internal_record_id == record).values(values))


async def sweep(sessions: SessionFactory, policy: SweepPolicy = POLICY) -> int:
    """A round of the sweeper, in a transaction of its own."""
    async with sessions.begin() as session:
        return await sweep_overdue(session, policy)


async def statuses(sessions: SessionFactory, record: str = "A") -> set[str]:
    """Where the record's requests stand."""
    return {request.compute_status for request in (await requests_of(sessions, record)).values()}


async def request_a(sessions: SessionFactory) -> G2PScoreComputeQueue:
    """Record A's request for its PMT_SCORE."""
    return (await requests_of(sessions, "A"))["PMT_SCORE"]


async def test_i1_what_a_lost_run_had_is_signaled_again(defined: SessionFactory) -> None:
    await signaled(defined)
    await let_pass(defined, 61)

    swept = await sweep(defined)
    [claimed] = await claim_records(defined)

    assert swept == 2
    assert [request.score_type for request in claimed.requests] == ["FSF_SCORE", "PMT_SCORE"]
    assert claimed.restart is False


async def test_what_is_under_way_for_a_shorter_time_is_left_alone(defined: SessionFactory) -> None:
    await signaled(defined)
    await let_pass(defined, 50)

    assert await sweep(defined) == 0
    assert await statuses(defined) == {"PROCESSING"}


async def test_a_window_that_is_still_open_is_waited_out(defined: SessionFactory) -> None:
    await signaled(defined)
    await let_pass(defined, 3000)
    await set_requests(defined, "A", due_at=datetime.now(UTC) - timedelta(seconds=30))

    assert await sweep(defined) == 0


@pytest.mark.parametrize("status", ["PENDING", "COMPLETED", "FAILED"])
async def test_what_is_not_processing_is_left_alone(defined: SessionFactory, status: str) -> None:
    await signaled(defined)
    await let_pass(defined, 600)
    await set_requests(defined, "A", compute_status=status)

    assert await sweep(defined) == 0
    assert await statuses(defined) == {status}


async def test_a_sweep_makes_no_window_longer(defined: SessionFactory) -> None:
    await signaled(defined)
    await let_pass(defined, 600)

    await sweep(defined)
    [claimed] = await claim_records(defined)

    assert all(request.quiet_for >= 600 and request.pending_for >= 600 for request in claimed.requests)


async def test_what_was_swept_is_left_alone_for_as_long_once_it_is_signaled_again(defined: SessionFactory) -> None:
    await signaled(defined)
    await let_pass(defined, 61)
    await sweep(defined)
    claimed = await claim_records(defined)
    async with defined.begin() as session:
        await mark_signaled(session, claimed, NOW)

    assert await sweep(defined) == 0


async def test_a_round_takes_the_longest_due_records_up_to_its_bound(defined: SessionFactory) -> None:
    for number, record in enumerate("ABC"):
        await signaled(defined, record)
        await let_pass(defined, 600 + 100 * number, record)

    await sweep(defined, SweepPolicy(sweep_after=60, records=2))

    assert [await statuses(defined, record) for record in "ABC"] == [{"PROCESSING"}, {"PENDING"}, {"PENDING"}]


async def test_a_batch_that_is_open_is_left_to_the_relay_and_one_that_is_gone_is_not(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    [batch] = await claim_due(defined)
    await let_pass(defined, 600)

    swept_while_open = await sweep(defined)
    async with defined.begin() as session:
        await session.execute(text("DELETE FROM g2p_score_compute_batches"))
    swept = await sweep(defined)

    assert (swept_while_open, swept) == (0, 2)
    assert await rows_in(defined, batch) == []
    assert await claim_due(defined)


async def test_what_neither_road_knows_is_found(defined: SessionFactory) -> None:
    await signaled(defined)
    await set_requests(defined, "A", on_record_road=False)
    await let_pass(defined, 600)

    assert await sweep(defined) == 2


async def test_a_row_that_an_approval_holds_is_swept_another_time(defined: SessionFactory) -> None:
    await signaled(defined)
    await let_pass(defined, 600)

    async with defined.begin() as approving:
        await approving.execute(text("SELECT FROM g2p_score_compute_queue WHERE score_type = 'PMT_SCORE' FOR UPDATE"))
        async with asyncio.timeout(10):
            swept = await sweep(defined)

    assert swept == 1
    assert await sweep(defined) == 1


async def stuck(sessions: SessionFactory) -> None:
    """A record whose run has stored nothing for an hour, and now stores its FSF_SCORE."""
    await signaled(sessions)
    await let_pass(sessions, 3601)


async def test_a_run_that_has_stored_nothing_for_too_long_is_started_anew(defined: SessionFactory) -> None:
    await stuck(defined)

    await sweep(defined)
    [claimed] = await claim_records(defined)

    assert claimed.restart is True


async def test_all_that_a_run_has_goes_to_the_new_one(defined: SessionFactory) -> None:
    await stuck(defined)
    async with defined.begin() as session:
        await session.execute(
            text(
                "UPDATE g2p_score_compute_queue SET due_at = now(), compute_latest_timestamp = now(),"
                " processing_since = now() WHERE score_type = 'FSF_SCORE'"
            )
        )

    await sweep(defined)
    [claimed] = await claim_records(defined)

    assert [request.score_type for request in claimed.requests] == ["FSF_SCORE", "PMT_SCORE"]


async def test_a_new_approval_for_a_run_that_stores_nothing_starts_it_anew(defined: SessionFactory) -> None:
    await stuck(defined)

    await asked_for(defined, "A")
    [claimed] = await claim_records(defined)

    assert claimed.restart is True


async def test_what_else_the_run_had_is_pending_again_once_it_was_started_anew(defined: SessionFactory) -> None:
    await stuck(defined)
    async with defined.begin() as session:
        land = an_approved_change(internal_record_id="A", change_payload={"assets": {"land_area": 1}})
        await request_scores(session, land)
    claimed = await claim_records(defined)

    async with defined.begin() as session:
        await mark_signaled(session, claimed, NOW)

    requests = await requests_of(defined, "A")
    assert [request.score_type for request in claimed[0].requests] == ["PMT_SCORE"]
    assert {name: row.compute_status for name, row in requests.items()} == {
        "FSF_SCORE": "PENDING",
        "PMT_SCORE": "PROCESSING",
    }
    [others] = await claim_records(defined)
    assert others.restart is False


async def test_a_batch_whose_run_is_of_no_use_gets_a_new_one(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await claim_due(defined, lease=NOW)

    [again] = await claim_due(defined, wide_roads(batch_restart_after=3600), lease=NOW)
    [anew] = await claim_due(defined, wide_roads(batch_restart_after=0), lease=NOW)
    [after] = await claim_due(defined, wide_roads(batch_restart_after=3600), lease=NOW)

    assert [batch.restart for batch in (again, anew, after)] == [False, True, False]
    assert again.batch_id == anew.batch_id == after.batch_id


async def test_a_run_that_was_started_anew_gets_its_time(defined: SessionFactory) -> None:
    await stuck(defined)
    await sweep(defined)
    claimed = await claim_records(defined)
    async with defined.begin() as session:
        await mark_signaled(session, claimed, NOW)

    await asked_for(defined, "A")
    [again] = await claim_records(defined)

    assert again.restart is False


async def test_the_longest_window_is_given_on_top(defined: SessionFactory) -> None:
    await stuck(defined)
    await set_requests(defined, "A", debounce={"quiet_period": 5, "max_wait": 300})

    await sweep(defined)
    [claimed] = await claim_records(defined)

    assert claimed.restart is False


async def test_a_stored_score_shows_that_the_run_lives(defined: SessionFactory) -> None:
    await stuck(defined)
    request = await asked_for(defined, "A")
    async with defined.begin() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", "A", computed=[a_computed_score(request)]))

    assert (await request_a(defined)).processing_since is None


@pytest.mark.parametrize("kept", [True, False], ids=["signaled twice", "given back between"])
async def test_the_time_of_a_run_counts_from_its_first_signal(defined: SessionFactory, *, kept: bool) -> None:
    await signaled(defined)
    first = (await request_a(defined)).processing_since
    claimed: Any = []
    if not kept:
        await asked_for(defined, "A")
        claimed = await claim_records(defined)
        async with defined.begin() as session:
            await mark_signaled(session, claimed, NOW)
            await give_back(session, claimed, NOW)

    await signaled(defined)

    again = (await request_a(defined)).processing_since
    assert first is not None
    assert (again == first) is kept
