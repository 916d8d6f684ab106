"""The sweeper: requests that are PROCESSING for too long become pending again, whatever lost them."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from store.database import Session

IS_STUCK = """processing_since <= now() - (cast(:restart_after AS interval)
        + make_interval(secs => (debounce ->> 'max_wait')::float8))"""
"""The run has had requests of this row for longer than a window and all attempts take, and stored no score of it."""

# What a run or an open batch may still compute is signaled again all the same: it knows the sequence, and that changes
# nothing. `compute_latest_timestamp` stays, as the next signal says by it for how long the burst has been quiet.
_LATE = "greatest(due_at, compute_latest_timestamp) <= now() - cast(:sweep_after AS interval)"

_NO_BATCH = "NOT EXISTS (SELECT FROM g2p_score_compute_batches AS batch WHERE batch.batch_id = request.batch_id)"

_SWEEP = text(f"""
WITH RECURSIVE batch_step AS (
    -- from one to the next on the index, as for registers in store.roads
    (SELECT batch_id FROM g2p_score_compute_queue WHERE batch_id IS NOT NULL ORDER BY batch_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT batch_id FROM g2p_score_compute_queue
        WHERE batch_id IS NOT NULL AND batch_id > batch_step.batch_id ORDER BY batch_id LIMIT 1)
    FROM batch_step WHERE batch_id IS NOT NULL
), gone AS (
    SELECT batch_id FROM batch_step AS request WHERE batch_id IS NOT NULL AND {_NO_BATCH}
), late AS (
    SELECT internal_record_id, due_at, coalesce({IS_STUCK}, false) AS is_stuck FROM g2p_score_compute_queue
    WHERE on_record_road AND compute_status = 'PROCESSING'
        AND {_LATE}
    UNION ALL
    -- neither road knows them: a batch that is gone, or a state that somebody made by hand
    SELECT internal_record_id, due_at, false FROM g2p_score_compute_queue
    WHERE batch_id = ANY(ARRAY(SELECT batch_id FROM gone)) AND compute_status = 'PROCESSING' AND {_LATE}
    UNION ALL
    SELECT internal_record_id, due_at, false FROM g2p_score_compute_queue
    WHERE compute_status = 'PROCESSING' AND NOT on_record_road AND batch_id IS NULL
        AND {_LATE}
), chosen AS (
    SELECT internal_record_id, bool_or(is_stuck) AS is_stuck FROM late
    GROUP BY internal_record_id ORDER BY min(due_at) LIMIT :limit
), locked AS (
    SELECT queue_id FROM g2p_score_compute_queue AS request
    -- as arrays: the planner knows that they are few, and takes the index
    WHERE internal_record_id = ANY(ARRAY(SELECT internal_record_id FROM chosen))
        AND compute_status || '' = 'PROCESSING'
        AND {_NO_BATCH}
        -- a run that is started anew forgets what it has of the others
        AND (internal_record_id = ANY(ARRAY(SELECT internal_record_id FROM chosen WHERE is_stuck)) OR {_LATE})
    ORDER BY internal_record_id, score_type
    -- an approval or a result under way is not waited for
    FOR UPDATE OF request SKIP LOCKED
), swept AS (
    UPDATE g2p_score_compute_queue SET compute_status = 'PENDING', batch_id = NULL, signal_after = now()
    WHERE queue_id = ANY(ARRAY(SELECT queue_id FROM locked))
    RETURNING queue_id
)
SELECT count(*) FROM swept
""")


@dataclass(frozen=True)
class SweepPolicy:
    """When the sweeper takes a request for lost; durations in seconds.

    A round takes up to `records` records that have been due, and PROCESSING, for `sweep_after`: they are signaled
    again, which a run that has them does not feel. A run that has stored no score for `restart_after` beyond the
    window is ended and started anew; that must be longer than all attempts of a computation take.
    """

    sweep_after: float = 120.0
    sweep_interval: float = 30.0
    restart_after: float = 3600.0
    records: int = 100


async def sweep_overdue(session: Session, policy: SweepPolicy) -> int:
    """Make pending again what has been PROCESSING for too long; returns how many requests. Call it in one's turn."""
    parameters = {
        "sweep_after": timedelta(seconds=policy.sweep_after),
        "restart_after": timedelta(seconds=policy.restart_after),
        "limit": policy.records,
    }
    count = await session.scalar(_SWEEP, parameters)
    return int(count or 0)
