"""The batch road: due requests assigned to batches, batches claimed for their start, their rows read and given up."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from scoring.batch_messages import ComputedBatch
from scoring.json_values import JsonObject, storable_text
from scoring.names import SCORES_REQUESTED_CHANNEL
from store.database import Session
from store.notifications import notify_of_records
from store.roads import STILL_PENDING, Outlook, RoadLimits

_BATCHABLE = """compute_status = 'PENDING' AND due_at <= now() AND signal_after <= now()
    AND NOT on_record_road AND NOT batch_failed AND (:is_flooded OR reason = 'RECOMPUTE')"""

_ASSIGN = text(f"""
WITH oldest AS (
    SELECT queue_id, internal_record_id, due_at FROM g2p_score_compute_queue
    WHERE register_id = :register_id AND {_BATCHABLE} ORDER BY due_at
    LIMIT :batch_size * (
        SELECT greatest(count(*), 1) FROM g2p_register_score_definitions WHERE register_id = :register_id)
), record AS (
    SELECT internal_record_id FROM oldest GROUP BY internal_record_id ORDER BY min(due_at) LIMIT :batch_size
), chosen AS (
    SELECT queue_id FROM g2p_score_compute_queue
    WHERE queue_id = ANY(ARRAY(SELECT queue_id FROM oldest JOIN record USING (internal_record_id)))
        -- looked at again under the lock; see store.roads.STILL_PENDING
        AND {STILL_PENDING} AND due_at <= now() AND NOT on_record_road AND NOT batch_failed
    ORDER BY internal_record_id, score_type
    -- an approval under way is not waited for: its row is newer soon
    FOR UPDATE SKIP LOCKED
), assigned AS (
    UPDATE g2p_score_compute_queue AS request
    SET compute_status = 'PROCESSING', batch_id = :batch_id, compute_latest_timestamp = now()
    FROM chosen WHERE request.queue_id = chosen.queue_id
    RETURNING request.score_type
), opened AS (
    INSERT INTO g2p_score_compute_batches (batch_id, register_id, start_after)
    SELECT :batch_id, :register_id, now() + :lease WHERE EXISTS (SELECT FROM assigned)
)
SELECT DISTINCT score_type FROM assigned ORDER BY score_type
""")

# An ended batch is forgotten by the way.
_CLAIM_UNSTARTED = text("""
WITH with_rows AS (
    SELECT batch_id, ARRAY(
        SELECT DISTINCT score_type FROM g2p_score_compute_queue AS request
        WHERE request.batch_id = batch.batch_id ORDER BY score_type) AS score_types,
        created_at <= now() - make_interval(secs => :restart_after) AS is_stuck
    FROM g2p_score_compute_batches AS batch
), ended AS (
    DELETE FROM g2p_score_compute_batches AS batch USING with_rows
    WHERE batch.batch_id = with_rows.batch_id AND score_types = '{}'
)
UPDATE g2p_score_compute_batches AS batch SET
    start_after = now() + :lease, created_at = CASE WHEN is_stuck THEN now() ELSE created_at END
FROM with_rows
WHERE batch.batch_id = with_rows.batch_id AND score_types <> '{}' AND start_after <= now()
RETURNING batch.batch_id, register_id, score_types, is_stuck
""")

_SET_START_AFTER = text(
    "UPDATE g2p_score_compute_batches SET start_after = now() + :delay WHERE batch_id = ANY(:batch_ids)"
)

_LOAD = text("""
SELECT internal_record_id, score_type, sequence, contributing_attribute_values, score_config
FROM g2p_score_compute_queue
WHERE batch_id = :batch_id AND score_type = ANY(:score_types)
    AND (internal_record_id, score_type) > (:after_record, :after_type)
ORDER BY internal_record_id, score_type LIMIT :limit
""")

# Not locked: their records come first. What leaves the batch meanwhile is locked in vain, nothing comes into it.
_COMPUTED_RECORDS = text("""
SELECT DISTINCT internal_record_id FROM g2p_score_compute_queue
WHERE batch_id = :batch_id AND sequence = ANY(:sequences) ORDER BY internal_record_id
""")

# One order for all that the following statements touch: they wait for nobody.
_LOCK = text("""
SELECT FROM g2p_score_compute_queue WHERE batch_id = :batch_id AND sequence = ANY(:sequences)
ORDER BY internal_record_id, score_type FOR UPDATE
""")

_SAVE_FAILED = text(f"""
WITH settled AS (
    UPDATE g2p_score_compute_queue AS request SET
        compute_status = 'FAILED', compute_latest_error_code = error_code, compute_latest_error_message = message,
        compute_latest_timestamp = clock_timestamp(), batch_id = NULL, on_record_road = false, processing_since = NULL
    FROM jsonb_to_recordset(:failed) AS failed(sequence bigint, error_code text, message text)
    WHERE request.batch_id = :batch_id AND request.sequence = failed.sequence
    RETURNING internal_record_id
)
{notify_of_records("settled")}
""").bindparams(bindparam("failed", type_=JSONB))

_TO_RECORD_ROAD = text("""
UPDATE g2p_score_compute_queue SET
    compute_status = 'PENDING', batch_id = NULL, batch_failed = true, signal_after = now()
