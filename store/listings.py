"""Lists that people read of failed requests and of the audit log; those of scores stand in score_listings.py."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, select, text

from store.audit import AuditEntry
from store.database import Session
from store.pages import Along, ListPage, Part, read_page, walk
from store.tables import G2PScoreComputeQueue

# as literal as the index's predicate: a generic plan could not use the index for a bound one
_IS_FAILED = text("compute_status = 'FAILED'")

DEFINITION_ACTIONS = (
    "create_score_definition",
    "update_score_definition",
    "delete_score_definition",
    "create_score_contributing_attribute",
    "update_score_contributing_attribute",
    "delete_score_contributing_attribute",
)
"""Those of the audit log that make the history of a definition."""


@dataclass(frozen=True)
class AuditFilter:
    """Which entries of the audit log; `since` belongs to them, `until` does not."""

    subject: str | None = None
    actor: str | None = None
    actions: Sequence[str] = ()
    """None of them named: all."""
    since: datetime | None = None
    until: datetime | None = None


async def list_failed_requests(session: Session, register_id: str, score_type: str | None, part: Part) -> ListPage:
    """A register's FAILED score requests, by the time they failed."""
    request = G2PScoreComputeQueue
    rows = select(
        request.register_id,
        request.internal_record_id,
        request.score_type,
        request.compute_status,
        request.on_record_road,
        request.batch_id,
        request.change_request_id,
        request.submission_id,
        request.sequence,
        request.signaled_sequence,
        request.definition_version,
        request.compute_latest_error_code.label("error_code"),
        request.compute_latest_error_message.label("reason"),
        request.compute_latest_timestamp.label("failed_at"),
    ).where(request.register_id == register_id, _IS_FAILED)
    walked = walk(rows, Along(request.compute_latest_timestamp, request.queue_id), part)
    matches = [] if score_type is None else [walked.c.score_type == score_type]
    return await read_page(session, select(walked), walked, matches, part)


async def list_audit_entries(session: Session, wanted: AuditFilter, part: Part) -> ListPage:
    """Entries of the audit log by the time they tell of."""
    entry = AuditEntry
    rows = select(entry.__table__).where(*_by_index(wanted))
    walked = walk(rows, Along(entry.occurred_at, entry.audit_id), part)
    matches = [] if wanted.subject is not None else list(_by_choice(walked.c.action, wanted))
    return await read_page(session, select(walked), walked, matches, part)


def _by_index(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.subject is not None:
        yield AuditEntry.subject == wanted.subject
        # entries of one subject are few: nearly all that are looked at match
        yield from _by_choice(AuditEntry.action, wanted)
    if wanted.actor is not None:
        yield AuditEntry.actor == wanted.actor
    if wanted.since is not None:
        yield AuditEntry.occurred_at >= wanted.since
    if wanted.until is not None:
        yield AuditEntry.occurred_at < wanted.until


def _by_choice(action: SQLColumnExpression[str], wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.actions:
        yield action.in_(wanted.actions)
