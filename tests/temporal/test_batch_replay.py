"""ScoreBatchWorkflow: every branch on scripted activities, replayed right away and from recorded histories."""

from pathlib import Path

import pytest
from temporalio.client import Client

from scoring.batch_messages import BatchGivenBack
from steadyscore.replay import read_history, replay_failure
from temporal_fakes.batch_scenarios import (
    ARITHMETIC,
    AWAITING,
    BATCH_HISTORIES,
    FAILS_FOR_GOOD,
    FAILS_FOR_NOW,
    SCENARIOS,
    Scenario,
    ScriptedBatch,
    a_batch_run,
)
from temporal_fakes.record import IDENTITY
from temporal_fakes.runs import WORKER_IDENTITY, counted

RECORDED = sorted(BATCH_HISTORIES.glob("*.json"))


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
async def test_a_run_can_be_replayed_right_after_it_was_made(temporal: Client, scenario: Scenario) -> None:
    history = await scenario(temporal)

    assert await replay_failure(history) is None


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
async def test_todays_code_fits_a_recorded_history(file: Path) -> None:
    history = read_history(file)

    assert await replay_failure(history) is None


def test_there_is_a_recorded_history_of_every_branch() -> None:
    assert {file.stem for file in RECORDED} == SCENARIOS.keys()


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
def test_a_recorded_history_tells_nothing_of_the_machine_where_it_was_made(file: Path) -> None:
    identities = {line.split(": ", 1)[1].strip(',"') for line in file.read_text().splitlines() if '"identity"' in line}

    assert identities <= {IDENTITY, WORKER_IDENTITY, "history-service"}
    assert "stackTrace" not in file.read_text()


async def test_arithmetic_is_one_local_activity_and_one_that_persists(temporal: Client) -> None:
    batch = ScriptedBatch()

    async with a_batch_run(temporal, batch, ARITHMETIC) as run:
        await run.result()
        events = counted((await run.fetch_history()).events)

    assert batch.computed == [("FSF_SCORE", True)]
    assert (events["MARKER_RECORDED"], events["ACTIVITY_TASK_SCHEDULED"], events.total()) == (1, 1, 12)


async def test_arithmetic_that_fails_is_tried_again_by_an_activity_of_its_own(temporal: Client) -> None:
    batch = ScriptedBatch(FSF_SCORE=[FAILS_FOR_NOW])

    async with a_batch_run(temporal, batch, ARITHMETIC) as run:
        await run.result()

    assert batch.computed == [("FSF_SCORE", True), ("FSF_SCORE", False)]
    assert len(batch.persisted) == 1


async def test_i6_a_group_that_cannot_be_computed_goes_to_the_record_road_and_holds_up_no_other(
    temporal: Client,
) -> None:
    batch = ScriptedBatch(AWAITS=[FAILS_FOR_GOOD])

    async with a_batch_run(temporal, batch, ARITHMETIC, AWAITING) as run:
        await run.result()

    batch_id = run.id.rsplit(":", 1)[1]
    assert batch.given_back == [BatchGivenBack(batch_id, ["AWAITS"], to_record_road=True)]
    assert len(batch.persisted) == 1
