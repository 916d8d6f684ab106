"""`steadyscore replay --sample`: runs of a live namespace, open and closed, replayed on today's code."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.worker import Worker

from objects import a_request, an_id
from steadyscore.embedded.temporal_server import free_port
from steadyscore.errors import SetupError
from steadyscore.replay_sample import find_history, replayed_sample
from steadyscore.settings import Settings
from steadyscore.temporal import connect
from temporal_fakes.activities import FakeActivities
from temporal_fakes.changed_workflow import ChangedWorkflow
from temporal_fakes.connections import as_configured
from temporal_fakes.registered import until
from temporal_fakes.runs import IMPATIENT, RecordRuns, a_record
from temporal_fakes.scenarios import AN_HOUR

MakeSettings = Callable[..., Settings]


@pytest.fixture
def make_settings(temporal: Client, tmp_path: Path) -> MakeSettings:
    """Settings for the server of the tests."""

    def make(address: str = temporal.service_client.config.target_host, **changed: Any) -> Settings:
        return Settings(_env_file=None, temporal_address=address, steadyscore_home=tmp_path, **changed)

    return make


async def listed(client: Client, runs: int, *records: RecordRuns) -> str:
    """The query that finds the runs of these records, once it finds so many."""
    query = " OR ".join(f"WorkflowId = '{record.workflow_id}'" for record in records)

    async def all_listed() -> bool:
        return (await client.count_workflows(query)).count == runs

    await until(all_listed)
    return query


async def an_unfit_run(client: Client) -> RecordRuns:
    """A run that another version of the workflow has made."""
    record = RecordRuns(client, an_id(), IMPATIENT)
    async with Worker(client, task_queue=record.task_queue, workflows=[ChangedWorkflow]):
        await record.signal(a_request(1))
        await record.ended()
    return record


async def test_open_and_closed_runs_are_replayed(temporal: Client, make_settings: MakeSettings) -> None:
    async with a_record(temporal, FakeActivities()) as closed, a_record(temporal, FakeActivities()) as still_open:
        await closed.signal(a_request(1))
        await closed.ended()
        await still_open.signal(a_request(1, debounce=AN_HOUR))
        await still_open.until_settled()
        query = await listed(temporal, 2, closed, still_open)

        sample = await replayed_sample(make_settings(), 10, query)

    assert list(sample.report()) == [
        "RecomputeRegisterWorkflow: no runs",
        "ScoreBatchWorkflow: no runs",
        "ScoreRecordWorkflow: 2 of 2 fit",
    ]


async def test_a_run_that_does_not_fit_is_named_with_the_reason(temporal: Client, make_settings: MakeSettings) -> None:
    unfit = await an_unfit_run(temporal)
    query = await listed(temporal, 1, unfit)

    sample = await replayed_sample(make_settings(), 10, query)

    *_, total, headline, named = sample.report()
    assert total == "ScoreRecordWorkflow: 0 of 1 fit"
    assert "does not fit" in headline
    assert named.startswith(f"{unfit.workflow_id} {(await unfit.history()).run_id} ")
    assert "ondeterminism" in named


async def test_no_more_than_so_many_runs_are_replayed(temporal: Client, make_settings: MakeSettings) -> None:
    async with a_record(temporal, FakeActivities()) as record:
        for sequence in (1, 2, 3):
            await record.signal(a_request(sequence))
            await record.ended()
        query = await listed(temporal, 3, record)

        sample = await replayed_sample(make_settings(), 2, query)

    assert sample.looked_at == {"ScoreRecordWorkflow": 2}


async def test_a_run_that_the_server_has_forgotten_meanwhile_has_no_history(temporal: Client) -> None:
    record = await an_unfit_run(temporal)
    run = await temporal.get_workflow_handle(record.workflow_id).describe()
    deletion = DeleteWorkflowExecutionRequest(namespace=temporal.namespace)
    deletion.workflow_execution.workflow_id = run.id
    await temporal.workflow_service.delete_workflow_execution(deletion)

    async def forgotten() -> bool:
        return await find_history(temporal, run) is None

    await until(forgotten)


async def test_encrypted_runs_are_replayed_by_who_has_the_key(make_settings: MakeSettings) -> None:
    with_key = make_settings(payload_keys=as_configured("a-key"))
    client = await connect(with_key, lazy=False)
    async with a_record(client, FakeActivities()) as record:
        await record.signal(a_request(1))
        await record.ended()
    query = await listed(client, 1, record)

    assert (await replayed_sample(with_key, 10, query)).unfit == {}
    assert (await replayed_sample(make_settings(), 10, query)).unfit.keys() == {"ScoreRecordWorkflow"}


async def test_a_query_that_cannot_be_read_is_refused(make_settings: MakeSettings) -> None:
    with pytest.raises(SetupError, match="INVALID_ARGUMENT"):
        await replayed_sample(make_settings(), 10, "no such thing")


async def test_a_temporal_that_is_not_there_is_named(make_settings: MakeSettings) -> None:
    address = f"127.0.0.1:{free_port()}"

    with pytest.raises(SetupError, match=f"Temporal at {address} does not answer"):
        await replayed_sample(make_settings(address), 10, None)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param([], 1, "nothing was checked", id="a check of nothing fails"),
        pytest.param(["--allow-none"], 0, "ScoreRecordWorkflow: no runs", id="unless that is allowed"),
        pytest.param(["--workflow-id", "x"], 2, "one of them", id="either a sample or a run"),
    ],
)
async def test_the_command_says_when_it_found_no_runs(
    make_settings: MakeSettings, arguments: list[str], code: int, said: str
) -> None:
    address = make_settings().require_temporal_address()
    command = ["replay", "--sample", "5", "--query", f"WorkflowId = '{an_id()}'", *arguments]

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "steadyscore", *command),
        env=os.environ | {"TEMPORAL_ADDRESS": address, "PAYLOAD_KEYS": as_configured("a-key")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await process.communicate())[0].decode()

    assert process.returncode == code
    assert said in output
