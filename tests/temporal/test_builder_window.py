"""The Builder Score's five minutes on the server's clock, as the migrated definition has them: one recalculation each.

Times are the server's: when it took a signal in, when it scheduled a computation.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.testing import WorkflowEnvironment

from builders.register import BUILDERS
from objects import a_request
from scoring.debounce import DebouncePolicy
from store.database import Session
from store.definition_tables import G2PRegisterScoreDefinition
from store.definitions import to_debounce
from temporal_fakes.activities import FakeActivities, held_by
from temporal_fakes.runs import RecordRuns, a_record

WINDOW = timedelta(minutes=5)
SLACK = timedelta(seconds=20)
"""The server's clock also runs by itself while nothing skips it."""


@pytest.fixture
async def policy(session: Session) -> DebouncePolicy:
    """BUILDER_SCORE's."""
    of_builders = select(G2PRegisterScoreDefinition.debounce).where(G2PRegisterScoreDefinition.register_id == BUILDERS)
    return to_debounce((await session.execute(of_builders)).scalar_one())


@pytest.fixture
def fakes() -> FakeActivities:
    return FakeActivities()


@pytest.fixture
async def record(time_skipping: WorkflowEnvironment, fakes: FakeActivities) -> AsyncIterator[RecordRuns]:
    async with a_record(time_skipping.client, fakes) as record:
        yield record


async def trigger(record: RecordRuns, sequence: int, policy: DebouncePolicy) -> str:
    """Signal what an event asks for, and wait until it is taken in; returns the run that has it."""
    await record.signal(a_request(sequence, debounce=policy))
    await record.until_settled()
    assert record.latest is not None
    assert record.latest.result_run_id is not None
    return record.latest.result_run_id


async def times(record: RecordRuns, run_ids: Iterable[str]) -> tuple[list[datetime], list[datetime]]:
    """When these runs were triggered, and when they computed."""
    events = await events_of(record, run_ids)
    triggered = [at(event) for event in events if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED]
    return triggered, times_of(events, "compute_score")


async def events_of(record: RecordRuns, run_ids: Iterable[str]) -> list[HistoryEvent]:
    """What happened in these runs."""
    return [event for run_id in run_ids for event in (await record.history(run_id)).events]


def times_of(events: Iterable[HistoryEvent], activity: str) -> list[datetime]:
    """When the activity was scheduled."""
    return [
        at(event) for event in events if event.activity_task_scheduled_event_attributes.activity_type.name == activity
    ]


def at(event: HistoryEvent) -> datetime:
    """When it happened."""
    time: datetime = event.event_time.ToDatetime()
    return time


def expected(triggered: list[datetime]) -> list[datetime]:
    """When a fixed window makes scores due: it begins with the first trigger after the one before has ended."""
    due: list[datetime] = []
    for time in triggered:
        if not due or time > due[-1]:
            due.append(time + WINDOW)
    return due


async def test_triggers_throughout_a_window_give_one_recalculation_when_it_closes_and_later_ones_the_next(
    record: RecordRuns, fakes: FakeActivities, time_skipping: WorkflowEnvironment, policy: DebouncePolicy
) -> None:
    run_ids: dict[str, None] = {}
    for series in (1, 11):
        for sequence in range(series, series + 5):
            run_ids[await trigger(record, sequence, policy)] = None
            await time_skipping.sleep(timedelta(seconds=55))
        await record.ended()

    triggered, computed = await times(record, run_ids)
    assert fakes.tries() == [5, 15]
    assert triggered[0] + WINDOW <= computed[0] <= triggered[0] + WINDOW + SLACK
    assert triggered[5] + WINDOW <= computed[1] <= triggered[5] + WINDOW + SLACK


async def test_what_comes_while_a_score_is_computed_waits_a_window_from_when_that_is_stored(
    record: RecordRuns, fakes: FakeActivities, time_skipping: WorkflowEnvironment, policy: DebouncePolicy
) -> None:
    may_compute = asyncio.Event()
    fakes.serve("PMT_SCORE", held_by(may_compute))
    await record.signal(a_request(1, debounce=policy, pending_for=300))
    await fakes.until(lambda: fakes.tries() == [1])
    run_id = await trigger(record, 2, policy)
    await time_skipping.sleep(timedelta(seconds=20))
    may_compute.set()
    await record.ended()

    events = await events_of(record, [run_id])
    [stored_at, _] = times_of(events, "persist_scores")
    [_, computed_at] = times_of(events, "compute_score")
    assert WINDOW <= computed_at - stored_at <= WINDOW + SLACK


@pytest.mark.parametrize("seed", [1, 2])
async def test_over_a_long_series_no_two_recalculations_come_within_five_minutes(
    record: RecordRuns, fakes: FakeActivities, time_skipping: WorkflowEnvironment, policy: DebouncePolicy, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a series to repeat, not a secret
    run_ids: dict[str, None] = {}
    for sequence in range(1, 31):
        run_ids[await trigger(record, sequence, policy)] = None
        await time_skipping.sleep(timedelta(seconds=chance.choice((1, 20, 90, 200, 320, 900))))
    await record.ended()

    triggered, computed = await times(record, run_ids)
    assert len(triggered) == 30
    assert len(computed) > 5
    assert all(later - earlier >= WINDOW for earlier, later in pairwise(computed))
    late = [time - due for due, time in zip(expected(triggered), computed, strict=True)]
    assert all(timedelta(0) <= lateness <= SLACK for lateness in late)
    assert fakes.tries()[-1] == 30
