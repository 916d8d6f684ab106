"""The list of score requests that are not settled: those that wait, and those that Temporal has."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select, text, union_all

from store.database import Session
from store.pages import Along, ListPage, Part, read_page, walk
from store.tables import G2PScoreComputeBatch, G2PScoreComputeQueue

_Request = G2PScoreComputeQueue
_ALONG = Along(_Request.due_at, _Request.queue_id)

# as literal as the indexes' predicates: a generic plan could not use them for a bound one
_WAITS = text("compute_status = 'PENDING'")
_IS_UNDER_WAY = text("compute_status = 'PROCESSING'")
_IS_ON_RECORD_ROAD = text("on_record_road")
_IS_IN_BATCH = text("NOT on_record_road AND g2p_score_compute_queue.batch_id IS NOT NULL")
_IS_STRAY = text("NOT on_record_road AND g2p_score_compute_queue.batch_id IS NULL")

_COLUMNS = (
    _Request.queue_id,
    _Request.register_id,
    _Request.internal_record_id,
    _Request.score_type,
    _Request.change_request_id,
    _Request.submission_id,
    _Request.requested_at,
    _Request.due_at,
    _Request.compute_status,
    _Request.reason,
    _Request.sequence,
    _Request.definition_version,
    _Request.on_record_road,
    _Request.batch_id,
)


async def list_pending_requests(session: Session, register_id: str, score_type: str | None, part: Part) -> ListPage:
    """A register's PENDING and PROCESSING score requests, by the time they are due.

    What waits is read along an index, as far as the page looks. What is under way is read as a whole: the roads let
    in so much and no more.
    """
    unsettled = union_all(*_waiting(register_id, part), *_under_way(register_id, part)).subquery("unsettled")
    walked = walk(select(unsettled), Along(unsettled.c.due_at, unsettled.c.queue_id), part)
    matches = [] if score_type is None else [walked.c.score_type == score_type]
    return await read_page(session, select(walked), walked, matches, part)


def _waiting(register_id: str, part: Part) -> Iterator[Select[*tuple[Any, ...]]]:
    # each as the index begins: in the order of the list there are two walks
    for batch_failed in ("NOT batch_failed", "batch_failed"):
        rows = _of(register_id, part).where(_WAITS, text(batch_failed))
        walked = rows.order_by(*_ALONG.ordered(part)).limit(part.last_place).subquery()
        yield select(walked)


def _under_way(register_id: str, part: Part) -> Iterator[Select[*tuple[Any, ...]]]:
    rows = _of(register_id, part).where(_IS_UNDER_WAY)
    yield rows.where(_IS_ON_RECORD_ROAD)
    batch = G2PScoreComputeBatch
    yield rows.join(batch, batch.batch_id == _Request.batch_id).where(batch.register_id == register_id, _IS_IN_BATCH)
    yield rows.where(_IS_STRAY)


def _of(register_id: str, part: Part) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).where(_Request.register_id == register_id, _ALONG.beyond(part))
