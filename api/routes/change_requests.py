"""Change requests: create, read, approve, reject."""

from http import HTTPStatus

from fastapi import APIRouter, status

from api import registry_schemas as schemas
from api.guard import GuardedRoute
from api.identity import CurrentActor
from api.permissions import Permission, permission
from api.problems import documented
from api.routes.registry import PathId
from api.services import Services
from registry.change_requests import (
    NewChangeRequest,
    approve_change_request,
    create_change_request,
    get_change_request,
    reject_change_request,
)

router = APIRouter(
    route_class=GuardedRoute,
    prefix="/change-requests",
    tags=["change requests"],
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)


@router.post("", status_code=status.HTTP_201_CREATED, openapi_extra=permission(Permission.CREATE_CHANGE_REQUESTS))
async def post_change_request(body: schemas.CreateChangeRequest, services: Services) -> schemas.ChangeRequest:
    """Ask for a change; refused where it does not fit the register."""
    new = NewChangeRequest(body.register_id, body.change_payload, body.internal_record_id, body.change_request_id)
    async with services.sessions.begin() as session:
        created = await create_change_request(session, new)
    return schemas.ChangeRequest.model_validate(created)


@router.get("/{change_request_id}", openapi_extra=permission(Permission.VIEW_CHANGE_REQUESTS))
async def get_one_change_request(change_request_id: PathId, services: Services) -> schemas.ChangeRequest:
    """One change request."""
    async with services.reads() as session:
        return schemas.ChangeRequest.model_validate(await get_change_request(session, change_request_id))


@router.post("/{change_request_id}/approve", openapi_extra=permission(Permission.APPROVE_CHANGE_REQUESTS))
async def approve(change_request_id: PathId, services: Services, actor: CurrentActor) -> schemas.ChangeRequest:
    """Apply the change and ask for the scores it touches; answered after the commit, before any score is computed."""
    async with services.sessions.begin() as session:
        approved = await approve_change_request(session, actor, change_request_id)
    return schemas.ChangeRequest.model_validate(approved)


@router.post("/{change_request_id}/reject", openapi_extra=permission(Permission.APPROVE_CHANGE_REQUESTS))
async def reject(change_request_id: PathId, services: Services, actor: CurrentActor) -> schemas.ChangeRequest:
    """Close the change request; the record stays as it is."""
    async with services.sessions.begin() as session:
        rejected = await reject_change_request(session, actor, change_request_id)
    return schemas.ChangeRequest.model_validate(rejected)
