"""Results that are stored at the same time: one after the other, in whatever order, with the same end."""

import asyncio

import pytest

from objects import a_computed_score, a_failed_score, a_stored_definition, an_approved_change
from postgres_sessions import asked_for, backend_pid, requests_of, stored_scores, until_waiting
from scoring.messages import ComputedScore, FailedScore, ScoreOutcomes
from store.database import Session, SessionFactory
from store.requests import request_scores
from store.scores import list_history, save_outcomes


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with one score type."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
    return sessions


async def save(session: Session, outcome: ComputedScore | FailedScore) -> None:
    """Save one outcome of record A, without a commit."""
    if isinstance(outcome, ComputedScore):
        await save_outcomes(session, ScoreOutcomes("farmers", "A", [outcome]))
    else:
        await save_outcomes(session, ScoreOutcomes("farmers", "A", failed=[outcome]))


async def save_both_at_once(
    sessions: SessionFactory, one: ComputedScore | FailedScore, other: ComputedScore | FailedScore
) -> None:
    """Save the first, then the second while the first has not committed."""
    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        await save(first, one)
        racing = asyncio.create_task(save(second, other))
        await until_waiting(sessions, waiting)
        await first.commit()
        await racing
        await second.commit()


async def stored(sessions: SessionFactory) -> tuple[float, list[int]]:
    """Record A's score, and the sequences in its history, newest first."""
    async with sessions() as session:
        [score] = await stored_scores(session, "A")
        history = await list_history(session, "A", "PMT_SCORE")
    assert score.sequence == history[0].sequence
    return score.computed_score, [row.sequence for row in history]


async def test_i5_one_result_that_is_saved_twice_at_once_has_one_row_of_history(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")

    await save_both_at_once(defined, a_computed_score(request, 1.0), a_computed_score(request, 1.0))

    assert await stored(defined) == (1.0, [request.sequence])
    assert (await requests_of(defined, "A"))["PMT_SCORE"].compute_status == "COMPLETED"


async def test_i4_the_older_of_two_results_at_once_does_not_win_when_it_comes_second(defined: SessionFactory) -> None:
    older, newer = await asked_for(defined, "A"), await asked_for(defined, "A")

    await save_both_at_once(defined, a_computed_score(newer, 2.0), a_computed_score(older, 1.0))

    assert await stored(defined) == (2.0, [newer.sequence])
    request = (await requests_of(defined, "A"))["PMT_SCORE"]
    assert (request.compute_status, request.computed_sequence) == ("COMPLETED", newer.sequence)


async def test_the_newer_of_two_results_at_once_follows_the_older(defined: SessionFactory) -> None:
    older, newer = await asked_for(defined, "A"), await asked_for(defined, "A")

    await save_both_at_once(defined, a_computed_score(older, 1.0), a_computed_score(newer, 2.0))

    assert await stored(defined) == (2.0, [newer.sequence, older.sequence])


async def test_i4_a_failure_that_waits_for_the_score_of_the_same_approval_does_not_take_it_back(
    defined: SessionFactory,
) -> None:
    request = await asked_for(defined, "A")

    await save_both_at_once(defined, a_computed_score(request, 1.0), a_failed_score(request))

    assert (await requests_of(defined, "A"))["PMT_SCORE"].compute_status == "COMPLETED"


async def test_i1_an_approval_that_commits_while_its_predecessor_is_stored_stays_pending(
    defined: SessionFactory,
) -> None:
    request = await asked_for(defined, "A")

    async with defined() as approving, defined() as worker:
        waiting = await backend_pid(worker)
        await request_scores(approving, an_approved_change(internal_record_id="A", change_request_id="CR-2"))
        saving = asyncio.create_task(save(worker, a_computed_score(request, 1.0)))
        await until_waiting(defined, waiting)
        await approving.commit()
        await saving
        await worker.commit()

    assert await stored(defined) == (1.0, [request.sequence])
    row = (await requests_of(defined, "A"))["PMT_SCORE"]
    assert (row.compute_status, row.change_request_id) == ("PENDING", "CR-2")
    assert (row.computed_sequence, row.sequence > request.sequence) == (request.sequence, True)


async def test_i1_an_approval_that_commits_while_its_predecessor_fails_stays_pending(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")

    async with defined() as approving, defined() as worker:
        waiting = await backend_pid(worker)
        await request_scores(approving, an_approved_change(internal_record_id="A", change_request_id="CR-2"))
        failing = asyncio.create_task(save(worker, a_failed_score(request)))
        await until_waiting(defined, waiting)
        await approving.commit()
        await failing
        await worker.commit()

    row = (await requests_of(defined, "A"))["PMT_SCORE"]
    assert (row.compute_status, row.compute_latest_error_code) == ("PENDING", None)


async def test_i4_i5_many_results_at_once_in_any_order_end_with_the_newest(defined: SessionFactory) -> None:
    requests = [await asked_for(defined, "A") for _ in range(8)]
    order = [requests[place] for place in (3, 0, 7, 5, 1, 6, 4, 2)] * 2

    async def save_one(number: int) -> None:
        async with defined.begin() as session:
            await save(session, a_computed_score(order[number], float(order[number].sequence)))

    await asyncio.gather(*(save_one(number) for number in range(len(order))))

    score, history = await stored(defined)
    assert score == float(requests[-1].sequence)
    assert history == sorted(set(history), reverse=True)
    assert (await requests_of(defined, "A"))["PMT_SCORE"].compute_status == "COMPLETED"
