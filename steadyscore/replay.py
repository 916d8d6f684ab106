"""`steadyscore replay`: does today's workflow code still fit a recorded history?"""

from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from steadyscore.errors import SetupError
from steadyscore.settings import Settings
from steadyscore.temporal import connect
from workflows.recompute_register import RecomputeRegisterWorkflow
from workflows.score_batch import ScoreBatchWorkflow
from workflows.score_record import ScoreRecordWorkflow


async def replayed(settings: Settings, file: Path | None, workflow_id: str | None, run_id: str | None) -> str | None:
    """Replay the history in the file, else that of the run; None when today's code fits it, else what does not."""
    history = read_history(file) if file else await fetch_history(settings, workflow_id or "", run_id)
    return await replay_failure(history)


def read_history(file: Path) -> WorkflowHistory:
    """A history as `temporal workflow show --output json` writes it; raise SetupError when it is none."""
    try:
        return WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise SetupError(f"{file} holds no workflow history as JSON ({type(error).__name__})") from error


async def fetch_history(settings: Settings, workflow_id: str, run_id: str | None) -> WorkflowHistory:
    """The history of a run, the latest where none is named."""
    client = await connect(settings.require_temporal_address(), settings.temporal_namespace)
    return await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()


async def replay_failure(history: WorkflowHistory) -> str | None:
    """Replay the history; None when the code fits it, else what does not."""
    replayer = Replayer(workflows=[ScoreRecordWorkflow, ScoreBatchWorkflow, RecomputeRegisterWorkflow])
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    return str(result.replay_failure) if result.replay_failure else None
