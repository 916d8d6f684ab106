"""Versions of the workflows side by side, rolled out and back with the commands of docs/operations.md."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import pytest
from temporalio.api.deployment.v1 import WorkerDeploymentVersion
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentVersionRequest,
    GetSystemInfoRequest,
)
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from objects import NO_WINDOW
from scoring.debounce import DebouncePolicy
from scoring.names import BATCH_TASK_QUEUE, TASK_QUEUE
from steadyscore.embedded.temporal_server import DYNAMIC_CONFIG
from steadyscore.settings import Settings
from steadyscore.temporal import connect
from store.database import SessionFactory
from store.definitions import list_definitions
from temporal_fakes.registered import Farmers, a_register_of_farmers, until
from temporal_fakes.runs import counted

pytestmark = pytest.mark.timeout(240)

PROJECT = Path(__file__).parents[2]
DOCUMENT = PROJECT / "docs" / "operations.md"
SOON_DRAINED = (
    'matching.wv.VersionDrainageStatusVisibilityGracePeriod="1s"',
    'matching.wv.VersionDrainageStatusRefreshInterval="1s"',
)
AN_HOUR = DebouncePolicy(3600, 3600)
"""However slow the machine is: the test ends the window, not the clock."""
EARLY_CONTINUED = "limit.historyCount.suggestContinueAsNew=40"
UPGRADES_CONTINUED_RUNS = (1, 30)
"""The first server that knows how."""
KINDS_OF_TASKS = 4
"""A worker polls two queues, each for workflows and activities."""
STEADYSCORE = ["steadyscore", "worker"]
NEXT = ["faults.process", "worker", "--next"]


@dataclass
class Deployment:
    """A server, a database with farmers, a relay, and whatever workers are started."""

    farmers: Farmers
    environment: dict[str, str]
    directory: Path
    workers: AsyncExitStack

    @property
    def client(self) -> Client:
        """For looking at runs."""
        return self.farmers.client

    async def run(self, command: str) -> str:
        """Run a command of the document and return what it says; fails where it fails."""
        process = await asyncio.create_subprocess_shell(
            command,
            env=self.environment,
            cwd=self.directory,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await process.communicate())[0].decode()
        assert process.returncode == 0, said
        return said

    async def start_worker(self, module: list[str], build_id: str = "") -> "asyncio.subprocess.Process":
        """Start a worker process and wait until it polls both queues."""
        worker = await self.workers.enter_async_context(self._process(module, {"WORKER_BUILD_ID": build_id}))
        for queue in (TASK_QUEUE, BATCH_TASK_QUEUE):
            await until(partial(self._is_polled, queue, build_id))
        if build_id:
            await until(partial(self._is_registered, build_id))
        return worker

    @asynccontextmanager
    async def _process(
        self, module: list[str], settings: dict[str, str]
    ) -> AsyncIterator["asyncio.subprocess.Process"]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *module, env=self.environment | settings, cwd=self.directory
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()

    async def _is_polled(self, queue: str, build_id: str) -> bool:
        request = DescribeTaskQueueRequest(
            namespace=self.client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        pollers = (await self.client.workflow_service.describe_task_queue(request)).pollers
        return build_id in {poller.deployment_options.build_id for poller in pollers}

    async def _is_registered(self, build_id: str) -> bool:
        """Whether the server has noted for the version what it was polled for, which is some time after the poll."""
        version = WorkerDeploymentVersion(deployment_name="steadyscore", build_id=build_id)
        request = DescribeWorkerDeploymentVersionRequest(namespace=self.client.namespace, deployment_version=version)
        try:
            described = await self.client.workflow_service.describe_worker_deployment_version(request)
        except RPCError:
            return False
        return len(described.version_task_queues) == KINDS_OF_TASKS

    async def history(self, record: str) -> WorkflowHistory:
        """Of the record's latest run."""
        return await self.farmers.run_of(record).fetch_history()

    async def versions(self, record: str) -> list[str]:
        """The versions that have taken steps of the record's latest run; the empty one is unversioned."""
        events = (await self.history(record)).events
        done = [event.workflow_task_completed_event_attributes for event in events]
        taken = [one.deployment_version.build_id for one in done if one.scheduled_event_id]
        return list(dict.fromkeys(taken))

    async def until_begun(self, record: str) -> None:
        """Wait until a worker has taken the first step of the record's run."""
        await self.farmers.until_statuses(record, PMT_SCORE="PROCESSING")

        async def begun() -> bool:
            return bool(await self.versions(record))

        await until(begun)

    async def approve(self) -> str:
        """Approve a new record and wait until its run has begun."""
        record = await self.farmers.approve()
        await self.until_begun(record)
        return record

    async def end(self, *records: str) -> None:
        """End these records' windows, and wait until they have their scores and their runs have completed."""
        await self._let_windows_last(NO_WINDOW)
        for record in records:
            # the newest request's window holds for the burst
            await self.farmers.approve({"income": 1}, record)
        await self._let_windows_last(AN_HOUR)
        for record in records:
            await self.farmers.until_statuses(record, PMT_SCORE="COMPLETED")
            await self.farmers.run_of(record).result()

    async def _let_windows_last(self, debounce: DebouncePolicy) -> None:
        async with self.farmers.sessions.begin() as session:
            [definition] = await list_definitions(session, self.farmers.register_id)
            definition.debounce = asdict(debounce)

    async def failed_steps(self, records: list[str]) -> int:
        """How many workflow tasks of these runs have failed or timed out."""
        events = [counted((await self.history(record)).events) for record in records]
        return sum(one["WORKFLOW_TASK_FAILED"] + one["WORKFLOW_TASK_TIMED_OUT"] for one in events)


