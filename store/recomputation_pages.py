"""A recomputation's pages: records locked, requests put, the cursor moved, all in the caller's one transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Row, RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from scoring.attributes import snapshot
from scoring.errors import ScoreDefinitionDisabled, ScoreDefinitionNotFound
from scoring.json_values import JsonObject
from scoring.names import SCORE_EVENTS_CHANNEL, SCORES_REQUESTED_CHANNEL
from scoring.priorities import RequestPriority
from store.database import Session
from store.definition_tables import G2PRegisterScoreDefinition
from store.request_rows import upsert_requests
from store.tables import RequestReason
from store.weighted_attributes import SELECT_FOR_REQUESTS

_LOCK = text("""
SELECT * FROM g2p_score_recomputations WHERE register_id = :register_id AND score_type = :score_type
    AND status IN ('REQUESTED', 'RUNNING') FOR UPDATE
""")

# Not wanted: who has nothing to be scored and never had, and with `only_stale` who has a score of today's definition.
_WANTED = """
    WHERE (contributing_attribute_values <> '{}' OR EXISTS (
        SELECT FROM g2p_score_compute_queue AS known
        WHERE known.internal_record_id = wanted.internal_record_id AND known.score_type = wanted.score_type))
    AND NOT (:only_stale AND EXISTS (
        SELECT FROM g2p_register_scores AS score
        WHERE score.internal_record_id = wanted.internal_record_id AND score.score_type = wanted.score_type
            AND score.score_definition_id = wanted.score_definition_id
            AND score.definition_version >= wanted.definition_version))"""

# Left alone: what is about to be computed on the record's latest state anyway, and what is of a newer definition.
_REPLACEABLE = """
    WHERE request.score_definition_id <> excluded.score_definition_id
        OR request.definition_version < excluded.definition_version
        OR (request.definition_version = excluded.definition_version
            AND request.compute_status IN ('COMPLETED', 'FAILED'))"""

_REQUEST = text(
    upsert_requests(wanted_where=_WANTED, request_where=_REPLACEABLE)
    # as text: nothing counts void
    + "SELECT count(*), CASE WHEN count(*) > 0 THEN pg_notify(:channel, :register_id) END,"
    + " count(cast(pg_notify(:events_channel, internal_record_id) AS text)) FROM requested"
).bindparams(bindparam("rows", type_=JSONB))

_MOVE_ON = text("""
UPDATE g2p_score_recomputations SET
    status = 'RUNNING', total_records = :total, last_record_id = :last_record_id, all_requested = :all_requested,
    looked_at = looked_at + :looked_at, requested = requested + :requested, updated_at = now()
WHERE recomputation_id = :recomputation_id
""")

_COMPLETE = text("""
WITH open AS (
    SELECT recomputation_id, count(compute_status) FILTER (WHERE compute_status <> 'FAILED') AS outstanding,
        count(compute_status) FILTER (WHERE compute_status = 'FAILED') AS failed
    FROM g2p_score_recomputations LEFT JOIN g2p_score_compute_queue ON change_request_id = recomputation_id
        AND g2p_score_compute_queue.reason = 'RECOMPUTE' AND compute_status <> 'COMPLETED'
    WHERE recomputation_id = :recomputation_id GROUP BY recomputation_id
)
UPDATE g2p_score_recomputations AS recomputation SET
    status = 'COMPLETED', failed = open.failed, updated_at = now(), completed_at = now(), start_after = NULL
FROM open WHERE recomputation.recomputation_id = open.recomputation_id
    AND status = 'RUNNING' AND all_requested AND outstanding = 0
""")


@dataclass(frozen=True)
class RecordState:
    """A record as last approved."""

    internal_record_id: str
    attributes: JsonObject


RecordPages: TypeAlias = Callable[[Session, str, str, int], Awaitable[Sequence[RecordState]]]
"""Locks, against approvals, a register's records after an id, at most so many, and returns them in the order of ids."""

