"""Where each score type of a record stands: its score, what is asked for anew, whether its definition has moved on."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import text

from store.database import Session


class ScoreStatus(StrEnum):
    """Of several that hold, the first of FAILED, PENDING, STALE, CURRENT."""

    CURRENT = "current"
    PENDING = "pending"
    """Asked for, and not computed yet."""
    FAILED = "failed"
    STALE = "stale"
    """Computed by an older version of its definition, or by one that another has replaced."""


@dataclass(frozen=True)
class ScoreState:
    """One score type of a record; without a score yet, its request stands in the score's place."""

    internal_record_id: str
    score_type: str
    status: ScoreStatus
    reason: str | None
    """Why it failed."""
    computed_score: float | None
    computed_at: datetime | None
    definition_version: int | None
    triggered_by_cr_id: str
    triggered_by_submission_id: str
    requested_at: datetime | None
    """When what is pending or has failed was asked for, the last time."""
    sequence: int | None
    """Of the score."""
    requested_sequence: int | None
    """Of the latest request: where it is higher, a newer score is to come or has failed."""


STATUS = """CASE
    WHEN compute_status = 'FAILED' THEN 'failed'
    WHEN compute_status IN ('PENDING', 'PROCESSING') THEN 'pending'
    WHEN definition.score_definition_id <> state.score_definition_id
        OR definition.version > state.definition_version THEN 'stale'
    ELSE 'current' END"""
"""The rule in SQL: of a score `state`, the `definition` its type has now, and its request's `compute_status`."""

# Both tables by their unique index on (record, score type): one plan for one record and for a thousand.
_STATES = text(f"""
SELECT state.*, {STATUS} AS status
FROM (
    SELECT internal_record_id, score_type, compute_status, score_definition_id,
        CASE WHEN compute_status = 'FAILED' THEN compute_latest_error_message END AS reason,
        computed_score, computed_at, score.definition_version,
        coalesce(triggered_by_cr_id, change_request_id) AS triggered_by_cr_id,
        coalesce(triggered_by_submission_id, submission_id) AS triggered_by_submission_id,
        CASE WHEN compute_status <> 'COMPLETED' THEN requested_at END AS requested_at,
        score.sequence, request.sequence AS requested_sequence,
        coalesce(score.register_id, request.register_id) AS register_id
    FROM (
        SELECT internal_record_id, score_type, register_id, score_definition_id, computed_score, computed_at,
            definition_version, triggered_by_cr_id, triggered_by_submission_id, sequence
        FROM g2p_register_scores WHERE internal_record_id = ANY(cast(:internal_record_ids AS text[]))
    ) AS score FULL JOIN (
        SELECT internal_record_id, score_type, register_id, compute_status, compute_latest_error_message,
            change_request_id, submission_id, requested_at, sequence
        FROM g2p_score_compute_queue WHERE internal_record_id = ANY(cast(:internal_record_ids AS text[]))
    ) AS request USING (internal_record_id, score_type)
    WHERE score.sequence IS NOT NULL OR compute_status <> 'COMPLETED'
) AS state LEFT JOIN g2p_register_score_definitions AS definition
    ON definition.register_id = state.register_id AND definition.score_type = state.score_type
ORDER BY state.internal_record_id, state.score_type
""")


async def list_score_states(
    session: Session, internal_record_ids: Collection[str]
) -> Mapping[str, Sequence[ScoreState]]:
    """The states of these records by score type, in one query; none for a record that has none or nobody knows."""
    states: defaultdict[str, list[ScoreState]] = defaultdict(list)
    for row in await session.execute(_STATES, {"internal_record_ids": list(internal_record_ids)}):
        states[row.internal_record_id].append(
            ScoreState(
                internal_record_id=row.internal_record_id,
                score_type=row.score_type,
                status=ScoreStatus(row.status),
                reason=row.reason,
                computed_score=row.computed_score,
                computed_at=row.computed_at,
                definition_version=row.definition_version,
                triggered_by_cr_id=row.triggered_by_cr_id,
                triggered_by_submission_id=row.triggered_by_submission_id,
                requested_at=row.requested_at,
                sequence=row.sequence,
                requested_sequence=row.requested_sequence,
            )
        )
    return states
