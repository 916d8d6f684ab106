"""The batch road from approval to score, and back from whatever happens to a batch on its way."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from objects import FARMER, wide_roads
from postgres_sessions import claim_for_batches
from relay.relay import Relay
from relay.signals import Answer, SignalSender
from scoring.batch_messages import BatchGroup, BatchScoring
from scoring.names import score_batch_workflow_id
from store.batches import Batch
from temporal_fakes.activities import PATIENCE_SECONDS
from temporal_fakes.plugins import installed_services
from temporal_fakes.registered import THREE_QUICK_ATTEMPTS, Farmers, a_register_of_farmers, until

HISTORY = "SELECT count(*) FROM g2p_register_score_history"
BATCHES_ONLY = wide_roads(max_open_records=0)
COMPLETED = {"FSF_SCORE": "COMPLETED", "PMT_SCORE": "COMPLETED"}
RUNS = "WorkflowType = 'ScoreRecordWorkflow' AND WorkflowId STARTS_WITH 'score-record:{register_id}:'"
NO_HOUSEHOLD = {"name": "B", "income": 5000, "assets": {"land_area": 2.1}}


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[None]:
    """Run the relay."""
    running = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        relay.stop()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await running


async def a_batch(farmers: Farmers, lease: timedelta = timedelta(hours=1)) -> Batch:
    """A batch of what is due, as a relay has claimed it."""
    async with farmers.sessions.begin() as session:
        [batch] = await claim_for_batches(session, BATCHES_ONLY, lease)
    return batch


def run_of(farmers: Farmers, batch: Batch) -> WorkflowHandle[object, object]:
    """The batch's latest run."""
    return farmers.client.get_workflow_handle(score_batch_workflow_id(farmers.register_id, batch.batch_id))


async def record_runs(farmers: Farmers) -> int:
    """How many runs of records there were."""
    return (await farmers.client.count_workflows(RUNS.format(register_id=farmers.register_id))).count


async def test_what_is_due_is_scored_in_a_batch_without_a_run_for_any_record(farmers: Farmers, worker: None) -> None:
    del worker
    records = [await farmers.approve() for _ in range(20)]

    async with relaying(farmers.relay(limits=BATCHES_ONLY)):
        for record in records:
            await farmers.until_statuses(record, **COMPLETED)

    assert await farmers.execute(HISTORY) == 2 * len(records)
    assert await record_runs(farmers) == 0


async def test_what_finds_no_room_for_a_run_of_its_own_goes_by_batch_beside_the_runs_there_are(
    farmers: Farmers, worker: None, tmp_path: Path
) -> None:
    del worker
    with installed_services(tmp_path, {"SLOW_SCORE": "await asyncio.sleep(3600); return 1.0"}):
        slow = await a_register_of_farmers(farmers.database_url, farmers.sessions, farmers.client)
        await slow.define("SLOW_SCORE", contributing_attributes=("income",), score_config={})
        relay = farmers.relay(limits=wide_roads(max_open_records=1))
        on_the_road = await slow.approve()
        await relay.tick()
        await slow.until_statuses(on_the_road, SLOW_SCORE="PROCESSING")

        records = [await farmers.approve() for _ in range(20)]
        async with relaying(relay):
            for record in records:
                await farmers.until_statuses(record, **COMPLETED)

        await slow.run_of(on_the_road).terminate()
    assert await record_runs(farmers) == 0


async def test_a_failure_for_good_is_failed_straight_from_the_batch(farmers: Farmers, worker: None) -> None:
    del worker
    record = await farmers.approve(NO_HOUSEHOLD)

    async with relaying(farmers.relay(limits=BATCHES_ONLY)):
        await farmers.until_statuses(record, FSF_SCORE="FAILED", PMT_SCORE="COMPLETED")

    failed = (await farmers.requests(record))["FSF_SCORE"]
    assert failed.compute_latest_error_code == "ScoreInputError"
    assert "household.member_count" in (failed.compute_latest_error_message or "")


@pytest.mark.parametrize(
    ("body", "error_code"),
    [
        pytest.param("raise KeyError(values['income'])", "KeyError", id="it raises"),
        pytest.param("raise asyncio.CancelledError()", "CancelledError", id="it cancels itself"),
        pytest.param("return 'x'", "ScoreResultError", id="it returns text"),
        pytest.param("return float('nan')", "ScoreResultError", id="it returns NaN"),
        pytest.param("raise ScoreInputError('\\ud800 \\x00' * 3_000_000)", "ScoreInputError", id="it has odd words"),
    ],
)
async def test_i6_i7_i9_what_a_poisonous_service_makes_of_a_batch_ends_as_failed_and_holds_up_no_other(
    farmers: Farmers, worker: None, tmp_path: Path, body: str, error_code: str
) -> None:
    del worker
    with installed_services(tmp_path, {"ODD_SCORE": body}):
        await farmers.define("ODD_SCORE", contributing_attributes=("income",), score_config={})
        record = await farmers.approve(FARMER | {"income": 987654321})
        await farmers.relay(limits=BATCHES_ONLY).tick()
        await until(lambda: has_left_the_batch(farmers, record))
        async with relaying(farmers.relay()):
            await farmers.until_statuses(record, ODD_SCORE="FAILED", **COMPLETED)

    failed = (await farmers.requests(record))["ODD_SCORE"]
    assert failed.compute_latest_error_code == error_code
    assert "987654321" not in (failed.compute_latest_error_message or "")


async def has_left_the_batch(farmers: Farmers, record: str) -> bool:
    return all(request.batch_id is None for request in (await farmers.requests(record)).values())


