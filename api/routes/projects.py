"""Projects: their owner makes and changes them, everybody looks, a service measures what they amount to."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from api import builder_schemas as schemas
from api.builder_queries import ProjectsWanted
from api.guard import GuardedRoute
from api.identity import CurrentActor
from api.next_pages import split_page
from api.permissions import Permission, permission
from api.problems import documented
from api.profile_loader import Profiles
from api.project_answers import answer_projects, find_viewer
from api.routes.registry import PathId
from api.services import Services
from builders.projects import create_project, get_project, list_projects, measure_impact, update_project
from builders.users import get_user

router = APIRouter(
    route_class=GuardedRoute,
    prefix="/projects",
    tags=["builders"],
)

VIEW = permission(Permission.VIEW_BUILDERS, Permission.BUILD)
MAY_BE_MISSING = documented(HTTPStatus.NOT_FOUND)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    openapi_extra=permission(Permission.BUILD),
    responses=documented(HTTPStatus.CONFLICT),
)
async def post_project(
    body: schemas.CreateProject, services: Services, profiles: Profiles, actor: CurrentActor
) -> schemas.Project:
    """Make a project of one's own; one that is shipped at once asks for a score."""
    async with services.sessions.begin() as session:
        project = await create_project(session, actor, body.project())
    [answer] = await answer_projects(services.reads, profiles, project.owner_id, [project])
    return answer


@router.get("", openapi_extra=VIEW, responses=MAY_BE_MISSING)
async def get_projects(
    wanted: Annotated[ProjectsWanted, Query()], services: Services, profiles: Profiles, actor: CurrentActor
) -> schemas.Projects:
    """A builder's projects by id, without drafts that one may not see."""
    async with services.reads() as session:
        viewer_id = await find_viewer(session, actor.name)
        rows = await list_projects(session, viewer_id, wanted.filter(), wanted.after, wanted.limit + 1)
        if not rows:
            await get_user(session, wanted.owner_id, field="owner_id")
    page, last = split_page(rows, wanted.limit)
    projects = await answer_projects(services.reads, profiles, viewer_id, page)
    return schemas.Projects(projects=projects, next=last and last.project_id)


@router.get("/{project_id}", openapi_extra=VIEW, responses=MAY_BE_MISSING)
async def get_one_project(
    project_id: PathId, services: Services, profiles: Profiles, actor: CurrentActor
) -> schemas.Project:
    """A project with its owner and its collaborators; a draft is not found by whom its owner has not invited."""
    async with services.reads() as session:
        viewer_id = await find_viewer(session, actor.name)
        project = await get_project(session, viewer_id, project_id)
    [answer] = await answer_projects(services.reads, profiles, viewer_id, [project])
    return answer


@router.patch(
    "/{project_id}",
    openapi_extra=permission(Permission.BUILD),
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
async def patch_project(
    project_id: PathId, body: schemas.ChangeProject, services: Services, profiles: Profiles, actor: CurrentActor
) -> schemas.Project:
    """Change one's own project; a change of its status asks for a score."""
    async with services.sessions.begin() as session:
        project = await update_project(session, actor, project_id, body.change())
    [answer] = await answer_projects(services.reads, profiles, project.owner_id, [project])
    return answer


@router.put("/{project_id}/impact", openapi_extra=permission(Permission.MEASURE_IMPACT), responses=MAY_BE_MISSING)
async def put_impact(
    project_id: PathId, body: schemas.MeasureImpact, services: Services, actor: CurrentActor
) -> schemas.MeasuredImpact:
    """Tell what a project amounts to now; for what counts its users, not for its owner."""
    async with services.sessions.begin() as session:
        project = await measure_impact(session, actor, project_id, body.metrics())
    return schemas.MeasuredImpact.model_validate(project)
