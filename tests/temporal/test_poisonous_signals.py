"""I9: anyone may signal a run from the command line; whatever it is, the run goes on."""

import asyncio
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue

from objects import a_request
from scoring.messages import ScoresRequested
from temporal_fakes.activities import FakeActivities, held_by
from temporal_fakes.runs import a_record


def raw(encoding: bytes, data: bytes) -> RawValue:
    """A payload as it stands."""
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


def requested(**changes: Any) -> ScoresRequested:
    """A request that is newer than any other and has something wrong in it."""
    return ScoresRequested([a_request(**{"sequence": 99} | changes)])


POISON: dict[str, tuple[Any, ...]] = {
    "no argument": (),
    "null": (None,),
    "a number": (7,),
    "a text": ("PMT_SCORE",),
    "a list": ([1, 2],),
    "an object without requests": ({"request": []},),
    "requests that are none": ({"requests": [None, 1, "x", [], {}, {"score_type": 5}]},),
    "two arguments": ("one", "two"),
    "1.9 MB of text": ("x" * 1_900_000,),
    "1.9 MB of numbers": ({"requests": [0] * 900_000},),
    "an encoding nobody knows": (raw(b"binary/nonsense", b"\xff\xfe"),),
    "JSON that is cut off": (raw(b"json/plain", b'{"requests": ['),),
    "JSON nested without end": (raw(b"json/plain", b"[" * 100_000 + b"]" * 100_000),),
    "NaN among the values": (requested(contributing_attribute_values={"income": float("nan")}),),
    "NUL in a text": (requested(change_request_id="\x00"),),
    "a sequence of 0": (requested(sequence=0),),
    "a sequence beyond the database": (requested(sequence=2**63),),
    "a sequence that is true": (requested(sequence=True),),
    "a definition's version beyond the database": (requested(definition_version=2**31),),
}


@pytest.mark.parametrize("arguments", POISON.values(), ids=POISON.keys())
async def test_i9_a_poisonous_signal_leaves_the_run_as_it_was(temporal: Client, arguments: tuple[Any, ...]) -> None:
    fakes, gate = FakeActivities(), asyncio.Event()
    fakes.serve("PMT_SCORE", held_by(gate))

    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1))
        await fakes.until(lambda: fakes.tries() == [1])
        await record.signal_raw(*arguments)
        await record.until_settled()
        assert (await record.events())["WORKFLOW_TASK_FAILED"] == 0
        await record.signal(a_request(2))
        gate.set()
        await record.ended()

    assert fakes.tries() == fakes.sequences() == [1, 2]


@pytest.mark.parametrize("arguments", [(None,), ()], ids=["null", "no argument"])
async def test_i9_a_run_that_begins_with_a_poisonous_signal_ends(temporal: Client, arguments: tuple[Any, ...]) -> None:
    fakes = FakeActivities()

    async with a_record(temporal, fakes) as record:
        await record.signal_raw(*arguments)
        await record.ended()

    assert fakes.tried == []


async def test_i9_a_signal_that_the_workflow_does_not_have_leaves_the_run_as_it_was(temporal: Client) -> None:
    fakes, gate = FakeActivities(), asyncio.Event()
    fakes.serve("PMT_SCORE", held_by(gate))

    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1))
        await record.signal_raw("whatever", name="nobody_listens")
        await record.signal(a_request(2))
        gate.set()
        await record.ended()

    assert fakes.sequences()[-1] == 2


async def test_i9_what_is_wrong_in_one_request_takes_no_other_request_of_its_signal_along(temporal: Client) -> None:
    fakes = FakeActivities()

    async with a_record(temporal, fakes) as record:
        await record.signal(a_request(1), a_request(0, "FSF_SCORE"))
        await record.ended()

    assert [score.request for score in fakes.computed] == [a_request(1)]
