"""Debouncing on the server's clock: windows are minutes long, the time-skipping server passes over them.

Times are the server's: an activity tells when it was scheduled.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from objects import a_request
from scoring.debounce import DebouncePolicy
from temporal_fakes.activities import FakeActivities
from temporal_fakes.runs import RecordRuns, a_record

BUILDER_WINDOW = DebouncePolicy(300, 300)
QUIET_MINUTE = DebouncePolicy(60, 600)
SLACK = timedelta(seconds=20)
"""The server's clock also runs by itself while nothing skips it."""


@pytest.fixture
def fakes() -> FakeActivities:
    return FakeActivities()


@pytest.fixture
async def record(time_skipping: WorkflowEnvironment, fakes: FakeActivities) -> AsyncIterator[RecordRuns]:
    async with a_record(time_skipping.client, fakes) as record:
        yield record


async def scheduled_after(record: RecordRuns) -> list[timedelta]:
    """How long after the run's start each computation was scheduled."""
    events = (await record.history()).events
    at = [
        event.event_time.ToDatetime()
        for event in events
        if event.activity_task_scheduled_event_attributes.activity_type.name == "compute_score"
    ]
    started: datetime = events[0].event_time.ToDatetime()
    return [time - started for time in at]


def is_about(measured: timedelta, seconds: float) -> bool:
    return timedelta(seconds=seconds) <= measured <= timedelta(seconds=seconds) + SLACK


async def test_a_fixed_window_of_300_seconds_is_one_timer(record: RecordRuns, fakes: FakeActivities) -> None:
    await record.signal(a_request(1, debounce=BUILDER_WINDOW))
    await record.ended()

    [computed_after] = await scheduled_after(record)
    assert is_about(computed_after, 300)
    assert (await record.events())["TIMER_STARTED"] == 1
    assert fakes.sequences() == [1]


async def test_signals_within_a_fixed_window_neither_move_it_nor_touch_its_timer(
    record: RecordRuns, fakes: FakeActivities, time_skipping: WorkflowEnvironment
) -> None:
    await record.signal(a_request(1, debounce=BUILDER_WINDOW))
    await record.until_settled()
    for sequence in (2, 3):
        await time_skipping.sleep(timedelta(seconds=100))
        await record.signal(a_request(sequence, debounce=BUILDER_WINDOW))
        await record.until_settled()
    await record.ended()

    [computed_after] = await scheduled_after(record)
    events = await record.events()
    assert is_about(computed_after, 300)
    assert (events["TIMER_STARTED"], events["TIMER_CANCELED"]) == (1, 0)
    assert fakes.tries() == fakes.sequences() == [3]


async def test_a_signal_extends_the_quiet_period(
    record: RecordRuns, fakes: FakeActivities, time_skipping: WorkflowEnvironment
) -> None:
    await record.signal(a_request(1, debounce=QUIET_MINUTE))
    await record.until_settled()
    await time_skipping.sleep(timedelta(seconds=40))
    await record.signal(a_request(2, debounce=QUIET_MINUTE))
    await record.until_settled()
    await record.ended()

    [computed_after] = await scheduled_after(record)
    events = await record.events()
    assert is_about(computed_after, 100)
    assert (events["TIMER_STARTED"], events["TIMER_CANCELED"]) == (2, 0)
    assert fakes.tries() == fakes.sequences() == [2]


async def test_signals_that_never_stop_are_cut_by_max_wait(
    record: RecordRuns, fakes: FakeActivities, time_skipping: WorkflowEnvironment
) -> None:
    policy = DebouncePolicy(60, 200)
    await record.signal(a_request(1, debounce=policy))
    await record.until_settled()
    for sequence in range(2, 6):
        await time_skipping.sleep(timedelta(seconds=40))
        await record.signal(a_request(sequence, debounce=policy))
        await record.until_settled()
    await record.ended()

    [computed_after] = await scheduled_after(record)
    assert is_about(computed_after, 200)
    assert fakes.tries() == fakes.sequences() == [5]


async def test_score_types_with_different_windows_are_each_computed_in_their_own_time(
    record: RecordRuns, fakes: FakeActivities
) -> None:
    await record.signal(
        a_request(1, "PMT_SCORE", debounce=BUILDER_WINDOW),
        a_request(2, "FSF_SCORE", debounce=QUIET_MINUTE),
    )
    await record.ended()

    fsf_after, pmt_after = await scheduled_after(record)
    assert is_about(fsf_after, 60)
    assert is_about(pmt_after, 300)
    assert [score.request.score_type for score in fakes.computed] == ["FSF_SCORE", "PMT_SCORE"]
    assert len(fakes.persisted) == 2


async def test_a_long_window_under_way_holds_up_no_request_with_a_shorter_one(
    record: RecordRuns, fakes: FakeActivities
) -> None:
    await record.signal(a_request(1, "PMT_SCORE", debounce=BUILDER_WINDOW))
    await record.until_settled()
    await record.signal(a_request(2, "FSF_SCORE", debounce=QUIET_MINUTE))
    await record.ended()

    fsf_after, pmt_after = await scheduled_after(record)
    assert is_about(fsf_after, 60)
    assert is_about(pmt_after, 300)
    assert [score.request.score_type for score in fakes.computed] == ["FSF_SCORE", "PMT_SCORE"]
