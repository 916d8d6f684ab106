"""A workflow under the name of the real one that does something else: runs of the one do not fit the other.

What a next version may really be, scoring included, is faults/next_workflows.py.
"""

from typing import Any

from temporalio import workflow


@workflow.defn(name="ScoreRecordWorkflow")
class ChangedWorkflow:
    """Waits a moment before it does nothing."""

    @workflow.signal(name="scores_requested")
    def scores_requested(self, message: Any = None) -> None:
        """Take no notice."""

    @workflow.run
    async def run(self, record: Any) -> None:
        """Wait."""
        del record
        await workflow.sleep(0.01)