WHERE batch_id = :batch_id AND sequence = ANY(:sequences)
""")

_GIVE_BACK = text("""
WITH locked AS (
    SELECT queue_id FROM g2p_score_compute_queue
    WHERE batch_id = :batch_id AND (cast(:score_types AS text[]) IS NULL OR score_type = ANY(:score_types))
    ORDER BY internal_record_id, score_type FOR UPDATE
)
UPDATE g2p_score_compute_queue AS request SET
    compute_status = 'PENDING', batch_id = NULL, batch_failed = :to_record_road, signal_after = now()
FROM locked WHERE request.queue_id = locked.queue_id
""")

_NOTIFY = text("SELECT pg_notify(:channel, :batch_id)")


@dataclass(frozen=True)
class Batch:
    """Requests of one register that are computed together, `restart`: by a new run; the rows name it."""

    batch_id: str
    register_id: str
    score_types: list[str]
    restart: bool = False


@dataclass(frozen=True)
class BatchRow:
    """One request of a batch."""

    internal_record_id: str
    score_type: str
    sequence: int
    contributing_attribute_values: JsonObject
    score_config: JsonObject


async def claim_batches(
    session: Session, outlooks: Sequence[Outlook], limits: RoadLimits, lease: timedelta
) -> list[Batch]:
    """Batches to be started by the caller within the lease: new ones of what is due, and those nobody has started.

    A register may have as many open as are left to the others: a flood of one leaves half of them free. Call it in
    one's turn (`take_turn`), commit, and start them after that: a batch's id is in its rows before it starts.
    """
    unstarted = {"lease": lease, "restart_after": limits.batch_restart_after}
    claimed = [Batch(*row) for row in await session.execute(_CLAIM_UNSTARTED, unstarted)]
    opened: list[Batch] = []
    for outlook in outlooks:
        if outlook.is_due and outlook.batch_room > len(opened):
            batch = await _assign(session, outlook, limits.batch_size, lease)
            opened += [batch] if batch.score_types else []
    return claimed + opened


async def _assign(session: Session, outlook: Outlook, batch_size: int, lease: timedelta) -> Batch:
    batch_id = str(uuid.uuid4())
    parameters = {
        "register_id": outlook.register_id,
        "is_flooded": outlook.is_flooded,
        "batch_id": batch_id,
        "batch_size": batch_size,
        "lease": lease,
    }
    return Batch(batch_id, outlook.register_id, list(await session.scalars(_ASSIGN, parameters)))


async def put_off_start(session: Session, batches: Sequence[Batch], delay: timedelta) -> None:
    """Leave these batches alone for `delay` from now; then they are started again, which an open one does not feel."""
    await session.execute(_SET_START_AFTER, {"batch_ids": [batch.batch_id for batch in batches], "delay": delay})


async def load_batch(
    session: Session, batch_id: str, score_types: Sequence[str], after: tuple[str, str], limit: int
) -> list[BatchRow]:
    """Up to `limit` of the batch's requests for these score types, in order, after that record and score type."""
    parameters = {
        "batch_id": batch_id,
        "score_types": list(score_types),
        "after_record": after[0],
        "after_type": after[1],
        "limit": limit,
    }
    return [BatchRow(*row) for row in await session.execute(_LOAD, parameters)]


async def list_computed_records(session: Session, batch: ComputedBatch) -> list[str]:
    """The records of which the batch has scores, by id, where they still are in the batch."""
    sequences = [sequence for part in batch.computed for sequence in part.sequences]
    return list(await session.scalars(_COMPUTED_RECORDS, {"batch_id": batch.batch_id, "sequences": sequences}))


async def lock_batch(session: Session, batch: ComputedBatch) -> None:
    """Lock what still is in the batch, in the order in which everything locks requests."""
    settled = [part.sequences for part in batch.computed] + [part.sequences for part in batch.failed]
    sequences = [sequence for part in settled for sequence in part] + batch.unsettled
    await session.execute(_LOCK, {"batch_id": batch.batch_id, "sequences": sequences})


async def save_failed_batch(session: Session, batch: ComputedBatch) -> None:
    """Settle what failed for good as FAILED, where it still is in the batch."""
    rows = [
        {"sequence": sequence, "error_code": storable_text(one.error_code), "message": storable_text(one.reason)}
        for one in batch.failed
        for sequence in one.sequences
    ]
    await session.execute(_SAVE_FAILED, {"batch_id": batch.batch_id, "failed": rows})


async def hand_to_record_road(session: Session, batch: ComputedBatch) -> None:
    """Make what is unsettled single requests, where it still is in the batch: retries belong to the record road."""
    await session.execute(_TO_RECORD_ROAD, {"batch_id": batch.batch_id, "sequences": batch.unsettled})


async def give_back_batch(
    session: Session, batch_id: str, score_types: Sequence[str] | None, *, to_record_road: bool = False
) -> None:
    """Make pending again what is left of a batch, or of these score types of it."""
    types = None if score_types is None else list(score_types)
    parameters = {"batch_id": batch_id, "score_types": types, "to_record_road": to_record_road}
    await session.execute(_GIVE_BACK, parameters)


async def notify_relay(session: Session, batch_id: str) -> None:
    """Tell the relay, when the caller commits, that there is room on the batch road."""
    await session.execute(_NOTIFY, {"channel": SCORES_REQUESTED_CHANNEL, "batch_id": batch_id})
