"""Encrypted runs: nothing readable on the server, keys that change and go missing, and forgeries."""

from collections import Counter

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from objects import a_request, an_id
from scoring.messages import ScoresRequested
from steadyscore.payload_codec import ENCODING, KEY_ID_FIELD
from steadyscore.payload_keys import NO_KEYS, KeyRing
from steadyscore.replay import replay_failure
from temporal_fakes.activities import FakeActivities, failing, failing_times
from temporal_fakes.connections import a_ring, with_ring
from temporal_fakes.runs import IMPATIENT, NEVER_TIRED, RecordRuns, a_record, a_worker

PLANTED = "planted-8a51f3"
WITH_PLANTED = {"income": 5000, "name": PLANTED}


def encrypted_record(temporal: Client, ring: KeyRing) -> RecordRuns:
    """A record whose client has these keys, without a worker yet."""
    return RecordRuns(with_ring(temporal, ring), an_id(), NEVER_TIRED)


async def keys_in_history(record: RecordRuns) -> Counter[bytes]:
    """How often each key's id stands in the latest run's history, as the server has it."""
    written = b"".join(event.SerializeToString() for event in (await record.history()).events)
    return Counter({key_id: written.count(key_id) for key_id in (b"key-old", b"key-new") if key_id in written})


async def first_task_failure(record: RecordRuns) -> str:
    """The first failure of a workflow task, as somebody with the keys reads it."""
    [failure, *_] = [
        event.workflow_task_failed_event_attributes.failure
        for event in (await record.history()).events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]
    converter = record.client.data_converter
    return str(await converter.decode_failure(failure))


@pytest.mark.parametrize("instantaneous", [False, True], ids=["an activity", "a local activity"])
async def test_a_run_leaves_nothing_readable_in_its_history(temporal: Client, *, instantaneous: bool) -> None:
    fakes = FakeActivities()
    fakes.serve(
        "FAILS", failing(ApplicationError(f"no {PLANTED}", PLANTED, type="ScoreInputError", non_retryable=True))
    )
    client = with_ring(temporal, a_ring("key-new"))

    async with a_record(client, fakes) as record:
        await record.signal(
            a_request(1, contributing_attribute_values=WITH_PLANTED, instantaneous=instantaneous),
            a_request(2, "FAILS", contributing_attribute_values=WITH_PLANTED, instantaneous=instantaneous),
        )
        await record.ended()
        history = await record.history()

    written = b"".join(event.SerializeToString() for event in history.events)
    assert [score.request.contributing_attribute_values for score in fakes.computed] == [WITH_PLANTED]
    assert PLANTED in fakes.failed[0].reason
    assert PLANTED.encode() not in written
    assert record.internal_record_id.encode() in written
    assert await replay_failure(history, a_ring("key-new")) is None


async def test_the_key_changes_in_the_middle_of_a_run(temporal: Client) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing())
    record = encrypted_record(temporal, a_ring("key-old"))
    async with a_worker(record, fakes):
        await record.signal(a_request(1))
        await fakes.until(lambda: 1 in fakes.tries())

    record.client = with_ring(temporal, a_ring("key-new", "key-old"))
    fakes.serve("PMT_SCORE", failing_times(0))
    async with a_worker(record, fakes):
        await record.signal(a_request(2))
        await record.ended()

    assert fakes.sequences()[-1] == 2
    assert (await keys_in_history(record)).keys() == {b"key-old", b"key-new"}
    assert (await record.events())["WORKFLOW_TASK_FAILED"] == 0


@pytest.mark.parametrize("left", [a_ring("key-new"), NO_KEYS], ids=["another key is left", "no key is left"])
async def test_a_lost_key_is_told_and_the_run_completes_once_it_is_back(temporal: Client, left: KeyRing) -> None:
    fakes = FakeActivities()
    record = encrypted_record(temporal, a_ring("key-old"))
    await record.signal(a_request(1))

    record.client = with_ring(temporal, left)
    async with a_worker(record, fakes):
        await record.until_history(lambda events: events["WORKFLOW_TASK_FAILED"] > 0)
        told = await first_task_failure(record)
        description = await record.client.get_workflow_handle(record.workflow_id).describe()
    record.client = with_ring(temporal, a_ring("key-new", "key-old"))
    async with a_worker(record, fakes):
        await record.client.get_workflow_handle(record.workflow_id).result()

    assert "the key key-old, which is not in PAYLOAD_KEYS" in told
    assert description.status == WorkflowExecutionStatus.RUNNING
    assert fakes.sequences() == [1]


FORGED = {
    "noise": Payload(metadata={"encoding": ENCODING, KEY_ID_FIELD: b"key-new"}, data=bytes(range(200))),
    "nothing": Payload(metadata={"encoding": ENCODING, KEY_ID_FIELD: b"key-new"}),
    "no key": Payload(metadata={"encoding": ENCODING}, data=bytes(200)),
    "a key without sense": Payload(metadata={"encoding": ENCODING, KEY_ID_FIELD: b"\xff\n"}, data=bytes(200)),
}


@pytest.mark.parametrize("payload", FORGED.values(), ids=FORGED.keys())
async def test_i9_a_forged_signal_leaves_the_run_as_it_was(temporal: Client, payload: Payload) -> None:
    fakes = FakeActivities()
    fakes.serve("PMT_SCORE", failing())

    async with a_record(with_ring(temporal, a_ring("key-new")), fakes, NEVER_TIRED) as record:
        await record.signal(a_request(1))
        await fakes.until(lambda: 1 in fakes.tries())
        await temporal.get_workflow_handle(record.workflow_id).signal("scores_requested", RawValue(payload))
        await record.until_settled()
        fakes.serve("PMT_SCORE", failing_times(0))
        await record.ended()
        events = await record.events()

    assert fakes.sequences() == [1]
    assert (events["WORKFLOW_EXECUTION_SIGNALED"], events["WORKFLOW_TASK_FAILED"]) == (2, 0)


async def test_a_run_from_before_encryption_goes_on_with_it(temporal: Client) -> None:
    fakes = FakeActivities()
    record = RecordRuns(temporal, an_id(), IMPATIENT)
    await record.signal(a_request(1))
    await temporal.get_workflow_handle(record.workflow_id).signal("scores_requested", ScoresRequested([a_request(2)]))

    record.client = with_ring(temporal, a_ring("key-new"))
    async with a_worker(record, fakes):
        await record.client.get_workflow_handle(record.workflow_id).result()
        history = await record.history()

    assert fakes.sequences() == [2]
    assert await replay_failure(history, a_ring("key-new")) is None


async def test_a_replay_without_the_key_says_which_one_it_is(temporal: Client) -> None:
    async with a_record(with_ring(temporal, a_ring("key-new")), FakeActivities()) as record:
        await record.signal(a_request(1))
        await record.ended()
        history = await record.history()

    assert "key-new" in str(await replay_failure(history))
