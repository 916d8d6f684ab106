"""Collaborations: an owner invites, who is invited confirms or declines, either ends it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from api import builder_schemas as schemas
from api.builder_queries import CollaborationsWanted
from api.guard import GuardedRoute
from api.identity import CurrentActor
from api.next_pages import split_page
from api.permissions import Permission, permission
from api.problems import documented
from api.routes.registry import PathId
from api.services import Services
from builders.collaborations import confirm, decline, invite, list_collaborations, remove
from builders.users import get_own_user

router = APIRouter(route_class=GuardedRoute, tags=["builders"], responses=documented(HTTPStatus.CONFLICT))

BUILD = permission(Permission.BUILD)
MAY_BE_MISSING = documented(HTTPStatus.NOT_FOUND)


@router.post(
    "/projects/{project_id}/collaborators",
    status_code=HTTPStatus.CREATED,
    openapi_extra=BUILD,
    responses=MAY_BE_MISSING,
)
async def post_collaborator(
    project_id: PathId, body: schemas.Invite, services: Services, actor: CurrentActor
) -> schemas.Collaboration:
    """Invite somebody to one's own project; it counts for nothing until that one confirms.

    A project has at most 100 who are invited, have confirmed or have declined.
    """
    async with services.sessions.begin() as session:
        collaborator = await invite(session, actor, project_id, body.user_id)
    return schemas.Collaboration.model_validate(collaborator)


@router.post("/projects/{project_id}/confirm_collaboration", openapi_extra=BUILD, responses=MAY_BE_MISSING)
async def confirm_collaboration(project_id: PathId, services: Services, actor: CurrentActor) -> schemas.Collaboration:
    """Accept an invitation; owner and collaborator vouch for each other, and the scores of both are asked for."""
    async with services.sessions.begin() as session:
        collaborator = await confirm(session, actor, project_id)
    return schemas.Collaboration.model_validate(collaborator)


@router.post("/projects/{project_id}/decline_collaboration", openapi_extra=BUILD, responses=MAY_BE_MISSING)
async def decline_collaboration(project_id: PathId, services: Services, actor: CurrentActor) -> schemas.Collaboration:
    """Turn an invitation down; one may still confirm it later."""
    async with services.sessions.begin() as session:
        collaborator = await decline(session, actor, project_id)
    return schemas.Collaboration.model_validate(collaborator)


@router.delete(
    "/projects/{project_id}/collaborators/{user_id}",
    status_code=HTTPStatus.NO_CONTENT,
    openapi_extra=BUILD,
    responses=MAY_BE_MISSING,
)
async def delete_collaborator(project_id: PathId, user_id: PathId, services: Services, actor: CurrentActor) -> None:
    """End a collaboration, or take back an invitation, declined or not; for the owner, and for that one alone."""
    async with services.sessions.begin() as session:
        await remove(session, actor, project_id, user_id)


@router.get("/users/me/collaborations", openapi_extra=BUILD)
async def get_my_collaborations(
    wanted: Annotated[CollaborationsWanted, Query()], services: Services, actor: CurrentActor
) -> schemas.Collaborations:
    """One's own collaborations, and invitations that wait for one's answer, by project id."""
    async with services.reads() as session:
        me = await get_own_user(session, actor.name)
        rows = await list_collaborations(session, me.user_id, wanted.status, wanted.after, wanted.limit + 1)
    page, last = split_page(rows, wanted.limit)
    return schemas.Collaborations(
        collaborations=[schemas.Collaboration.model_validate(row) for row in page], next=last and last.project_id
    )
