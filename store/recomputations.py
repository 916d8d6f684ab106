"""Recomputations as they stand, and changing that. How one begins and goes on: recomputation_{requests,pages}.py."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text

from scoring.errors import (
    RecomputationEnded,
    RecomputationNotFound,
)
from scoring.json_values import storable_text
from scoring.names import SCORES_REQUESTED_CHANNEL, recompute_workflow_id
from scoring.recompute_messages import RecomputationProgress, RecomputationStatus
from store.database import Session
from store.recomputation_table import IS_ACTIVE

_NOTIFY = text("SELECT pg_notify(:channel, :register_id)")

_SELECT = """
SELECT recomputation.*, request.outstanding,
    CASE WHEN completed_at IS NULL THEN request.failed ELSE recomputation.failed END AS failed_so_far
FROM g2p_score_recomputations AS recomputation CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE compute_status <> 'FAILED') AS outstanding,
        count(*) FILTER (WHERE compute_status = 'FAILED') AS failed
    FROM g2p_score_compute_queue
    WHERE change_request_id = recomputation_id AND reason = 'RECOMPUTE' AND compute_status <> 'COMPLETED'
) AS request
"""

_GET = text(_SELECT + "WHERE recomputation_id = :recomputation_id")

_LIST = text(_SELECT + "WHERE register_id = :register_id ORDER BY requested_at DESC, score_type LIMIT :limit")

_FIND_LATEST = text(
    _SELECT
    + f"""WHERE register_id = :register_id AND score_type = :score_type
ORDER BY {IS_ACTIVE} DESC, requested_at DESC LIMIT 1"""
)

_CHANGE = text(f"""
UPDATE g2p_score_recomputations AS recomputation SET
    status = :status, reason = :reason, updated_at = now(),
    completed_at = CASE WHEN :is_active THEN NULL ELSE now() END,
    failed = (
        SELECT count(*) FROM g2p_score_compute_queue
        WHERE change_request_id = recomputation_id AND reason = 'RECOMPUTE' AND compute_status <> 'COMPLETED'
            AND compute_status = 'FAILED'),
    start_after = CASE WHEN :wake THEN now() WHEN :is_active THEN start_after END
WHERE recomputation_id = :recomputation_id AND {IS_ACTIVE} AND (status = 'PAUSED' OR :status <> 'RUNNING')
RETURNING true
""")


@dataclass(frozen=True)
class Recomputation:
    """A recomputation and how far it is."""

    register_id: str
    score_type: str
    only_stale: bool
    requested_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    progress: RecomputationProgress

    @property
    def status(self) -> RecomputationStatus:
        """Where it stands."""
        return RecomputationStatus(self.progress.status)

    @property
    def workflow_id(self) -> str:
        """The id of its run in Temporal."""
        return recompute_workflow_id(self.register_id, self.score_type)


async def change_recomputation(
    session: Session, recomputation_id: str, status: RecomputationStatus, reason: str | None = None, *, wake: bool
) -> bool:
    """Pause, resume or end a recomputation; False where it has ended or is not paused when it is to be resumed.

    With `wake` the relay makes its run look at it; a run itself needs no such thing.
    """
    parameters = {
        "recomputation_id": recomputation_id,
        "status": status.value,
        "reason": None if reason is None else storable_text(reason),
        "is_active": status.is_active,
        "wake": wake,
    }
    return bool(await session.scalar(_CHANGE, parameters))


async def control_recomputation(session: Session, recomputation_id: str, status: RecomputationStatus) -> Recomputation:
    """Pause, resume or cancel at once, as people ask for; its run hears of it when the caller commits.

    Raises:
        RecomputationNotFound: no recomputation has the id.
        RecomputationEnded: it is completed, cancelled or failed.
    """
    await change_recomputation(session, recomputation_id, status, wake=True)
    recomputation = await get_recomputation(session, recomputation_id)
    if not recomputation.status.is_active and recomputation.status is not status:
        raise RecomputationEnded(
            f"the recomputation of {recomputation.score_type} is {recomputation.status}; ask for a new one",
            field="recomputation_id",
        )
    await notify_relay(session, recomputation.register_id)
    return recomputation


async def notify_relay(session: Session, register_id: str) -> None:
    """Tell the relay, when the caller commits, that a recomputation wants to be looked after."""
    await session.execute(_NOTIFY, {"channel": SCORES_REQUESTED_CHANNEL, "register_id": register_id})


async def get_recomputation(session: Session, recomputation_id: str) -> Recomputation:
    """Raise RecomputationNotFound when no recomputation has the id."""
    row = (await session.execute(_GET, {"recomputation_id": recomputation_id})).mappings().one_or_none()
    if row is None:
        raise RecomputationNotFound(f"no recomputation has the id {recomputation_id}", field="recomputation_id")
    return _recomputation(row)


async def list_recomputations(session: Session, register_id: str, limit: int = 50) -> list[Recomputation]:
    """A register's recomputations, the latest first."""
    rows = await session.execute(_LIST, {"register_id": register_id, "limit": limit})
    return [_recomputation(row) for row in rows.mappings()]


async def find_latest_recomputation(session: Session, register_id: str, score_type: str) -> Recomputation | None:
    """The one that is under way, else the one asked for last."""
    parameters = {"register_id": register_id, "score_type": score_type}
    row = (await session.execute(_FIND_LATEST, parameters)).mappings().one_or_none()
    return None if row is None else _recomputation(row)


def _recomputation(row: RowMapping) -> Recomputation:
    progress = RecomputationProgress(
        recomputation_id=row["recomputation_id"],
        status=row["status"],
        total=row["total_records"],
        looked_at=row["looked_at"],
        requested=row["requested"],
        outstanding=row["outstanding"],
        failed=row["failed_so_far"],
        rate=row["rate"],
        all_requested=row["all_requested"],
        reason=row["reason"],
    )
    times = {name: row[name] for name in ("requested_at", "updated_at", "completed_at")}
    return Recomputation(row["register_id"], row["score_type"], row["only_stale"], progress=progress, **times)