def commands() -> dict[str, str]:
    """The commands of the document's section on versions, by what tells them apart."""
    section = DOCUMENT.read_text(encoding="utf-8").partition("## Rolling out")[2].partition("\n## ")[0]
    lines = [line for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL) for line in block.splitlines()]
    marks = {"replay": "--sample", "out": "$NEW", "back": '"$OLD" --yes', "unversioned": "--unversioned"}
    marks |= {"look": "describe-version", "list": "workflow list", "cancel": "workflow cancel"}
    found = {name: [line for line in lines if mark in line] for name, mark in marks.items()}
    assert [len(some) for some in found.values()] == [1] * len(lines)
    return {name: line for name, [line] in found.items()}


COMMANDS = commands()


@pytest.fixture
async def server(temporal_cli: Path) -> AsyncIterator[str]:
    """The address of a server of the test's own, which soon knows a version as drained and a run as long."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_cli),
        dev_server_log_level="error",
        dev_server_extra_args=[
            part
            for setting in (*DYNAMIC_CONFIG, *SOON_DRAINED, EARLY_CONTINUED)
            for part in ("--dynamic-config-value", setting)
        ],
    )
    async with environment:
        yield environment.client.service_client.config.target_host


@pytest.fixture
async def deployment(
    server: str, database_url: str, sessions: SessionFactory, temporal_cli: Path, tmp_path: Path
) -> AsyncIterator[Deployment]:
    """Everything but workers; version 1 is the old one, 2 the new one."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "temporal").symlink_to(temporal_cli)
    environment = os.environ | {
        "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(PROJECT),
        "STEADYSCORE_HOME": str(tmp_path),
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": server,
        "OLD": "1",
        "NEW": "2",
    }
    client = await connect(Settings(_env_file=None, temporal_address=server))
    farmers = await a_register_of_farmers(database_url, sessions, client)
    relay = farmers.relay(signal_interval=0.05)
    relaying = asyncio.create_task(relay.run())
    async with AsyncExitStack() as workers:
        yield Deployment(farmers, environment, tmp_path, workers)
    relay.stop()
    await relaying


async def test_a_version_is_rolled_out_and_back_and_every_run_ends_on_the_one_that_began_it(
    deployment: Deployment,
) -> None:
    await deployment.farmers.define("PMT_SCORE", debounce=AN_HOUR)
    await deployment.start_worker(STEADYSCORE, "1")
    await deployment.run(COMMANDS["back"])
    await deployment.start_worker(NEXT, "2")

    before = await deployment.approve()
    await deployment.run(COMMANDS["out"])
    between = await deployment.approve()
    await deployment.run(COMMANDS["back"])
    after = await deployment.approve()

    records = [before, between, after]
    await deployment.end(*records)
    assert [await deployment.versions(record) for record in records] == [["1"], ["2"], ["1"]]
    assert await deployment.failed_steps(records) == 0
    assert "ScoreRecordWorkflow: 2 of 3 fit" in await deployment.run(f"{COMMANDS['replay']} || true")


async def test_an_old_version_is_drained_by_cancelling_what_it_still_has(deployment: Deployment) -> None:
    await deployment.farmers.define("PMT_SCORE", debounce=AN_HOUR)
    await deployment.start_worker(STEADYSCORE, "1")
    await deployment.run(COMMANDS["back"])
    record = await deployment.approve()
    await deployment.start_worker(NEXT, "2")
    await deployment.run(COMMANDS["out"])
    workflow_id = deployment.farmers.run_of(record).id

    async def listed() -> bool:
        return workflow_id in await deployment.run(COMMANDS["list"])

    async def drained() -> bool:
        return bool(re.search(r"DrainageStatus +drained", await deployment.run(COMMANDS["look"])))

    async def taken_over() -> bool:
        return await deployment.versions(record) == ["2"]

    await until(listed)
    assert not await drained()

    await deployment.run(COMMANDS["cancel"])

    await until(taken_over)
    await until(drained)
    assert (await deployment.farmers.statuses(record)) == {"PMT_SCORE": "PROCESSING"}


async def test_the_first_version_takes_over_what_unversioned_workers_began(deployment: Deployment) -> None:
    await deployment.farmers.define("PMT_SCORE", debounce=AN_HOUR)
    await deployment.start_worker(STEADYSCORE)
    await deployment.start_worker(STEADYSCORE, "1")

    before = await deployment.approve()
    await deployment.run(COMMANDS["back"])
    of_version = await deployment.approve()
    await deployment.end(before, of_version)
    await deployment.run(COMMANDS["unversioned"])
    after = await deployment.approve()

    records = [before, of_version, after]
    assert [await deployment.versions(record) for record in records] == [["", "1"], ["1"], [""]]
    assert await deployment.failed_steps(records) == 0


async def test_a_run_that_continues_as_new_goes_to_the_current_version_where_the_server_knows_how(
    deployment: Deployment,
) -> None:
    await deployment.farmers.define("PMT_SCORE", debounce=AN_HOUR)
    await deployment.start_worker(STEADYSCORE, "1")
    await deployment.run(COMMANDS["back"])
    record = await deployment.approve()
    await deployment.start_worker(NEXT, "2")
    await deployment.run(COMMANDS["out"])
    first = (await deployment.history(record)).run_id

    while (await deployment.history(record)).run_id == first:
        await deployment.farmers.approve({"income": 1}, record)
        await deployment.until_begun(record)

    await deployment.until_begun(record)
    server = await deployment.client.workflow_service.get_system_info(GetSystemInfoRequest())
    major, minor, _ = server.server_version.split(".", 2)
    upgraded = (int(major), int(minor)) >= UPGRADES_CONTINUED_RUNS
    assert await deployment.versions(record) == (["2"] if upgraded else ["1"])
