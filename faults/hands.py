"""What somebody does by hand, with the `temporal` command line: runs ended or reset, signals that no relay sends."""

import asyncio
import contextlib
import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowExecution, WorkflowHistory
from temporalio.service import RPCError

from faults.processes import clean_environment
from faults.temporal_server import NAMESPACE
from scoring.names import TASK_QUEUE

_SECONDS = 30
_AGAIN_SECONDS = 0.2


class CommandFailed(Exception):
    """The command line did not do what it was told; holds what it said."""


@dataclass(frozen=True)
class Hands:
    """The `temporal` command line, against one server; `directory` holds what is too long for an argument."""

    cli: Path
    address: str
    directory: Path

    async def temporal(self, *arguments: str) -> str:
        """Run a command; what it says. Raises CommandFailed where it fails."""
        place = ["--address", self.address, "--namespace", NAMESPACE]
        done = await asyncio.to_thread(
            subprocess.run,
            [str(self.cli), *arguments, *place],
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise CommandFailed(f"temporal {' '.join(arguments[:2])}: {done.stderr.strip()[-500:]}")
        return done.stdout

    async def client(self) -> Client:
        """A client past the command line, for what takes too many commands; it understands no encrypted payload."""
        return await Client.connect(self.address, namespace=NAMESPACE)

    async def open_runs(self, query: str) -> list[WorkflowExecution]:
        """The open runs of a kind, as visibility knows them: a little behind."""
        client = await self.client()
        return [run async for run in client.list_workflows(f"{query} AND ExecutionStatus = 'Running'")]

    async def signal(self, workflow_id: str, name: str, message: Any) -> None:
        """Signal a record's run by hand, starting one where none is open."""
        path = self.directory / "signal.json"
        path.write_text(json.dumps(message, separators=(",", ":")), encoding="utf-8")
        _, register, record = workflow_id.split(":")
        policy = {"timeout": 1.0, "maximum_attempts": 5}
        scoring = {"register_id": register, "internal_record_id": record, "compute_policy": policy}
        start = ["--type", "ScoreRecordWorkflow", "--task-queue", TASK_QUEUE, "--workflow-id", workflow_id]
        signal = ["--signal-name", name, "--signal-input-file", str(path)]
        sending = ["workflow", "signal-with-start", *start, "--input", json.dumps(scoring), *signal]
        until = time.monotonic() + _SECONDS
        while True:
            try:
                await self.temporal(*sending)
            except CommandFailed:
                # its run is closing just now, or was begun less than a second ago
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                return

    async def is_open(self, workflow_id: str) -> bool:
        """Whether its latest run is under way."""
        said = json.loads(await self.temporal("workflow", "describe", "--workflow-id", workflow_id, "--output", "json"))
        return str(said["workflowExecutionInfo"]["status"]).endswith("RUNNING")

    async def chain(self, workflow_id: str) -> Sequence["Length"]:
        """Each of the record's runs, as far as they are kept."""
        return [Length.of(history) for history in await self.histories(f"WorkflowId = '{workflow_id}'")]

    async def histories(self, query: str) -> list[WorkflowHistory]:
        """The histories of these runs, as far as they are kept."""
        client = await self.client()
        found = []
        async for run in client.list_workflows(query):
            with contextlib.suppress(RPCError):
                found.append(await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history())
        return found


@dataclass(frozen=True)
class Length:
    """Of a run: its events and signals, and whether it continues another as new."""

    events: int
    signals: int
    is_continued: bool

    @classmethod
    def of(cls, history: WorkflowHistory) -> "Length":
        """Of a run with this history."""
        events = history.events
        signals = sum(event.HasField("workflow_execution_signaled_event_attributes") for event in events)
        begun = events[0].workflow_execution_started_event_attributes
        return cls(len(events), signals, bool(begun.continued_execution_run_id))
