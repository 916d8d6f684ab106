"""Collaborations: an owner invites, who is invited confirms or declines, either ends it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from api import builder_schemas as schemas
from api.builder_queries import CollaborationsWanted
from api.guard import GuardedRoute
from api.identity import CurrentActor
from api.permissions import Permission, permission
from api.problems import documented
from api.routes.registry import PathId
from api.services import Services
from builders.collaborations import confirm, decline, invite, list_collaborations, remove
from builders.users import get_own_user

router = APIRouter(
    route_class=GuardedRoute, tags=["builders"], responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)

BUILD = permission(Permission.BUILD)


@router.post("/projects/{project_id}/collaborators", status_code=HTTPStatus.CREATED, openapi_extra=BUILD)
async def post_collaborator(
    project_id: PathId, body: schemas.Invite, services: Services, actor: CurrentActor
) -> schemas.Collaboration:
    """Invite somebody to one's own project; it counts for nothing until that one confirms."""
    async with services.sessions.begin() as session:
        collaborator = await invite(session, actor, project_id, body.user_id)
    return schemas.Collaboration.model_validate(collaborator)


@router.post("/projects/{project_id}/confirm_collaboration", openapi_extra=BUILD)
async def confirm_collaboration(project_id: PathId, services: Services, actor: CurrentActor) -> schemas.Collaboration:
    """Accept an invitation; owner and collaborator vouch for each other, and the scores of both are asked for."""
    async with services.sessions.begin() as session:
        collaborator = await confirm(session, actor, project_id)
    return schemas.Collaboration.model_validate(collaborator)


@router.post("/projects/{project_id}/decline_collaboration", openapi_extra=BUILD)
async def decline_collaboration(project_id: PathId, services: Services, actor: CurrentActor) -> schemas.Collaboration:
    """Turn an invitation down; one may still confirm it later."""
    async with services.sessions.begin() as session:
        collaborator = await decline(session, actor, project_id)
    return schemas.Collaboration.model_validate(collaborator)


@router.delete("/projects/{project_id}/collaborators/{user_id}", status_code=HTTPStatus.NO_CONTENT, openapi_extra=BUILD)
async def delete_collaborator(project_id: PathId, user_id: PathId, services: Services, actor: CurrentActor) -> None:
    """End a collaboration or take back an invitation; for the owner, and for that one alone."""
    async with services.sessions.begin() as session:
        await remove(session, actor, project_id, user_id)


@router.get("/users/me/collaborations", openapi_extra=BUILD)
async def get_my_collaborations(
    wanted: Annotated[CollaborationsWanted, Query()], services: Services, actor: CurrentActor
) -> schemas.Collaborations:
    """One's own collaborations, and invitations that wait for one's answer, by project id."""
    async with services.reads() as session:
        me = await get_own_user(session, actor.name)
        # one more than asked for tells whether there is a next page
        rows = await list_collaborations(session, me.user_id, wanted.status, wanted.after, wanted.limit + 1)
    page = [schemas.Collaboration.model_validate(row) for row in rows[: wanted.limit]]
    return schemas.Collaborations(collaborations=page, next=page[-1].project_id if len(rows) > wanted.limit else None)
