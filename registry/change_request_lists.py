"""Lists of change requests: of a register, of a record, or what waits for approval in any."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, select, text

from registry.tables import ChangeRequest, ChangeRequestStatus
from scoring.errors import InvalidInput
from store.database import Session
from store.pages import Along, ListPage, Part, read_page, walk

# as literal as the indexes' predicate: a generic plan could not use them for a bound one
_IS_PENDING = text("status = 'PENDING'")


@dataclass(frozen=True)
class ChangeRequestFilter:
    """Which change requests; without a register or a record, those that wait."""

    register_id: str | None = None
    internal_record_id: str | None = None
    status: ChangeRequestStatus | None = None


async def list_change_requests(session: Session, wanted: ChangeRequestFilter, part: Part) -> ListPage:
    """Change requests by the time they were made.

    Raises:
        InvalidInput: neither of one register, nor of one record, nor PENDING, which no index could tell.
    """
    walked = walk(_by_index(wanted), Along(ChangeRequest.created_at, ChangeRequest.change_request_id), part)
    return await read_page(session, select(walked), walked, list(_by_choice(walked, wanted)), part)


def _by_index(wanted: ChangeRequestFilter) -> Select[*tuple[Any, ...]]:
    rows = select(ChangeRequest.__table__)
    if wanted.internal_record_id is not None:
        # those of one record are few: the rest is chosen from them
        return rows.where(ChangeRequest.internal_record_id == wanted.internal_record_id)
    if wanted.register_id is not None:
        rows = rows.where(ChangeRequest.register_id == wanted.register_id)
    elif wanted.status is not ChangeRequestStatus.PENDING:
        detail = "name a register_id or an internal_record_id, or ask for status PENDING"
        raise InvalidInput(detail, field="register_id")
    return rows.where(_IS_PENDING) if wanted.status is ChangeRequestStatus.PENDING else rows


def _by_choice(walked: Subquery, wanted: ChangeRequestFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.status is not None:
        yield walked.c.status == wanted.status.value
    if wanted.internal_record_id is not None and wanted.register_id is not None:
        yield walked.c.register_id == wanted.register_id
