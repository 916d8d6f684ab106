"""Runs that between them take every branch of ScoreRecordWorkflow; each returns the history of one run."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from temporalio.client import Client, WorkflowHistory
from temporalio.exceptions import ApplicationError

from objects import a_request
from scoring.debounce import DebouncePolicy
from temporal_fakes.activities import FakeActivities, failing, failing_times, held_by
from temporal_fakes.runs import IMPATIENT, a_record

Scenario: TypeAlias = Callable[[Client], Awaitable[WorkflowHistory]]

A_MOMENT = DebouncePolicy(0.5, 0.5)
A_LONGER_MOMENT = DebouncePolicy(1, 1)
AN_HOUR = DebouncePolicy(3600, 3600)
SOON_CUT = DebouncePolicy(1, 1.5)
HOURS_BETWEEN_ATTEMPTS = replace(IMPATIENT, initial_interval=3600, maximum_interval=3600)


async def single(client: Client) -> WorkflowHistory:
    """Two score types, no window."""
    async with a_record(client, FakeActivities()) as record:
        await record.signal(a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE"))
        await record.ended()
        return await record.history()


async def burst(client: Client) -> WorkflowHistory:
    """Signals that wait out windows of different lengths, some of them old or unreadable."""
    async with a_record(client, FakeActivities()) as record:
        await record.signal(a_request(1, debounce=A_LONGER_MOMENT))
        await record.signal(a_request(3, debounce=A_LONGER_MOMENT), a_request(4, "FSF_SCORE", debounce=A_MOMENT))
        await record.signal(a_request(2, debounce=A_LONGER_MOMENT))
        await record.signal_raw("unreadable")
        await record.ended()
        return await record.history()


async def max_wait(client: Client) -> WorkflowHistory:
    """Signals that never leave the record quiet: it is computed all the same, and what comes later apart from it."""
    fakes, sequence = FakeActivities(), 1
    fakes.may_persist.clear()
    async with a_record(client, fakes) as record:
        while not fakes.tried:
            await record.signal(a_request(sequence, debounce=SOON_CUT))
            await asyncio.sleep(0.2)
            sequence += 1
        await record.signal(a_request(sequence, debounce=A_MOMENT))
        fakes.may_persist.set()
        await record.ended()
        return await record.history()


async def signal_during_compute(client: Client) -> WorkflowHistory:
    """Two rounds: what comes in during a computation is computed after it."""
    fakes, gate = FakeActivities(), asyncio.Event()
    fakes.serve("PMT_SCORE", held_by(gate))
    async with a_record(client, fakes) as record:
        await record.signal(a_request(1))
        await fakes.until(lambda: fakes.tries() == [1])
        await record.signal(a_request(2), a_request(3, "FSF_SCORE"))
        gate.set()
        await record.ended()
        return await record.history()


async def retries_that_succeed(client: Client) -> WorkflowHistory:
    """A score type that another one does not wait for."""
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing_times(2))
    async with a_record(client, fakes) as record:
        await record.signal(a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE", debounce=A_MOMENT))
        await record.ended()
        return await record.history()


async def retries_that_are_overtaken(client: Client) -> WorkflowHistory:
    """A newer request while an older one waits for its next attempt."""
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing_times(2))
    async with a_record(client, fakes, HOURS_BETWEEN_ATTEMPTS) as record:
        await record.signal(a_request(1))
        await fakes.until(lambda: fakes.tries() == [1, 1])
        await record.signal(a_request(2))
        await record.ended()
        return await record.history()


async def one_type_failing(client: Client) -> WorkflowHistory:
    """One fails however often it is tried, the other is stored meanwhile."""
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing())
    async with a_record(client, fakes) as record:
        await record.signal(a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE"))
        await record.ended()
        return await record.history()


async def failures(client: Client) -> WorkflowHistory:
    """One that no retry mends, one that retries do not mend."""
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing(ApplicationError("income is missing", type="ScoreInputError", non_retryable=True)))
    fakes.serve("FSF_SCORE", failing())
    async with a_record(client, fakes) as record:
        await record.signal(a_request(1, "PMT_SCORE"), a_request(2, "FSF_SCORE"))
        await record.ended()
        return await record.history()


async def computed_locally(client: Client) -> WorkflowHistory:
    """Arithmetic beside what is none; one fails for now, one for good."""
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing_times(1))
    fakes.serve("FAILS", failing(ApplicationError("income is missing", type="ScoreInputError", non_retryable=True)))
    async with a_record(client, fakes) as record:
        await record.signal(
            a_request(1, "PMT_SCORE", instantaneous=True),
            a_request(2, "FAILS", instantaneous=True),
            a_request(3, "FSF_SCORE", instantaneous=True),
            a_request(4, "AWAITS"),
        )
        await record.ended()
        return await record.history()


async def signal_during_local_compute(client: Client) -> WorkflowHistory:
    """Arithmetic that a signal comes into: the server hands it over when the workflow task ends."""
    fakes, gate = FakeActivities(), asyncio.Event()
    fakes.serve("PMT_SCORE", held_by(gate))
    async with a_record(client, fakes) as record:
        await record.signal(a_request(1, instantaneous=True))
        await fakes.until(lambda: fakes.tries() == [1])
        await record.signal(a_request(2, instantaneous=True))
        gate.set()
        await record.ended()
        return await record.history()


async def cancel_during_local_compute(client: Client) -> WorkflowHistory:
    """Arithmetic that is given up in the middle."""
    fakes = FakeActivities()
    fakes.serve("HANGS", held_by(asyncio.Event()))
    async with a_record(client, fakes) as record:
        await record.signal(a_request(1, "HANGS", instantaneous=True))
        await fakes.until(lambda: fakes.tries("HANGS") == [1])
        await record.cancel()
        await record.until_history(lambda events: events["WORKFLOW_EXECUTION_CANCELED"] == 1)
        return await record.history()


async def cancel(client: Client) -> WorkflowHistory:
    """With requests that wait, that are computed and that are in retries."""
    fakes = FakeActivities()
    fakes.serve("FAILS", failing())
    fakes.serve("HANGS", held_by(asyncio.Event()))
    async with a_record(client, fakes, HOURS_BETWEEN_ATTEMPTS) as record:
        await record.signal(a_request(1, "FAILS"))
        await fakes.until(lambda: fakes.tries("FAILS") == [1, 1])
        await record.signal(a_request(2, "HANGS"), a_request(3, "WAITS", debounce=AN_HOUR))
        await fakes.until(lambda: fakes.tries("HANGS") == [2])
        await record.cancel()
        await record.until_history(lambda events: events["WORKFLOW_EXECUTION_CANCELED"] == 1)
        return await record.history()


async def continue_as_new(client: Client) -> WorkflowHistory:
    """For a server that suggests it early: a run that waits and has a score in retries."""
    fakes = FakeActivities()
    fakes.serve("FAILS", failing())
    async with a_record(client, fakes, HOURS_BETWEEN_ATTEMPTS) as record:
        await record.signal(a_request(1, "FAILS"), a_request(2, "WAITS", debounce=AN_HOUR))
        await fakes.until(lambda: fakes.tries("FAILS") == [1, 1])
        first = await record.history()
        sequence = 3
        while (await record.history()).run_id == first.run_id:
            await record.signal(a_request(sequence, "WAITS", debounce=AN_HOUR))
            await record.until_settled()
            sequence += 1
        await record.cancel()
        return await record.history(first.run_id)


SCENARIOS: Mapping[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        single,
        burst,
        max_wait,
        signal_during_compute,
        one_type_failing,
        failures,
        retries_that_succeed,
        retries_that_are_overtaken,
        computed_locally,
        signal_during_local_compute,
        cancel,
        cancel_during_local_compute,
        continue_as_new,
    )
}
