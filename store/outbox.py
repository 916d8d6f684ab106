"""The outbox side of the score requests: what a relay claims, marks, puts off and gives up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import RowMapping, bindparam, case, func, select, text
from sqlalchemy.dialects.postgresql import JSONB

from scoring.messages import ScoreRequest
from store.database import Session
from store.definitions import to_debounce
from store.tables import ComputeStatus, G2PScoreComputeQueue

# Row locks are taken in the order (internal_record_id, score_type) everywhere, as approvals do: no deadlocks.

_CLAIM = text("""
WITH ready AS (
    SELECT internal_record_id FROM g2p_score_compute_queue
    WHERE compute_status = 'PENDING' AND signal_after <= now()
    GROUP BY internal_record_id ORDER BY min(signal_after) LIMIT :limit
), chosen AS (
    SELECT queue_id FROM g2p_score_compute_queue JOIN ready USING (internal_record_id)
    WHERE compute_status = 'PENDING' AND signal_after <= now()
    ORDER BY internal_record_id, score_type
    -- an approval under way is not waited for: its row is newer soon
    FOR UPDATE OF g2p_score_compute_queue SKIP LOCKED
)
UPDATE g2p_score_compute_queue AS request SET signal_after = now() + :lease
FROM chosen WHERE request.queue_id = chosen.queue_id
RETURNING request.*
""")

_LOCKED = """
WITH item AS (
    SELECT * FROM jsonb_to_recordset(:items) AS item(internal_record_id text, score_type text, sequence bigint)
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
    compute_status = CASE WHEN request.sequence = item_sequence THEN 'PROCESSING' ELSE request.compute_status END,
    compute_latest_timestamp = now()
FROM locked WHERE request.queue_id = locked.queue_id AND request.compute_status = 'PENDING'
"""
).bindparams(bindparam("items", type_=JSONB))

_PUT_OFF = text(
    _LOCKED
    + """
UPDATE g2p_score_compute_queue AS request SET signal_after = now() + :delay
FROM locked WHERE request.queue_id = locked.queue_id AND request.compute_status = 'PENDING'
"""
).bindparams(bindparam("items", type_=JSONB))

_GIVE_UP = text(
    _LOCKED
    + """
UPDATE g2p_score_compute_queue AS request SET
    compute_status = 'FAILED', compute_latest_error_code = :error_code, compute_latest_error_message = :reason,
    -- the claim ends here: a newer approval is signaled at once
    compute_latest_timestamp = now(), signal_after = now()
FROM locked WHERE request.queue_id = locked.queue_id AND request.sequence = item_sequence
    AND request.compute_status <> 'COMPLETED'
"""
).bindparams(bindparam("items", type_=JSONB))

_GIVE_BACK = text(
    _LOCKED
    + """
, given_back AS (
    UPDATE g2p_score_compute_queue AS request SET
        compute_status = 'PENDING', pending_since = now(), signal_after = now() + :delay,
        compute_latest_timestamp = now()
    FROM locked WHERE request.queue_id = locked.queue_id AND request.sequence = item_sequence
        AND request.compute_status = 'PROCESSING'
    RETURNING request.register_id
)
SELECT count(*) FROM given_back
"""
).bindparams(bindparam("items", type_=JSONB))


@dataclass(frozen=True)
class RecordRequests:
    """The requests of one record that are to be signaled together."""

    register_id: str
    internal_record_id: str
    requests: list[ScoreRequest]


async def claim_pending(session: Session, limit: int, lease: timedelta) -> list[RecordRequests]:
    """Up to `limit` records with all their pending requests, left to the caller for the time of the lease.

    The claim is a time in the row, not a lock: whoever commits it may take its time with Temporal, and no approval
    waits for that. A relay that dies loses its claim when the lease ends. Relays claim one at a time, so that the
    requests of one record stay together; who does not get its turn gets nothing.
    """
    turn = select(func.pg_try_advisory_xact_lock(func.hashtext("steadyscore relay claim")))
    if not await session.scalar(turn):
        return []
    rows = (await session.execute(_CLAIM, {"limit": limit, "lease": lease})).mappings().all()
    return [_record_requests(list(group)) for _, group in groupby(sorted(rows, key=_place), key=_record)]


def _place(row: RowMapping) -> tuple[str, str]:
    return row["internal_record_id"], row["score_type"]


def _record(row: RowMapping) -> str:
    return str(row["internal_record_id"])


def _record_requests(rows: Sequence[RowMapping]) -> RecordRequests:
    return RecordRequests(rows[0]["register_id"], rows[0]["internal_record_id"], [_to_request(row) for row in rows])


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
    )


async def mark_signaled(session: Session, records: Iterable[RecordRequests], pace: timedelta) -> None:
    """Temporal has these requests; what has become newer meanwhile stays pending, for `pace` from now."""
    await session.execute(_MARK_SIGNALED, {"items": _items(records), "pace": pace})


async def put_off(session: Session, records: Iterable[RecordRequests], delay: timedelta) -> None:
    """Leave these requests pending, for `delay` from now."""
    await session.execute(_PUT_OFF, {"items": _items(records), "delay": delay})


async def give_up(session: Session, records: Iterable[RecordRequests], error_code: str, reason: str) -> None:
    """Mark these requests FAILED: no repetition would be accepted."""
    await session.execute(_GIVE_UP, {"items": _items(records), "error_code": error_code, "reason": reason})


async def give_back(session: Session, records: Iterable[RecordRequests], delay: timedelta) -> int:
    """Make requests that Temporal no longer works on pending again, for `delay` from now; returns how many."""
    count = await session.scalar(_GIVE_BACK, {"items": _items(records), "delay": delay})
    return int(count or 0)


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


async def next_signal_in(session: Session) -> timedelta | None:
    """How long until the first pending request may be signaled, at least 0; None when nothing is pending."""
    wait = func.greatest(func.min(G2PScoreComputeQueue.signal_after) - func.now(), timedelta(0))
    nothing = func.count() == 0
    statement = select(case((nothing, None), else_=wait)).where(
        # a literal, to fit the partial index
        text("compute_status = 'PENDING'")
    )
    seconds: timedelta | None = await session.scalar(statement.select_from(G2PScoreComputeQueue))
    return seconds


async def relay_lag(session: Session) -> timedelta:
    """For how long the oldest request that no relay has signaled has been waiting."""
    oldest = func.min(G2PScoreComputeQueue.pending_since)
    statement = select(func.coalesce(func.greatest(func.now() - oldest, timedelta(0)), timedelta(0))).where(
        G2PScoreComputeQueue.compute_status == ComputeStatus.PENDING.value
    )
    lag: timedelta = (await session.execute(statement)).scalar_one()
    return lag
