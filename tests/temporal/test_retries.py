"""Failing computations: they hold up nobody (I6), and end with a reason (I7)."""

import asyncio
from dataclasses import replace

from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from objects import a_request
from scoring.debounce import DebouncePolicy
from scoring.messages import FailedScore, ScoreRequest
from temporal_fakes.activities import FakeActivities, Service, failing, failing_for, failing_times, held_by
from temporal_fakes.runs import IMPATIENT, NEVER_TIRED, a_record

AN_HOUR = 3600.0
HOURS_BETWEEN_ATTEMPTS = replace(IMPATIENT, initial_interval=AN_HOUR, maximum_interval=AN_HOUR)


async def test_i6_a_score_type_that_fails_again_and_again_holds_up_no_other(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing_for(sequence=1))

    async with a_record(temporal, fakes, NEVER_TIRED) as record:
        await record.signal(a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE"))
        await fakes.until(lambda: fakes.sequences("FSF_SCORE") == [2])
        tries_by_then = len(fakes.tries("PMT_SCORE"))
        await fakes.until(lambda: len(fakes.tries("PMT_SCORE")) > tries_by_then + 2)
        await record.signal(a_request(3, "FSF_SCORE"))
        await fakes.until(lambda: fakes.sequences("FSF_SCORE") == [2, 3])
        await record.signal(a_request(4, "PMT_SCORE"))
        await record.ended()

    assert fakes.sequences("PMT_SCORE") == [4]
    assert fakes.failed == []


async def test_i6_a_score_type_between_its_attempts_holds_up_nobody(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing_for(sequence=1))

    async with a_record(temporal, fakes, HOURS_BETWEEN_ATTEMPTS) as record:
        await record.signal(a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE"))
        await fakes.until(lambda: fakes.tries("PMT_SCORE") == [1, 1])  # the third comes in an hour
        await record.signal(a_request(3, "FSF_SCORE"))
        await fakes.until(lambda: fakes.sequences("FSF_SCORE") == [2, 3])
        await record.signal(a_request(4, "PMT_SCORE"))
        await record.ended()

    assert fakes.tries("PMT_SCORE") == [1, 1, 4]
    assert fakes.sequences("PMT_SCORE") == [4]


async def test_i6_a_newer_request_overtakes_an_attempt_under_way_whose_result_is_never_persisted(
    temporal: Client,
) -> None:
    fakes, gate = FakeActivities(), asyncio.Event()
    fakes.serve("PMT_SCORE", fails_then_waits(gate))

    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1))
        await fakes.until(lambda: fakes.tries() == [1, 1])
        await record.signal(a_request(2))
        await fakes.until(lambda: fakes.sequences() == [2])
        gate.set()
        await record.ended()

    assert fakes.sequences() == [2]
    assert fakes.failed == []


def fails_then_waits(gate: asyncio.Event) -> Service:
    """Serve a newer request at once, the first one at its second attempt and when the gate opens."""
    fail_once, wait = failing_times(1), held_by(gate)

    async def serve(request: ScoreRequest) -> float:
        if request.sequence == 1:
            await fail_once(request)
            await wait(request)
        return float(request.sequence)

    return serve


async def test_a_score_that_succeeds_at_a_later_attempt_is_persisted(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing_times(2))

    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1))
        await record.ended()

    assert fakes.tries() == [1, 1, 1]
    assert fakes.sequences() == [1]


async def test_retries_that_end_are_persisted_while_another_score_type_waits_out_its_window(
    time_skipping: WorkflowEnvironment,
) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing_times(1))
    window = DebouncePolicy(300, 300)

    async with a_record(time_skipping.client, fakes) as record:
        await record.signal(a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE", debounce=window))
        await fakes.until(lambda: fakes.sequences("PMT_SCORE") == [1])
        fsf_by_then = fakes.tries("FSF_SCORE")
        await record.ended()

    assert fsf_by_then == []
    assert fakes.sequences("FSF_SCORE") == [2]


async def test_i7_a_computation_that_keeps_failing_ends_as_failed_with_the_reason(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing())

    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1))
        await record.ended()

    assert fakes.tries() == [1, 1, 1]
    assert fakes.failed == [FailedScore(a_request(1), "ServiceAway", "no answer for PMT_SCORE")]
    assert fakes.computed == []


async def test_i7_a_failure_that_no_retry_mends_is_final_at_once(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing(ApplicationError("income is missing", type="ScoreInputError", non_retryable=True)))

    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE"))
        await record.ended()

    assert fakes.tries("PMT_SCORE") == [1]
    assert fakes.failed == [FailedScore(a_request(1), "ScoreInputError", "income is missing")]
    assert fakes.sequences("FSF_SCORE") == [2]
    assert len(fakes.persisted) == 1


async def test_i7_with_one_attempt_allowed_the_first_failure_is_final(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing())

    async with a_record(temporal, fakes, replace(IMPATIENT, maximum_attempts=1)) as record:
        await record.signal(a_request(1))
        await record.ended()

    assert fakes.tries() == [1]
    assert [failure.error_code for failure in fakes.failed] == ["ServiceAway"]


async def test_i7_a_score_type_that_failed_can_be_asked_for_again(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing_for(sequence=1))

    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1))
        await record.ended()
        await record.signal(a_request(2))
        await record.ended()

    assert [failure.request.sequence for failure in fakes.failed] == [1]
    assert fakes.sequences() == [2]


async def test_i9_computations_that_never_return_are_cut_and_end_as_failed(temporal: Client) -> None:
    # on the development server: no time is skipped while an activity runs
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", held_by(asyncio.Event()))

    async with a_record(temporal, fakes, replace(IMPATIENT, timeout=0.1, maximum_attempts=2)) as record:
        await record.signal(a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE"))
        await record.ended()

    assert fakes.tries("PMT_SCORE") == [1, 1]
    assert fakes.failed == [
        FailedScore(a_request(1), "TimeoutError", "the computation of PMT_SCORE ended with TimeoutError")
    ]
    assert fakes.sequences("FSF_SCORE") == [2]
