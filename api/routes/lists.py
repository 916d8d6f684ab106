"""Lists that people need, a page at a time: scores, failed requests, what was done to a definition, and by whom."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from api import list_schemas as schemas
from api.cursors import Cursors, scope_of
from api.guard import GuardedRoute
from api.list_queries import (
    AuditWanted,
    ChangeRequestsWanted,
    DefinitionHistoryWanted,
    FailedRequestsWanted,
    PendingRequestsWanted,
    ScoresWanted,
)
from api.permissions import Permission, permission
from api.problems import documented
from api.registers import get_register_facts
from api.registry_schemas import ChangeRequest
from api.runs import request_answer
from api.services import Services
from registry.change_request_lists import list_change_requests
from registry.registers import get_record, get_record_of
from store.database import Session
from store.definitions import get_definition
from store.listings import DEFINITION_ACTIONS, AuditFilter, list_audit_entries, list_failed_requests
from store.pending_listings import list_pending_requests
from store.score_listings import ScoreSort, list_scores_of_register

router = APIRouter(route_class=GuardedRoute, tags=["lists"], responses=documented(HTTPStatus.NOT_FOUND))


@router.get("/register-data/scores", openapi_extra=permission(Permission.VIEW_SCORES))
async def get_scores_of_register(wanted: Annotated[ScoresWanted, Query()], services: Services) -> schemas.ScoreList:
    """A register's scores, by time or by score.

    A page looks at 2,000 scores at most: where a filter lets few through, it may be short, even empty, and continue.
    """
    by_score = wanted.sort is ScoreSort.COMPUTED_SCORE
    cursors = Cursors(scope_of("scores", wanted.chosen()), float if by_score else datetime)
    part = cursors.part(wanted.limit, wanted.after, descending=wanted.order.is_descending)
    async with services.reads() as session:
        page = await list_scores_of_register(session, wanted.filter(), wanted.sort, part)
        if not page.rows:
            await get_register_facts(session, wanted.register_id)
    scores = [schemas.ListedScore.model_validate(row) for row in page.rows]
    return schemas.ScoreList(scores=scores, next=cursors.next(page))


@router.get("/register-data/failed_requests", openapi_extra=permission(Permission.VIEW_SCORES))
async def get_failed_requests(
    wanted: Annotated[FailedRequestsWanted, Query()], services: Services
) -> schemas.FailedRequests:
    """A register's scores that could not be computed, newest first, and why."""
    cursors = Cursors(scope_of("failed_requests", wanted.chosen()))
    part = cursors.part(wanted.limit, wanted.after)
    async with services.reads() as session:
        page = await list_failed_requests(session, wanted.register_id, wanted.score_type, part)
        if not page.rows:
            await get_register_facts(session, wanted.register_id)
    failed = [request_answer(schemas.FailedRequest, row) for row in page.rows]
    return schemas.FailedRequests(failed_requests=failed, next=cursors.next(page))


@router.get("/register-data/pending_requests", openapi_extra=permission(Permission.VIEW_SCORES))
async def get_pending_requests(
    wanted: Annotated[PendingRequestsWanted, Query()], services: Services
) -> schemas.PendingRequests:
    """A register's scores that are asked for and not computed yet, by the time they are due, and which run has them."""
    cursors = Cursors(scope_of("pending_requests", wanted.chosen()))
    part = cursors.part(wanted.limit, wanted.after, descending=False)
    async with services.reads() as session:
        page = await list_pending_requests(session, wanted.register_id, wanted.score_type, part)
        if not page.rows:
            await get_register_facts(session, wanted.register_id)
    pending = [request_answer(schemas.PendingRequest, row) for row in page.rows]
    return schemas.PendingRequests(pending_requests=pending, next=cursors.next(page))


@router.get("/register-metadata/score_definition_history", openapi_extra=permission(Permission.VIEW_DEFINITIONS))
async def get_score_definition_history(
    wanted: Annotated[DefinitionHistoryWanted, Query()], services: Services
) -> schemas.DefinitionHistory:
    """What was done to a score definition, newest first; also to one that was deleted."""
    cursors = Cursors(scope_of("score_definition_history", wanted.chosen()), unique=int)
    part = cursors.part(wanted.limit, wanted.after)
    done = AuditFilter(wanted.score_definition_id, actions=DEFINITION_ACTIONS)
    async with services.reads() as session:
        page = await list_audit_entries(session, done, part)
        if not page.rows and part.after is None:
            await get_definition(session, wanted.score_definition_id)
    history = [schemas.DefinitionEvent.model_validate(row) for row in page.rows]
    return schemas.DefinitionHistory(score_definition_history=history, next=cursors.next(page))


@router.get("/audit-log", openapi_extra=permission(Permission.VIEW_AUDIT_LOG))
async def get_audit_log(wanted: Annotated[AuditWanted, Query()], services: Services) -> schemas.AuditLog:
    """Who did what, to what, and from where, newest first."""
    cursors = Cursors(scope_of("audit_log", wanted.chosen()), unique=int)
    async with services.reads() as session:
        page = await list_audit_entries(session, wanted.filter(), cursors.part(wanted.limit, wanted.after))
    entries = [schemas.AuditEntry.model_validate(row) for row in page.rows]
    return schemas.AuditLog(entries=entries, next=cursors.next(page))


@router.get("/change-requests", tags=["change requests"], openapi_extra=permission(Permission.VIEW_CHANGE_REQUESTS))
async def get_change_requests(
    wanted: Annotated[ChangeRequestsWanted, Query()], services: Services
) -> schemas.ChangeRequests:
    """Change requests by the time they were made: of a register, of a record, or what waits for approval in any."""
    cursors = Cursors(scope_of("change_requests", wanted.chosen()))
    part = cursors.part(wanted.limit, wanted.after, descending=wanted.order.is_descending)
    async with services.reads() as session:
        page = await list_change_requests(session, wanted.filter(), part)
        if not page.rows:
            await _require_known(session, wanted)
    change_requests = [ChangeRequest.model_validate(row) for row in page.rows]
    return schemas.ChangeRequests(change_requests=change_requests, next=cursors.next(page))


async def _require_known(session: Session, wanted: ChangeRequestsWanted) -> None:
    register, record = wanted.register_id, wanted.internal_record_id
    if register is not None:
        await get_register_facts(session, register)
    if record is not None:
        await (get_record(session, record) if register is None else get_record_of(session, register, record))
