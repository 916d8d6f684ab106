"""`steadyscore replay --sample`: does today's workflow code still fit the runs of a live namespace?"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from temporalio.client import Client, WorkflowExecution, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from steadyscore.errors import SetupError
from steadyscore.local_secrets import with_local_keys
from steadyscore.replay import WORKFLOWS, make_replayer
from steadyscore.settings import Settings
from steadyscore.temporal import connect

WORKFLOW_TYPES = sorted(workflow.__name__ for workflow in WORKFLOWS)


@dataclass
class Sample:
    """What came of a sample, run by run."""

    looked_at: Counter[str] = field(default_factory=Counter)
    unfit: dict[str, list[str]] = field(default_factory=dict)
    vanished: int = 0

    def note(self, history: WorkflowHistory, failure: Exception | None) -> None:
        """A run was replayed."""
        workflow_type = history.events[0].workflow_execution_started_event_attributes.workflow_type.name
        self.looked_at[workflow_type] += 1
        if failure is not None:
            reason = next(iter(str(failure).splitlines()), type(failure).__name__)
            self.unfit.setdefault(workflow_type, []).append(f"{history.workflow_id} {history.run_id} {reason}")

    def report(self) -> Iterator[str]:
        """What is to be told, line by line."""
        for workflow_type in WORKFLOW_TYPES:
            looked_at = self.looked_at[workflow_type]
            fit = looked_at - len(self.unfit.get(workflow_type, []))
            yield f"{workflow_type}: {fit} of {looked_at} fit" if looked_at else f"{workflow_type}: no runs"
        if self.vanished:
            yield f"skipped, as they vanished meanwhile: {self.vanished}"
        if self.unfit:
            yield "today's code does not fit these runs (workflow id, run id, reason):"
        for workflow_type in WORKFLOW_TYPES:
            yield from self.unfit.get(workflow_type, [])


async def replayed_sample(settings: Settings, size: int, query: str | None) -> Sample:
    """Replay the newest `size` open and `size` closed runs of each workflow type, one after the other.

    `query` narrows them further, in Temporal's language of visibility queries.
    """
    settings = with_local_keys(settings)
    sample = Sample()
    try:
        client = await connect(settings, lazy=False)
        histories = _histories(client, size, query, sample)
        async with make_replayer(settings.key_ring()).workflow_replay_iterator(histories) as results:
            async for result in results:
                sample.note(result.history, result.replay_failure)
    except RPCError as error:
        raise SetupError(f"Temporal answered with {error.status.name}: {error.message}") from error
    except RuntimeError as error:
        # how the SDK says that nobody answers
        raise SetupError(f"Temporal at {settings.temporal_address} does not answer: {error}") from error
    return sample


async def _histories(client: Client, size: int, query: str | None, sample: Sample) -> AsyncIterator[WorkflowHistory]:
    for workflow_type in WORKFLOW_TYPES:
        for is_open in ("ExecutionStatus = 'Running'", "ExecutionStatus != 'Running'"):
            narrowed = f" AND ({query})" if query else ""
            listed = f"WorkflowType = '{workflow_type}' AND {is_open}{narrowed}"
            async for run in client.list_workflows(listed, limit=size):
                history = await find_history(client, run)
                if history is None:
                    sample.vanished += 1
                else:
                    yield history


async def find_history(client: Client, run: WorkflowExecution) -> WorkflowHistory | None:
    """None where the server has forgotten the run since it listed it."""
    try:
        return await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
