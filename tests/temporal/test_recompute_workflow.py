"""RecomputeRegisterWorkflow: its branches, on scripted steps."""

from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from scoring.recompute_messages import RecomputationChange
from temporal_fakes.recompute_scenarios import (
    ALL,
    AT_A_RATE,
    DONE,
    PAGE,
    PAUSED,
    ScriptedSteps,
    a_run,
)
from temporal_fakes.runs import counted


async def test_what_is_left_to_do_decides_the_next_step(temporal: Client) -> None:
    steps = ScriptedSteps(PAGE, ALL, ALL, DONE)

    async with a_run(temporal, steps) as run:
        result = await run.result()

    assert steps.taken == ["request_page", "request_page", "complete_recomputation", "complete_recomputation"]
    assert result.status == "COMPLETED"


async def test_six_events_a_page_and_eleven_with_its_timer(temporal: Client) -> None:
    async with a_run(temporal, ScriptedSteps(*[PAGE] * 10, DONE)) as run:
        await run.result()
        ten = counted((await run.fetch_history()).events).total()
    async with a_run(temporal, ScriptedSteps(*[AT_A_RATE] * 10, DONE)) as run:
        await run.result()
        ten_at_a_rate = counted((await run.fetch_history()).events).total()

    # one step more for the end; the start, the first task and the end besides
    assert (ten, ten_at_a_rate) == (11 * 6 + 5, 10 * 11 + 6 + 5)


async def test_a_failure_ends_as_failed_with_its_reason_and_not_the_run(temporal: Client) -> None:
    disabled = ApplicationError("PMT_SCORE was disabled", type="ScoreDefinitionDisabled", non_retryable=True)
    steps = ScriptedSteps(PAGE, disabled)

    async with a_run(temporal, steps) as run:
        result = await run.result()

    assert (result.status, result.reason) == ("FAILED", "PMT_SCORE was disabled")
    assert [change.status for change in steps.changes] == ["FAILED"]


async def test_a_signal_that_comes_while_it_is_paused_is_done_and_lost_by_no_continue_as_new(temporal: Client) -> None:
    steps = ScriptedSteps(PAGE, PAUSED, PAUSED, DONE)

    async with a_run(temporal, steps, steps_a_run=1) as run:
        await steps.until_taken(2)
        await run.signal("look_again")
        await steps.until_taken(3)
        await run.signal("resume")
        result = await run.result()

    assert result.status == "COMPLETED"
    assert steps.changes == [RecomputationChange(run.id.split(":")[1], "PMT_SCORE", "RUNNING")]
