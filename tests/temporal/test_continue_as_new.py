"""A run that has taken 2,000 signals goes on as a new one, which knows all that the first one knew."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.history.v1 import WorkflowExecutionStartedEventAttributes
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.testing import WorkflowEnvironment

from objects import a_request, an_id
from scoring.debounce import DebouncePolicy
from scoring.messages import PendingScore, RecordScoring, ScoreRequest, ScoresRequested
from steadyscore.replay import replay_failure
from temporal_fakes.activities import FakeActivities, failing
from temporal_fakes.runs import IMPATIENT, RecordRuns, a_record, a_worker, counted
from workflows.score_record import MAX_SIGNALS

AN_HOUR = DebouncePolicy(3600, 3600)
HOURS_BETWEEN_ATTEMPTS = replace(IMPATIENT, initial_interval=3600, maximum_interval=3600)


@pytest.fixture
def fakes() -> FakeActivities:
    return FakeActivities()


async def signal_all(record: RecordRuns, requests: Sequence[ScoreRequest]) -> None:
    """Signal one by one, many at a time."""
    for some in (requests[start : start + 50] for start in range(0, len(requests), 50)):
        await asyncio.gather(*(record.signal(request) for request in some))


def start_of(history: WorkflowHistory) -> WorkflowExecutionStartedEventAttributes:
    return history.events[0].workflow_execution_started_event_attributes


async def input_of(history: WorkflowHistory) -> RecordScoring:
    """What the run started with."""
    [scoring] = await DataConverter.default.decode(start_of(history).input.payloads, [RecordScoring])
    assert isinstance(scoring, RecordScoring)
    return scoring


async def run_chain(record: RecordRuns) -> list[WorkflowHistory]:
    """The latest run's history and, before it, those that it continues."""
    histories = [await record.history()]
    while run_id := start_of(histories[0]).continued_execution_run_id:
        histories.insert(0, await record.history(run_id))
    return histories


async def test_no_signal_is_lost_while_a_run_continues_as_new(temporal: Client, fakes: FakeActivities) -> None:
    record = RecordRuns(temporal, an_id(), IMPATIENT)
    # none of the last ones makes up for the loss of another
    last = [a_request(sequence, f"TYPE_{sequence}", debounce=AN_HOUR) for sequence in range(1901, 2051)]
    await signal_all(record, [a_request(sequence, debounce=AN_HOUR) for sequence in range(1, 1901)])

    async with a_worker(record, fakes):
        await record.until_history(lambda events: events["TIMER_STARTED"] == 1)
        await signal_all(record, last)
        await record.until_history(lambda events: events["WORKFLOW_EXECUTION_SIGNALED"] < MAX_SIGNALS)
        first, second = await run_chain(record)
        await record.cancel()
        await fakes.until(lambda: bool(fakes.given_back))

    assert counted(first.events)["WORKFLOW_EXECUTION_SIGNALED"] >= MAX_SIGNALS
    assert counted(first.events)["WORKFLOW_EXECUTION_CONTINUED_AS_NEW"] == 1
    [given_back] = fakes.given_back
    assert given_back.requests == [a_request(1900, debounce=AN_HOUR), *last]
    assert [await replay_failure(history) for history in (first, second)] == [None, None]


async def test_the_continued_run_computes_the_highest_sequence_and_what_was_in_retries(
    temporal: Client, fakes: FakeActivities
) -> None:
    fakes.serve("PMT_SCORE", failing())

    async with a_record(temporal, fakes, HOURS_BETWEEN_ATTEMPTS) as record:
        await record.signal(a_request(1, "PMT_SCORE"))
        await fakes.until(lambda: fakes.tries("PMT_SCORE") == [1, 1])
        await record.until_settled()
    await signal_all(record, [a_request(sequence, "FSF_SCORE") for sequence in range(2, 2052)])
    async with a_worker(record, fakes):
        await fakes.until(lambda: fakes.sequences("FSF_SCORE") == [2051])
        await fakes.until(lambda: fakes.tries("PMT_SCORE") == [1, 1, 1, 1])
        first, second = await run_chain(record)
        await record.cancel()

    carried_over = await input_of(second)
    assert [score.request for score in carried_over.pending] == [
        a_request(2051, "FSF_SCORE"),
        a_request(1, "PMT_SCORE"),
    ]
    assert carried_over.taken == {"PMT_SCORE": 1}
    assert carried_over.taken_at.keys() == {"PMT_SCORE"}
    assert carried_over.compute_policy == HOURS_BETWEEN_ATTEMPTS
    assert fakes.tries("FSF_SCORE") == [2051]
    assert await replay_failure(first) is None


async def test_a_burst_that_spans_a_continued_run_is_still_cut_by_max_wait(
    time_skipping: WorkflowEnvironment, fakes: FakeActivities
) -> None:
    # so long that the seconds that 2,000 signals take do not count
    policy = DebouncePolicy(3000, 6000)

    async with a_record(time_skipping.client, fakes) as record:
        await record.signal(a_request(1, debounce=policy))
        await record.until_settled()
        await time_skipping.sleep(timedelta(seconds=2900))
        await signal_all(record, [a_request(2, debounce=policy)] * MAX_SIGNALS)
        await record.until_settled()
        await time_skipping.sleep(timedelta(seconds=2900))
        await record.signal(a_request(3, debounce=policy))
        await record.until_settled()
        await record.ended()
        first, second = await run_chain(record)

    [computed_at] = [
        event.event_time.ToDatetime()
        for event in second.events
        if event.activity_task_scheduled_event_attributes.activity_type.name == "compute_score"
    ]
    waited = computed_at - first.events[0].event_time.ToDatetime()
    assert timedelta(seconds=6000) <= waited <= timedelta(seconds=6100)
    assert fakes.tries() == fakes.sequences() == [3]


async def test_a_run_remembers_what_was_taken_before_it(temporal: Client, fakes: FakeActivities) -> None:
    now = datetime.now(UTC)
    waiting = PendingScore(a_request(6, debounce=AN_HOUR), now - timedelta(hours=1), now)

    async with a_record(temporal, fakes) as record:
        known = ScoresRequested([a_request(9, "FSF_SCORE")])
        await record.signal_raw(known, pending=[waiting], taken={"PMT_SCORE": 5, "FSF_SCORE": 9})
        await record.ended()

    assert [score.request for score in fakes.computed] == [waiting.request]
