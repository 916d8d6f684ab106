"""Arithmetic runs as a local activity: once, with the same ends as any other service; its retries are ordinary ones."""

import asyncio
from dataclasses import replace

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from objects import a_request
from temporal_fakes.activities import FakeActivities, failing, failing_times, held_by
from temporal_fakes.runs import IMPATIENT, NEVER_TIRED, RecordRuns, a_record

FOR_GOOD = ApplicationError("income is missing", type="ScoreInputError", non_retryable=True)
MANY_TYPES = [f"TYPE_{number}" for number in range(8)]
"""So many that their outcomes reach the workflow one after the other, in any order."""


async def scheduled(record: RecordRuns, activity: str) -> int:
    """How many ordinary activities of this name the latest run scheduled."""
    return [
        event.activity_task_scheduled_event_attributes.activity_type.name for event in (await record.history()).events
    ].count(activity)


async def test_what_takes_no_time_is_computed_without_a_task_of_its_own(temporal: Client) -> None:
    fakes = FakeActivities()
    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1, instantaneous=True), a_request(2, "FSF_SCORE", instantaneous=True))
        await record.ended()

        assert (await record.events())["MARKER_RECORDED"] == 2
        assert await scheduled(record, "compute_score") == 0
        assert await scheduled(record, "persist_scores") == 1
    assert {score.request.score_type for score in fakes.computed} == {"PMT_SCORE", "FSF_SCORE"}


async def test_beside_it_what_takes_time_has_a_task_of_its_own(temporal: Client) -> None:
    fakes = FakeActivities()
    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1, instantaneous=True), a_request(2, "ASKS_A_SERVER"))
        await record.ended()

        assert (await record.events())["MARKER_RECORDED"] == 1
        assert await scheduled(record, "compute_score") == 1
        assert await scheduled(record, "persist_scores") == 1


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "beside others"])
@pytest.mark.parametrize("repetition", range(3))
async def test_i6_i7_arithmetic_that_cannot_be_done_ends_as_failed_and_holds_up_no_other(
    temporal: Client, repetition: int, *, alone: bool
) -> None:
    fakes = FakeActivities()
    others = [] if alone else MANY_TYPES
    fakes.serve("FAILS", failing(FOR_GOOD))
    async with a_record(temporal, fakes) as record:
        await record.signal(*(a_request(1, kind, instantaneous=True) for kind in [*others[:4], "FAILS", *others[4:]]))
        await record.ended()

    assert repetition >= 0
    assert [(one.request.score_type, one.error_code, one.reason) for one in fakes.failed] == [
        ("FAILS", "ScoreInputError", "income is missing")
    ]
    assert sorted(score.request.score_type for score in fakes.computed) == others


async def test_i7_arithmetic_that_fails_for_now_is_retried_by_ordinary_activities_as_often_as_any_other(
    temporal: Client,
) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing())
    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1, instantaneous=True))
        await record.ended()

        assert (await record.events())["MARKER_RECORDED"] == 1
        assert await scheduled(record, "compute_score") == 1
    assert fakes.tries() == [1] * IMPATIENT.maximum_attempts
    assert [failure.error_code for failure in fakes.failed] == ["ServiceAway"]


async def test_the_one_retry_of_two_attempts_is_an_ordinary_one(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing_times(1))
    async with a_record(temporal, fakes, replace(IMPATIENT, maximum_attempts=2)) as record:
        await record.signal(a_request(1, instantaneous=True))
        await record.ended()

        assert (await record.events())["MARKER_RECORDED"] == 1
        assert await scheduled(record, "compute_score") == 1
    assert fakes.sequences() == [1]


async def test_a_single_attempt_that_fails_for_now_has_failed(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing())
    async with a_record(temporal, fakes, replace(IMPATIENT, maximum_attempts=1)) as record:
        await record.signal(a_request(1, instantaneous=True))
        await record.ended()

    assert fakes.tries() == [1]
    assert [failure.error_code for failure in fakes.failed] == ["ServiceAway"]


async def test_i6_while_arithmetic_is_retried_a_newer_approval_is_scored(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("FAILS", failing())
    async with a_record(temporal, fakes, NEVER_TIRED) as record:
        await record.signal(a_request(1, "FAILS", instantaneous=True))
        await fakes.until(lambda: len(fakes.tries("FAILS")) >= 3)

        await record.signal(a_request(2, "PMT_SCORE", instantaneous=True))
        await fakes.until(lambda: fakes.sequences("PMT_SCORE") == [2])

        fakes.serve("FAILS", failing_times(0))
        await record.ended()
    assert fakes.sequences("FAILS") == [1]


async def test_i9_arithmetic_that_never_ends_ends_as_failed(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", held_by(asyncio.Event()))
    async with a_record(temporal, fakes, replace(IMPATIENT, timeout=0.1, maximum_attempts=1)) as record:
        await record.signal(a_request(1, instantaneous=True), a_request(2, "FSF_SCORE", instantaneous=True))
        await record.ended()

    assert [failure.error_code for failure in fakes.failed] == ["TimeoutError"]
    assert fakes.sequences("FSF_SCORE") == [2]


async def test_i1_a_run_that_is_cancelled_within_arithmetic_gives_its_requests_back(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", held_by(asyncio.Event()))
    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1, instantaneous=True))
        await fakes.until(lambda: fakes.tries() == [1])

        await record.cancel()
        with pytest.raises(WorkflowFailureError):
            await record.ended()

    given_back = [request.sequence for one in fakes.given_back for request in one.requests]
    assert given_back == [1]
