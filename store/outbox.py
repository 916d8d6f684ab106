"""The record road: what a relay claims for it, marks, puts off and gives up, and what comes back from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import RowMapping, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from scoring.messages import ScoreRequest
from scoring.priorities import as_fairness_key
from store.database import Session
from store.definitions import to_debounce
from store.notifications import notify_of_records
from store.roads import STILL_PENDING, Outlook
from store.sweeping import IS_STUCK
from store.tables import G2PScoreComputeQueue

# Row locks are taken in the order (internal_record_id, score_type) everywhere, as approvals do: no deadlocks.

_CLAIM = text(f"""
WITH ready AS (
    SELECT road.internal_record_id, pending.due_at FROM g2p_score_compute_queue AS road CROSS JOIN LATERAL (
        SELECT due_at FROM g2p_score_compute_queue AS request
        WHERE request.internal_record_id = road.internal_record_id AND request.{STILL_PENDING}
            AND request.signal_after <= now()
        ORDER BY due_at LIMIT 1
    ) AS pending WHERE road.on_record_road
    UNION ALL
    SELECT failed.internal_record_id, failed.due_at
    FROM unnest(cast(:registers AS text[]), cast(:failed_rooms AS bigint[])) AS room(register_id, records)
    CROSS JOIN LATERAL (
        SELECT internal_record_id, due_at FROM g2p_score_compute_queue AS request
        WHERE request.register_id = room.register_id AND batch_failed AND compute_status = 'PENDING'
            AND signal_after <= now() AND NOT on_record_road
        ORDER BY signal_after LIMIT room.records
    ) AS failed
    UNION ALL
    SELECT waiting.internal_record_id, waiting.due_at FROM unnest(cast(:not_flooded AS text[])) AS room(register_id)
    CROSS JOIN LATERAL (
        SELECT internal_record_id, due_at FROM g2p_score_compute_queue AS request
        WHERE request.register_id = room.register_id AND compute_status = 'PENDING' AND reason = 'APPROVAL'
            AND signal_after <= now() AND NOT on_record_road AND NOT batch_failed
        ORDER BY due_at LIMIT :limit
    ) AS waiting
), chosen AS (
    SELECT queue_id FROM g2p_score_compute_queue
    -- as arrays: the planner knows that they are few, and takes the indexes; hundreds of runs with a long window wait
    WHERE internal_record_id = ANY(ARRAY(
        SELECT internal_record_id FROM ready GROUP BY internal_record_id ORDER BY min(due_at) LIMIT :limit))
        AND {STILL_PENDING} AND signal_after <= now()
    ORDER BY internal_record_id, score_type
    -- an approval under way is not waited for: its row is newer soon
    FOR UPDATE SKIP LOCKED
)
UPDATE g2p_score_compute_queue AS request SET signal_after = now() + :lease, on_record_road = true
WHERE queue_id = ANY(ARRAY(SELECT queue_id FROM chosen))
RETURNING request.*, coalesce({IS_STUCK}, false) AS is_stuck,
    greatest(0, extract(epoch FROM now() - pending_since))::float8 AS pending_for,
    greatest(0, extract(epoch FROM now() - compute_latest_timestamp))::float8 AS quiet_for
""")

_LOCKED = """
WITH item AS (
    SELECT * FROM jsonb_to_recordset(:items) AS item(
        internal_record_id text, score_type text, sequence bigint)
), locked AS (
    SELECT queue_id, item.sequence AS item_sequence
    FROM g2p_score_compute_queue JOIN item USING (internal_record_id, score_type)
    ORDER BY internal_record_id, score_type FOR UPDATE OF g2p_score_compute_queue
)
"""

_MARK_SIGNALED = text(
    _LOCKED
    + """
UPDATE g2p_score_compute_queue AS request SET
    signaled_sequence = greatest(request.signaled_sequence, item_sequence),
    signal_after = now() + :pace,
    processing_since = coalesce(request.processing_since, now()),
    (compute_status, compute_latest_timestamp) = (
        SELECT 'PROCESSING', now() WHERE request.sequence = item_sequence
        UNION ALL
        SELECT request.compute_status, request.compute_latest_timestamp WHERE request.sequence <> item_sequence)
FROM locked WHERE request.queue_id = locked.queue_id AND request.compute_status = 'PENDING'
"""
).bindparams(bindparam("items", type_=JSONB))

# A run that was ended knew of more than it was ended for; whoever holds a row now is not waited for.
_FORGET_RUNS = text("""
WITH forgotten AS (
    SELECT queue_id FROM g2p_score_compute_queue
    WHERE internal_record_id = ANY(:internal_record_ids) AND compute_status IN ('PENDING', 'PROCESSING')
        AND batch_id IS NULL
    ORDER BY internal_record_id, score_type FOR UPDATE SKIP LOCKED
)
UPDATE g2p_score_compute_queue SET
    compute_status = 'PENDING', processing_since = NULL,
    signal_after = CASE WHEN compute_status = 'PENDING' THEN signal_after ELSE now() END
