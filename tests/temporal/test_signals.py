"""Signals: in whatever order, however often, at whatever moment, the highest sequence is computed."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from objects import a_request
from scoring.debounce import DebouncePolicy
from scoring.messages import ScoreRequest
from temporal_fakes.activities import FakeActivities, held_by
from temporal_fakes.runs import RecordRuns, a_record

FIVE_MINUTES = DebouncePolicy(300, 300)
AN_HOUR = DebouncePolicy(3600, 3600)


@pytest.fixture
def fakes() -> FakeActivities:
    return FakeActivities()


@pytest.fixture
async def record(temporal: Client, fakes: FakeActivities) -> AsyncIterator[RecordRuns]:
    async with a_record(temporal, fakes) as record:
        yield record


def shuffled(seed: int) -> list[int]:
    """Sequences 1 to 8, some of them twice, in an order that the seed decides."""
    order = random.Random(seed)  # noqa: S311 - no secret
    sequences = [*range(1, 9), *order.choices(range(1, 9), k=4)]
    order.shuffle(sequences)
    return sequences


async def test_a_burst_within_the_window_causes_one_computation_of_the_highest_sequence(
    time_skipping: WorkflowEnvironment, fakes: FakeActivities
) -> None:
    async with a_record(time_skipping.client, fakes) as record:
        for sequence in range(1, 26):
            await record.signal(a_request(sequence, debounce=FIVE_MINUTES))
        await record.ended()

    assert fakes.tries() == fakes.sequences() == [25]
    assert len(fakes.persisted) == 1


@pytest.mark.parametrize("seed", range(5))
async def test_i3_duplicated_and_reordered_signals_in_the_window_change_nothing(
    time_skipping: WorkflowEnvironment, fakes: FakeActivities, seed: int
) -> None:
    async with a_record(time_skipping.client, fakes) as record:
        for sequence in shuffled(seed):
            await record.signal(a_request(sequence, debounce=FIVE_MINUTES))
        await record.ended()

    assert fakes.tries() == fakes.sequences() == [8]
    assert [score.request for score in fakes.computed] == [a_request(8, debounce=FIVE_MINUTES)]


@pytest.mark.parametrize("seed", range(2))
async def test_i3_signals_delayed_beyond_their_computation_change_nothing(
    record: RecordRuns, fakes: FakeActivities, seed: int
) -> None:
    gate = asyncio.Event()
    fakes.serve("PMT_SCORE", held_by(gate))

    await record.signal(a_request(4))
    await fakes.until(lambda: fakes.tries() == [4])
    for sequence in shuffled(seed):
        await record.signal(a_request(sequence))
    gate.set()
    await record.ended()

    assert fakes.tries() == fakes.sequences() == [4, 8]


async def test_i3_signals_repeated_during_their_computation_change_nothing(
    record: RecordRuns, fakes: FakeActivities
) -> None:
    gate = asyncio.Event()
    fakes.serve("PMT_SCORE", held_by(gate))

    await record.signal(a_request(4))
    await fakes.until(lambda: fakes.tries() == [4])
    for sequence in (4, 2, 4):
        await record.signal(a_request(sequence))
    gate.set()
    await record.ended()

    assert fakes.tries() == fakes.sequences() == [4]


async def test_further_signals_in_the_window_cost_at_most_4_events_each_and_touch_no_timer(record: RecordRuns) -> None:
    await record.signal(a_request(1, debounce=AN_HOUR))
    await record.until_settled()
    before = await record.events()

    for sequence in range(2, 7):
        await record.signal(a_request(sequence, debounce=AN_HOUR))
        await record.until_settled()

    after = await record.events()
    assert after["WORKFLOW_EXECUTION_SIGNALED"] == 6
    assert after.total() - before.total() <= 5 * 4
    assert (after["TIMER_STARTED"], after["TIMER_CANCELED"]) == (1, 0)


async def test_signals_during_a_computation_wait_for_a_further_round(record: RecordRuns, fakes: FakeActivities) -> None:
    gate = asyncio.Event()
    fakes.serve("PMT_SCORE", held_by(gate))

    await record.signal(a_request(1, "PMT_SCORE"))
    await fakes.until(lambda: fakes.tries() == [1])
    await record.signal(a_request(2, "PMT_SCORE"), a_request(3, "FSF_SCORE"))
    await record.until_settled()
    tried_meanwhile = list(fakes.tried)
    gate.set()
    await record.ended()

    assert tried_meanwhile == [a_request(1, "PMT_SCORE")]
    rounds = [[score.request.sequence for score in outcomes.computed] for outcomes in fakes.persisted]
    assert rounds == [[1], [3, 2]]


async def test_signals_while_scores_are_persisted_wait_for_a_further_round(
    record: RecordRuns, fakes: FakeActivities
) -> None:
    fakes.may_persist.clear()

    await record.signal(a_request(1))
    await fakes.until(lambda: fakes.persisting == 1)
    await record.signal(a_request(2))
    await record.until_settled()
    tried_meanwhile = fakes.tries()
    fakes.may_persist.set()
    await record.ended()

    assert tried_meanwhile == [1]
    assert fakes.sequences() == [1, 2]


async def test_no_signal_is_lost_when_fifty_arrive_at_once(record: RecordRuns, fakes: FakeActivities) -> None:
    requests = of_score_types_of_their_own(50)

    await asyncio.gather(*(record.signal(request) for request in requests))

    await fakes.until(lambda: sequences(fakes) == list(range(1, 51)))


@pytest.mark.parametrize("attempt", range(2))
async def test_no_signal_is_lost_while_runs_complete(record: RecordRuns, fakes: FakeActivities, attempt: int) -> None:
    del attempt  # each attempt is another race
    for request in of_score_types_of_their_own(50):
        await record.signal(request)

    await fakes.until(lambda: sequences(fakes) == list(range(1, 51)))


def of_score_types_of_their_own(count: int) -> list[ScoreRequest]:
    """Requests none of which makes up for the loss of another."""
    return [a_request(sequence, f"TYPE_{sequence}") for sequence in range(1, count + 1)]


def sequences(fakes: FakeActivities) -> list[int]:
    """What was persisted, in order of the sequences."""
    return sorted(score.request.sequence for score in fakes.computed)


async def test_no_signal_is_lost_at_the_moment_of_completion(record: RecordRuns, fakes: FakeActivities) -> None:
    for sequence in range(1, 26):
        await record.signal(a_request(sequence))
        await fakes.until(lambda sequence=sequence: sequence in fakes.sequences())  # type: ignore[misc]
        # nothing is waited for: the run is about to complete, and each signal comes a little later than the last one
        await asyncio.sleep(0.001 * sequence)

    assert fakes.sequences() == list(range(1, 26))
