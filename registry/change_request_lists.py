"""Lists of change requests: of a register, or what waits for approval in any."""

from sqlalchemy import select, text

from registry.tables import ChangeRequest, ChangeRequestStatus
from scoring.errors import InvalidInput
from store.database import Session
from store.pages import Along, ListPage, Part, read_page, walk

# as literal as the indexes' predicate: a generic plan could not use them for a bound one
_IS_PENDING = text("status = 'PENDING'")


async def list_change_requests(
    session: Session, register_id: str | None, status: ChangeRequestStatus | None, part: Part
) -> ListPage:
    """Change requests by the time they were made.

    Raises:
        InvalidInput: neither of one register nor PENDING, which no index could tell.
    """
    rows = select(ChangeRequest.__table__)
    if register_id is not None:
        rows = rows.where(ChangeRequest.register_id == register_id)
    elif status is not ChangeRequestStatus.PENDING:
        raise InvalidInput("name a register_id, or ask for status PENDING", field="register_id")
    if status is ChangeRequestStatus.PENDING:
        rows = rows.where(_IS_PENDING)
    walked = walk(rows, Along(ChangeRequest.created_at, ChangeRequest.change_request_id), part)
    matches = [] if status is None else [walked.c.status == status.value]
    return await read_page(session, select(walked), walked, matches, part)
