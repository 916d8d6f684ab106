"""Today's workflow code fits what runs have done so far: fresh histories of each branch, and recorded ones.

How the recorded ones were made stands in temporal_fakes/record.py.
"""

from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from faults.next_workflows import NEXT_WORKFLOWS
from objects import a_request, an_id
from steadyscore.payload_keys import NO_KEYS
from steadyscore.replay import read_history, replay_failure
from temporal_fakes.changed_workflow import ChangedWorkflow
from temporal_fakes.record import CONTINUED_EARLY, HISTORIES, IDENTITY, SCENARIOS
from temporal_fakes.runs import IMPATIENT, WORKER_IDENTITY, RecordRuns
from temporal_fakes.scenarios import Scenario

RECORDED = sorted(HISTORIES.rglob("*.json"))
NEXT = [workflow for of_queue in NEXT_WORKFLOWS.values() for workflow in of_queue]
HERE = {name: scenario for name, scenario in SCENARIOS.items() if name not in CONTINUED_EARLY}
BRANCHES = {"single", "burst", "max_wait", "signal_during_compute", "one_type_failing", "continue_as_new", "cancel"}


def name_of(file: Path) -> str:
    """Folder and name of a history."""
    return f"{file.parent.name}/{file.stem}"


@pytest.mark.parametrize("scenario", HERE.values(), ids=HERE.keys())
async def test_a_run_can_be_replayed_right_after_it_was_made(temporal: Client, scenario: Scenario) -> None:
    history = await scenario(temporal)

    assert await replay_failure(history) is None


@pytest.mark.parametrize("file", RECORDED, ids=name_of)
async def test_todays_code_fits_a_recorded_history(file: Path) -> None:
    history = read_history(file)

    assert await replay_failure(history) is None


@pytest.mark.parametrize("file", RECORDED, ids=name_of)
async def test_a_change_of_what_a_run_does_is_noticed_by_a_recorded_history(file: Path) -> None:
    failure = await replay_failure(read_history(file), NO_KEYS, NEXT)

    assert failure is not None
    assert "ondeterminism" in failure


def test_there_is_a_recorded_history_of_every_branch() -> None:
    assert {name_of(file) for file in RECORDED} == SCENARIOS.keys()
    assert {f"record/{branch}" for branch in BRANCHES} <= SCENARIOS.keys()


@pytest.mark.parametrize("file", RECORDED, ids=name_of)
def test_a_recorded_history_tells_nothing_of_the_machine_where_it_was_made(file: Path) -> None:
    identities = {line.split(": ", 1)[1].strip(',"') for line in file.read_text().splitlines() if '"identity"' in line}

    assert identities <= {IDENTITY, WORKER_IDENTITY, "history-service"}
    assert "stackTrace" not in file.read_text()


async def test_a_workflow_that_does_something_else_is_reported(temporal: Client) -> None:
    record = RecordRuns(temporal, an_id(), IMPATIENT)
    async with Worker(temporal, task_queue=record.task_queue, workflows=[ChangedWorkflow]):
        await record.signal(a_request(1))
        await record.ended()

    failure = await replay_failure(await record.history())

    assert failure is not None
    assert "ondeterminism" in failure
