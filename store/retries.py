"""Asking again for scores that FAILED."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from scoring.errors import ScoreRequestNotFound
from scoring.names import SCORE_EVENTS_CHANNEL, SCORES_REQUESTED_CHANNEL
from scoring.priorities import RequestPriority
from store.audit import Actor, append_audit
from store.database import Session

# With a sequence of its own, as a run that is still open knows the old one and would take it for a repetition. Nobody
# waits out a window that somebody has asked to end: it is over as of now. Somebody waits, whoever asked first.
_RETRY = text("""
WITH failed AS (
    SELECT queue_id, compute_latest_error_code FROM g2p_score_compute_queue
    WHERE internal_record_id = :internal_record_id AND compute_status = 'FAILED'
        AND (cast(:score_type AS text) IS NULL OR score_type = :score_type)
    ORDER BY score_type FOR UPDATE
), retried AS (
    UPDATE g2p_score_compute_queue AS request SET
        compute_status = 'PENDING', sequence = nextval('g2p_score_request_sequence'), requested_at = now(),
        priority = least(priority, :priority),
        pending_since = now() - make_interval(secs => (debounce ->> 'max_wait')::float8),
        due_at = now(), signal_after = now(), compute_latest_timestamp = now(),
        compute_latest_error_code = NULL, compute_latest_error_message = NULL, batch_id = NULL, batch_failed = false
    FROM failed WHERE request.queue_id = failed.queue_id
    RETURNING score_type, change_request_id, submission_id, sequence, register_id, internal_record_id,
        failed.compute_latest_error_code AS error_code
)
SELECT score_type, change_request_id, submission_id, sequence, error_code,
    -- PostgreSQL sends what is the same once
    pg_notify(:channel, register_id), pg_notify(:events_channel, internal_record_id)
FROM retried ORDER BY score_type
""")

_ASKED_FOR = text("""
SELECT EXISTS (
    SELECT FROM g2p_score_compute_queue WHERE internal_record_id = :internal_record_id
        AND (cast(:score_type AS text) IS NULL OR score_type = :score_type))
""")


@dataclass(frozen=True)
class RetriedRequest:
    """A FAILED request that is pending again, under a new sequence."""

    score_type: str
    change_request_id: str
    submission_id: str
    sequence: int
    error_code: str


async def retry_scores(
    session: Session, actor: Actor, internal_record_id: str, score_type: str | None = None
) -> Sequence[RetriedRequest]:
    """Ask again for the record's FAILED scores, or that of one score type; tells which, and keeps who asked.

    The snapshot and the definition are those of the failed request: after a change of the definition the register is
    recomputed instead. What is not FAILED stays as it is, so a repetition changes nothing.

    Raises:
        ScoreRequestNotFound: no such score was ever asked for.
    """
    chosen = {"internal_record_id": internal_record_id, "score_type": score_type}
    channels = {"channel": SCORES_REQUESTED_CHANNEL, "events_channel": SCORE_EVENTS_CHANNEL}
    urgency = {"priority": RequestPriority.HIGH.value}
    rows = (await session.execute(_RETRY, chosen | channels | urgency)).all()
    retried = [
        RetriedRequest(row.score_type, row.change_request_id, row.submission_id, row.sequence, row.error_code)
        for row in rows
    ]
    if retried:
        details = {"requests": [vars(request) for request in retried]}
        await append_audit(session, actor, "retry_scores", internal_record_id, details)
    elif not await session.scalar(_ASKED_FOR, chosen):
        what = score_type or "scores"
        raise ScoreRequestNotFound(f"no {what} of this record was ever asked for", field="internal_record_id")
    return retried
