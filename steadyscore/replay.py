"""`steadyscore replay`: does today's workflow code still fit a recorded history?"""

from collections.abc import Sequence
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from steadyscore.errors import SetupError
from steadyscore.local_secrets import with_local_keys
from steadyscore.payload_keys import NO_KEYS, KeyRing
from steadyscore.settings import Settings
from steadyscore.temporal import connect, make_data_converter
from workflows.recompute_register import RecomputeRegisterWorkflow
from workflows.score_batch import ScoreBatchWorkflow
from workflows.score_record import ScoreRecordWorkflow

WORKFLOWS: Sequence[type] = (ScoreRecordWorkflow, ScoreBatchWorkflow, RecomputeRegisterWorkflow)


async def replayed(settings: Settings, file: Path | None, workflow_id: str | None, run_id: str | None) -> str | None:
    """Replay the history in the file, else that of the run; None when today's code fits it, else what does not."""
    settings = with_local_keys(settings)
    history = read_history(file) if file else await fetch_history(settings, workflow_id or "", run_id)
    return await replay_failure(history, settings.key_ring())


def read_history(file: Path) -> WorkflowHistory:
    """A history as `temporal workflow show --output json` writes it; raise SetupError when it is none."""
    try:
        return WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise SetupError(f"{file} holds no workflow history as JSON ({type(error).__name__})") from error


async def fetch_history(settings: Settings, workflow_id: str, run_id: str | None) -> WorkflowHistory:
    """The history of a run, the latest where none is named."""
    client = await connect(settings)
    return await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()


async def replay_failure(
    history: WorkflowHistory, ring: KeyRing = NO_KEYS, workflows: Sequence[type] = WORKFLOWS
) -> str | None:
    """Replay the history; None when the code fits it, else what does not."""
    result = await make_replayer(ring, workflows).replay_workflow(history, raise_on_replay_failure=False)
    return str(result.replay_failure) if result.replay_failure else None


def make_replayer(ring: KeyRing, workflows: Sequence[type] = WORKFLOWS) -> Replayer:
    """What replays histories, by default on today's code, as workers run it."""
    return Replayer(workflows=workflows, data_converter=make_data_converter(ring))