WHERE queue_id = ANY(ARRAY(SELECT queue_id FROM forgotten))
""")

_PUT_OFF = text(f"""{_LOCKED}
UPDATE g2p_score_compute_queue AS request SET signal_after = now() + :delay
FROM locked WHERE request.queue_id = locked.queue_id AND request.compute_status = 'PENDING'
""").bindparams(bindparam("items", type_=JSONB))

_GIVE_UP = text(f"""{_LOCKED}
, given_up AS (
    UPDATE g2p_score_compute_queue AS request SET
        compute_status = 'FAILED', compute_latest_error_code = :error_code, compute_latest_error_message = :reason,
        on_record_road = false, processing_since = NULL, batch_id = NULL,
        -- the claim ends here: a newer approval is signaled at once
        compute_latest_timestamp = now(), signal_after = now()
    FROM locked WHERE request.queue_id = locked.queue_id AND request.sequence = item_sequence
        AND request.compute_status <> 'COMPLETED'
    RETURNING internal_record_id
)
{notify_of_records("given_up")}
""").bindparams(bindparam("items", type_=JSONB))

_GIVE_BACK = text(f"""{_LOCKED}
, given_back AS (
    UPDATE g2p_score_compute_queue AS request SET
        -- its burst goes on where it was: the next run waits for what is left of the window
        compute_status = 'PENDING', signal_after = now() + :delay, on_record_road = false, processing_since = NULL
    FROM locked WHERE request.queue_id = locked.queue_id AND request.sequence = item_sequence
        -- what a batch has by now was given back before
        AND request.compute_status = 'PROCESSING' AND request.batch_id IS NULL
    RETURNING request.register_id
)
SELECT count(*) FROM given_back
""").bindparams(bindparam("items", type_=JSONB))


@dataclass(frozen=True)
class RecordRequests:
    """The requests of one record that are to be signaled together; `restart`: to a run that is started anew."""

    register_id: str
    internal_record_id: str
    requests: list[ScoreRequest]
    restart: bool = False


async def claim_pending(
    session: Session, outlooks: Sequence[Outlook], limit: int, lease: timedelta, restart_after: timedelta
) -> list[RecordRequests]:
    """Records for the record road with all their pending requests, left to the caller for the time of the lease.

    A record that is on the road stays on it; those of registers that are not flooded join it. At most `limit`. The
    claim is a time in the row, not a lock: whoever commits it may take its time with Temporal, and no approval waits
    for that. A relay that dies loses its claim when the lease ends. Call it in one's turn. For `restart_after` see
    store.sweeping.SweepPolicy.
    """
    parameters = {
        "registers": [outlook.register_id for outlook in outlooks],
        "failed_rooms": [outlook.failed_room for outlook in outlooks],
        "not_flooded": [outlook.register_id for outlook in outlooks if not outlook.is_flooded],
        "limit": limit,
        "lease": lease,
        "restart_after": restart_after,
    }
    rows = (await session.execute(_CLAIM, parameters)).mappings().all()
    return [_record_requests(list(group)) for _, group in groupby(sorted(rows, key=_place), key=_record)]


def _place(row: RowMapping) -> tuple[str, str, str]:
    return *_record(row), row["score_type"]


def _record(row: RowMapping) -> tuple[str, str]:
    return row["register_id"], row["internal_record_id"]


def _record_requests(rows: Sequence[RowMapping]) -> RecordRequests:
    return RecordRequests(
        rows[0]["register_id"],
        rows[0]["internal_record_id"],
        [_to_request(row) for row in rows],
        restart=any(row["is_stuck"] for row in rows),
    )


def _to_request(row: RowMapping) -> ScoreRequest:
    return ScoreRequest(
        score_type=row["score_type"],
        sequence=row["sequence"],
        change_request_id=row["change_request_id"],
        contributing_attribute_values=row["contributing_attribute_values"],
        score_definition_id=row["score_definition_id"],
        definition_version=row["definition_version"],
        score_config=row["score_config"],
        debounce=to_debounce(row["debounce"]),
        pending_for=row["pending_for"],
        quiet_for=row["quiet_for"],
        submission_id=row["submission_id"],
        priority=row["priority"],
        fairness_key=as_fairness_key(row["fairness_key"] or row["register_id"]),
    )


async def mark_signaled(session: Session, records: Iterable[RecordRequests], pace: timedelta) -> None:
    """Temporal has these requests; what has become newer meanwhile stays pending, for `pace` from now.

    What else a run had that was started anew is pending again.
    """
    records = list(records)
    if restarted := [record.internal_record_id for record in records if record.restart]:
        await session.execute(_FORGET_RUNS, {"internal_record_ids": restarted})
    await session.execute(_MARK_SIGNALED, {"items": _items(records), "pace": pace})


async def put_off(session: Session, records: Iterable[RecordRequests], delay: timedelta) -> None:
    """Leave these requests pending, for `delay` from now."""
    await session.execute(_PUT_OFF, {"items": _items(records), "delay": delay})


async def give_up(session: Session, records: Iterable[RecordRequests], error_code: str, reason: str) -> None:
    """Mark these requests FAILED: no repetition would be accepted."""
    await session.execute(_GIVE_UP, {"items": _items(records), "error_code": error_code, "reason": reason})


async def give_back(session: Session, records: Iterable[RecordRequests], delay: timedelta) -> int:
    """Make requests that Temporal no longer works on pending again, for `delay` from now; returns how many."""
    return int(await session.scalar(_GIVE_BACK, {"items": _items(records), "delay": delay}) or 0)


def _items(records: Iterable[RecordRequests]) -> list[dict[str, Any]]:
    return [
        {
            "internal_record_id": record.internal_record_id,
            "score_type": request.score_type,
            "sequence": request.sequence,
        }
        for record in records
        for request in record.requests
    ]


async def list_requests(session: Session, internal_record_id: str) -> list[G2PScoreComputeQueue]:
    """A record's score requests, by score type."""
    statement = (
        select(G2PScoreComputeQueue)
        .where(G2PScoreComputeQueue.internal_record_id == internal_record_id)
        .order_by(G2PScoreComputeQueue.score_type)
    )
    return list(await session.scalars(statement))