CountRecords: TypeAlias = Callable[[Session, str], Awaitable[int]]


@dataclass(frozen=True)
class RegisterRecords:
    """Where a register's records come from."""

    lock_page: RecordPages
    count: CountRecords


@dataclass(frozen=True)
class RecomputeLimits:
    """How many records a page has, and how many requests of one recomputation wait for their scores at most."""

    page_size: int = 500
    max_outstanding: int = 2_000


async def request_page(
    session: Session, register_id: str, score_type: str, records: RegisterRecords, limit: int
) -> int:
    """Ask for the scores of the next page's records; returns how many were looked at, 0 as well when none is to be.

    Locks are taken in this order: the recomputation, the records, their requests. As the definition is read under
    the records' locks, the requests agree with the order in which approvals of these records commit.

    Raises:
        ScoreDefinitionNotFound, ScoreDefinitionDisabled: there is nothing to compute by any more.
    """
    parameters = {"register_id": register_id, "score_type": score_type}
    recomputation = (await session.execute(_LOCK, parameters)).mappings().one_or_none()
    if recomputation is None:
        return 0
    page = await records.lock_page(session, register_id, recomputation["last_record_id"], limit)
    definition = await _get_enabled_definition(session, register_id, score_type)
    requested = await _request(session, recomputation, definition, page) if page else 0
    total = recomputation["total_records"]
    moved = {
        "recomputation_id": recomputation["recomputation_id"],
        "total": await records.count(session, register_id) if total is None else total,
        "last_record_id": page[-1].internal_record_id if page else recomputation["last_record_id"],
        "all_requested": len(page) < limit,
        "looked_at": len(page),
        "requested": requested,
    }
    await session.execute(_MOVE_ON, moved)
    return len(page)


async def _get_enabled_definition(session: Session, register_id: str, score_type: str) -> Row[Any]:
    statement = SELECT_FOR_REQUESTS.where(
        G2PRegisterScoreDefinition.register_id == register_id, G2PRegisterScoreDefinition.score_type == score_type
    )
    definition = (await session.execute(statement)).one_or_none()
    if definition is None:
        raise ScoreDefinitionNotFound(f"the register has no score definition for {score_type} any more")
    if not definition.is_enabled:
        raise ScoreDefinitionDisabled(f"the score definition for {score_type} was disabled")
    if not definition.contributing_attributes:
        raise ScoreDefinitionDisabled(f"the score definition for {score_type} has no weighted attributes any more")
    return definition


async def _request(
    session: Session, recomputation: RowMapping, definition: Row[Any], page: Sequence[RecordState]
) -> int:
    parameters = {
        "rows": [_request_row(recomputation["recomputation_id"], definition, record) for record in page],
        "reason": RequestReason.RECOMPUTE.value,
        "only_stale": recomputation["only_stale"],
        "channel": SCORES_REQUESTED_CHANNEL,
        "events_channel": SCORE_EVENTS_CHANNEL,
        "register_id": definition.register_id,
    }
    count, *_ = (await session.execute(_REQUEST, parameters)).one()
    return int(count)


def _request_row(recomputation_id: str, definition: Row[Any], record: RecordState) -> Mapping[str, object]:
    return {
        "register_id": definition.register_id,
        "internal_record_id": record.internal_record_id,
        "score_definition_id": definition.score_definition_id,
        "score_type": definition.score_type,
        "change_request_id": recomputation_id,
        "submission_id": "",
        "contributing_attribute_values": snapshot(record.attributes, definition.contributing_attributes),
        "definition_version": definition.version,
        "score_config": definition.score_config,
        # there is no burst to wait out
        "debounce": {"quiet_period": 0, "max_wait": 0},
        "priority": RequestPriority.BULK.value,
        "fairness_key": "",
    }


async def complete_recomputation(session: Session, recomputation_id: str) -> None:
    """Mark it COMPLETED where every record was looked at and no request of it is outstanding."""
    await session.execute(_COMPLETE, {"recomputation_id": recomputation_id})
