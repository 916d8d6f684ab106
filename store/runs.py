"""Which Temporal run has a score request, for people who want to look at it."""

from typing import Any, TypeAlias

from sqlalchemy import Row

from scoring.names import score_batch_workflow_id, score_record_workflow_id
from store.tables import ComputeStatus, G2PScoreComputeQueue

ScoreRequestRow: TypeAlias = G2PScoreComputeQueue | Row[Any]
"""A score request, or what a list of them tells of one."""


def workflow_of(request: ScoreRequestRow) -> str | None:
    """The id of the run that has it or, of its record, that was told of it and failed it; None where there is none.

    What failed in a batch for good, or was given up by the relay, has had no run of its record.
    """
    if request.on_record_road or _failed_on_record_road(request):
        return score_record_workflow_id(request.register_id, request.internal_record_id)
    if request.batch_id is not None:
        return score_batch_workflow_id(request.register_id, request.batch_id)
    return None


def _failed_on_record_road(request: ScoreRequestRow) -> bool:
    return request.compute_status == ComputeStatus.FAILED and bool(request.signaled_sequence >= request.sequence)
