"""ScoreBatchWorkflow: its branches, on scripted activities."""

from temporalio.client import Client

from scoring.batch_messages import BatchGivenBack
from temporal_fakes.batch_scenarios import (
    ARITHMETIC,
    AWAITING,
    FAILS_FOR_GOOD,
    FAILS_FOR_NOW,
    ScriptedBatch,
    a_batch_run,
)
from temporal_fakes.runs import counted


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
