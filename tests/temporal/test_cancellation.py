"""A cancelled run gives back what it has not persisted, and ends as cancelled."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import CancelledError

from objects import a_request, an_id
from scoring.debounce import DebouncePolicy
from scoring.messages import ScoreRequest, ScoresGivenBack
from temporal_fakes.activities import FakeActivities, failing, held_by
from temporal_fakes.runs import IMPATIENT, RecordRuns, a_record, a_worker

AN_HOUR = DebouncePolicy(3600, 3600)
HOURS_BETWEEN_ATTEMPTS = replace(IMPATIENT, initial_interval=3600, maximum_interval=3600)


@pytest.fixture
def fakes() -> FakeActivities:
    return FakeActivities()


@pytest.fixture
async def record(temporal: Client, fakes: FakeActivities) -> AsyncIterator[RecordRuns]:
    async with a_record(temporal, fakes, HOURS_BETWEEN_ATTEMPTS) as record:
        yield record


async def assert_cancelled(record: RecordRuns) -> None:
    assert record.latest is not None
    with pytest.raises(WorkflowFailureError) as failure:
        await record.ended()
    assert isinstance(failure.value.cause, CancelledError)
    assert (await record.latest.describe()).status is WorkflowExecutionStatus.CANCELED


def given_back(fakes: FakeActivities) -> list[ScoreRequest]:
    """Each request that was given back; giving one back twice is harmless."""
    return distinct(request for message in fakes.given_back for request in message.requests)


def distinct(requests: Iterable[ScoreRequest]) -> list[ScoreRequest]:
    return list({request.sequence: request for request in requests}.values())


async def test_what_waits_out_its_window_is_given_back(record: RecordRuns, fakes: FakeActivities) -> None:
    requests = [a_request(1, "FSF_SCORE", debounce=AN_HOUR), a_request(2, "PMT_SCORE", debounce=AN_HOUR)]
    await record.signal(*requests)
    await record.until_settled()

    await record.cancel()
    await assert_cancelled(record)

    assert fakes.given_back == [ScoresGivenBack(record.internal_record_id, requests)]
    assert fakes.tried == []


async def test_what_is_being_computed_is_given_back(record: RecordRuns, fakes: FakeActivities) -> None:
    fakes.serve("PMT_SCORE", held_by(asyncio.Event()))
    await record.signal(a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE"))
    await record.until_history(lambda events: events["ACTIVITY_TASK_COMPLETED"] == 1)

    await record.cancel()
    await assert_cancelled(record)

    assert given_back(fakes) == [a_request(2, "FSF_SCORE"), a_request(1, "PMT_SCORE")]
    assert fakes.persisted == []


async def test_what_is_being_persisted_is_given_back(record: RecordRuns, fakes: FakeActivities) -> None:
    fakes.may_persist.clear()
    await record.signal(a_request(1))
    await fakes.until(lambda: fakes.persisting == 1)

    await record.cancel()
    await assert_cancelled(record)

    assert given_back(fakes) == [a_request(1)]


async def test_what_is_in_retries_is_given_back(record: RecordRuns, fakes: FakeActivities) -> None:
    fakes.serve("PMT_SCORE", failing())
    await record.signal(a_request(1))
    await fakes.until(lambda: fakes.tries() == [1, 1])

    await record.cancel()
    await assert_cancelled(record)

    assert given_back(fakes) == [a_request(1)]


async def test_everything_is_given_back_at_once_wherever_it_stands(record: RecordRuns, fakes: FakeActivities) -> None:
    fakes.serve("FAILS", failing())
    fakes.serve("HANGS", held_by(asyncio.Event()))
    await record.signal(a_request(1, "FAILS"))
    await fakes.until(lambda: fakes.tries("FAILS") == [1, 1])
    await record.signal(a_request(2, "HANGS"), a_request(3, "WAITS", debounce=AN_HOUR))
    await fakes.until(lambda: fakes.tries("HANGS") == [2])
    await record.signal(a_request(4, "HANGS"))
    await record.until_settled()

    await record.cancel()
    await assert_cancelled(record)

    assert len(fakes.given_back) == 1
    assert sorted(request.sequence for request in given_back(fakes)) == [1, 2, 3, 4]
    assert fakes.persisted == []


async def test_a_request_that_comes_while_others_are_given_back_is_given_back_too(
    record: RecordRuns, fakes: FakeActivities
) -> None:
    fakes.may_give_back.clear()
    await record.signal(a_request(1, debounce=AN_HOUR))
    await record.until_settled()

    await record.cancel()
    await fakes.until(lambda: fakes.giving_back == 1)
    await record.signal(a_request(2, debounce=AN_HOUR))
    fakes.may_give_back.set()
    await assert_cancelled(record)

    assert [request.sequence for request in given_back(fakes)] == [1, 2]


async def test_a_record_whose_run_was_cancelled_is_scored_by_a_later_run(
    record: RecordRuns, fakes: FakeActivities
) -> None:
    await record.signal(a_request(1, debounce=AN_HOUR))
    await record.until_settled()
    await record.cancel()
    await assert_cancelled(record)

    await record.signal(a_request(1))
    await record.ended()

    assert fakes.sequences() == [1]


async def test_a_run_cancelled_before_any_worker_saw_it_gives_back_its_requests(
    temporal: Client, fakes: FakeActivities
) -> None:
    record = RecordRuns(temporal, an_id(), IMPATIENT)
    await record.signal(a_request(1))
    await record.cancel()

    async with a_worker(record, fakes):
        await assert_cancelled(record)

    assert given_back(fakes) == [a_request(1)]
    assert fakes.persisted == []