async def test_i6_a_slow_score_type_holds_up_no_other_of_its_batch(
    farmers: Farmers, worker: None, tmp_path: Path
) -> None:
    del worker
    with installed_services(tmp_path, {"SLOW_SCORE": "await asyncio.sleep(3600); return 1.0"}):
        await farmers.define("SLOW_SCORE", contributing_attributes=("income",), score_config={})
        record = await farmers.approve()
        await farmers.relay(limits=BATCHES_ONLY).tick()

        await farmers.until_statuses(record, SLOW_SCORE="PROCESSING", **COMPLETED)


async def test_i1_a_batch_whose_run_was_terminated_is_started_again(farmers: Farmers) -> None:
    record = await farmers.approve()
    batch = await a_batch(farmers)
    await farmers.sender().start(batch)  # no worker yet
    terminated = (await run_of(farmers, batch).describe()).run_id
    await run_of(farmers, batch).terminate()
    await farmers.execute("UPDATE g2p_score_compute_batches SET start_after = now()")

    await farmers.relay(limits=BATCHES_ONLY).tick()

    again = await run_of(farmers, batch).describe()
    assert again.run_id != terminated
    assert again.status is WorkflowExecutionStatus.RUNNING
    assert {request.batch_id for request in (await farmers.requests(record)).values()} == {batch.batch_id}


async def test_i1_i5_a_relay_that_dies_before_the_start_is_made_up_for_with_the_same_batch(
    farmers: Farmers, worker: None
) -> None:
    del worker
    record = await farmers.approve()
    batch = await a_batch(farmers, lease=timedelta(0))  # this relay is no more

    await farmers.relay(limits=BATCHES_ONLY).tick()
    await farmers.until_statuses(record, **COMPLETED)

    await run_of(farmers, batch).result()
    assert [len(await farmers.history(record, score_type)) for score_type in COMPLETED] == [1, 1]


async def test_i5_starting_a_batch_again_changes_nothing(farmers: Farmers, worker: None) -> None:
    del worker
    record = await farmers.approve()
    batch = await a_batch(farmers)

    answers = [await farmers.sender().start(batch) for _ in range(2)]
    await farmers.until_statuses(record, **COMPLETED)
    await run_of(farmers, batch).result()
    answers.append(await farmers.sender().start(batch))
    await run_of(farmers, batch).result()

    assert set(answers) == {Answer.ACCEPTED}
    assert [len(await farmers.history(record, score_type)) for score_type in COMPLETED] == [1, 1]


async def test_a_batch_with_many_score_types_is_started_all_the_same(farmers: Farmers) -> None:
    batch = Batch("a batch", farmers.register_id, [f"A_SCORE_WITH_A_NAME_OF_SOME_LENGTH_{one:03}" for one in range(60)])

    assert await farmers.sender().start(batch) is Answer.ACCEPTED
    await run_of(farmers, batch).terminate()


@pytest.mark.parametrize("locally", [True, False])
async def test_i6_what_no_service_of_the_relays_serves_goes_by_itself_in_an_ordinary_activity(
    farmers: Farmers, *, locally: bool
) -> None:
    batch = Batch("a batch", farmers.register_id, ["FSF_SCORE", "NOBODY_SERVES_IT", "PMT_SCORE"])
    sender = SignalSender(farmers.client, THREE_QUICK_ATTEMPTS, locally=locally)

    await sender.start(batch)

    started = (await run_of(farmers, batch).fetch_history()).events[0].workflow_execution_started_event_attributes
    [scoring] = await farmers.client.data_converter.decode(started.input.payloads, [BatchScoring])
    await run_of(farmers, batch).terminate()
    assert scoring.groups == [BatchGroup(["FSF_SCORE", "PMT_SCORE"], locally), BatchGroup(["NOBODY_SERVES_IT"])]


async def test_i1_a_batch_that_is_cancelled_gives_its_rows_back(farmers: Farmers, worker: None, tmp_path: Path) -> None:
    del worker
    with installed_services(tmp_path, {"SLOW_SCORE": "await asyncio.sleep(3600); return 1.0"}):
        await farmers.define("SLOW_SCORE", contributing_attributes=("income",), score_config={})
        record = await farmers.approve()
        batch = await a_batch(farmers)
        await farmers.sender().start(batch)
        await farmers.until_statuses(record, SLOW_SCORE="PROCESSING", **COMPLETED)

        await run_of(farmers, batch).cancel()

        await farmers.until_statuses(record, SLOW_SCORE="PENDING", **COMPLETED)
    assert await has_left_the_batch(farmers, record)


async def test_a_batchs_history_tells_of_no_record_and_of_no_value(farmers: Farmers, worker: None) -> None:
    del worker
    record = await farmers.approve(FARMER | {"income": 987654321})
    batch = await a_batch(farmers)
    await farmers.sender().start(batch)
    await run_of(farmers, batch).result()

    history = (await run_of(farmers, batch).fetch_history()).to_json()

    assert "formula_version" in readable(history)
    for told in (record, "987654321"):
        assert told not in readable(history)


def readable(history: str) -> str:
    """The history with its payloads, which JSON holds in base64."""
    return history + "".join(
        base64.b64decode(data).decode(errors="replace") for data in re.findall(r'"data": ?"([^"]*)"', history)
    )


async def test_two_relays_at_once_score_everything_once_by_batches(farmers: Farmers, worker: None) -> None:
    del worker
    limits = wide_roads(max_open_records=0, batch_size=7)
    async with relaying(farmers.relay(limits=limits)), relaying(farmers.relay(limits=limits)):
        records = [await farmers.approve() for _ in range(40)]
        for record in records:
            await farmers.until_statuses(record, **COMPLETED)

    assert await farmers.execute(HISTORY) == 2 * len(records)
