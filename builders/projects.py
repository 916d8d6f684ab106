"""Projects: their owner creates and changes them, a service measures their impact. Drafts are for who takes part."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select, update

from builders.errors import NotTheOwner, ProjectNotFound
from builders.records import lock_users
from builders.register import BUILDERS, METRICS
from builders.tables import CollaboratorStatus, Project, ProjectCollaborator, ProjectStatus
from builders.triggers import BuilderEvent, Trigger, request_builder_scores
from builders.users import get_own_user, lock_own_user
from scoring.errors import InvalidInput
from store.audit import Actor, append_audit
from store.database import Session

MAX_METRIC = 10**12
"""Of a project; a thousand of them are a total that scores can count."""

TAKES_PART = (CollaboratorStatus.INVITED, CollaboratorStatus.CONFIRMED)
"""These see a draft of somebody else."""


@dataclass(frozen=True)
class NewProject:
    """A project to create."""

    title: str
    summary: str = ""
    status: ProjectStatus = ProjectStatus.DRAFT


@dataclass(frozen=True)
class ProjectChange:
    """The fields to change; None leaves a field as it is."""

    title: str | None = None
    summary: str | None = None
    status: ProjectStatus | None = None


@dataclass(frozen=True)
class ProjectFilter:
    """Whose projects, of one status or of all."""

    owner_id: str
    status: ProjectStatus | None = None


async def create_project(session: Session, actor: Actor, new: NewProject) -> Project:
    """Store a project of the actor's own; one that is shipped at once asks for its owner's scores.

    Raises:
        NotSignedUp: the actor has no profile.
    """
    owner = await lock_own_user(session, actor.name)
    values = {"owner_id": owner.user_id, "title": new.title, "summary": new.summary, **_at_status(new.status)}
    project = (await session.scalars(insert(Project).values(**values).returning(Project))).one()
    await append_audit(session, actor, "create_project", project.project_id, {"status": project.status})
    if new.status == ProjectStatus.SHIPPED:
        await _request_scores(session, BuilderEvent.PROJECT_STATUS_CHANGED, project, owner.user_id)
    return project


async def update_project(session: Session, actor: Actor, project_id: str, change: ProjectChange) -> Project:
    """Change a project of the actor's own; another status asks for its owner's scores, the same values for nothing.

    Raises:
        NotSignedUp, ProjectNotFound, NotTheOwner: nothing was changed.
    """
    owner_id = (await get_own_user(session, actor.name)).user_id
    project = await _lock(session, await get_owned_project(session, owner_id, project_id))
    changed = {name: value for name, value in vars(change).items() if value not in (None, getattr(project, name))}
    if not changed:
        return project
    status = changed.get("status")
    project = await _update(session, project, changed if status is None else changed | _at_status(status))
    details = {"fields": list(changed)} | ({} if status is None else {"status": project.status})
    await append_audit(session, actor, "update_project", project_id, details)
    if status is not None:
        await _request_scores(session, BuilderEvent.PROJECT_STATUS_CHANGED, project, owner_id)
    return project


def _at_status(status: ProjectStatus) -> dict[str, Any]:
    return {"status": status.value, "shipped_at": func.now() if status == ProjectStatus.SHIPPED else None}


async def measure_impact(session: Session, actor: Actor, project_id: str, metrics: Mapping[str, int]) -> Project:
    """Set these of the project's metrics; where one changes, its owner's scores are asked for.

    Raises:
        InvalidInput: there is no such metric, or it is no whole number from 0 to MAX_METRIC.
        ProjectNotFound: no project has the id.
    """
    _check_metrics(metrics)
    project = await _lock(session, await _get(session, project_id))
    changed = {name: value for name, value in metrics.items() if value != getattr(project, name)}
    if not changed:
        return project
    project = await _update(session, project, changed)
    await append_audit(session, actor, "measure_impact", project_id, {"metrics": list(changed)})
    # a service measures for all of them: its storm has a key of its own
    await _request_scores(session, BuilderEvent.IMPACT_CHANGED, project, BUILDERS)
    return project


def _check_metrics(metrics: Mapping[str, int]) -> None:
    for name, value in metrics.items():
        if name not in METRICS:
            raise InvalidInput(f"no metric is called so; there are {', '.join(METRICS)}", field="metrics")
        if type(value) is not int or not 0 <= value <= MAX_METRIC:
            raise InvalidInput(f"{name} must be a whole number from 0 to {MAX_METRIC}", field=name)


async def _lock(session: Session, project: Project) -> Project:
    """As it is now, while its owner is locked: whoever changes anything of a project has that lock."""
    await lock_users(session, [project.owner_id])
    return await _get(session, project.project_id)


async def _get(session: Session, project_id: str, *seen: ColumnElement[bool]) -> Project:
    statement = select(Project).where(Project.project_id == project_id, *seen)
    project = (await session.scalars(statement, execution_options={"populate_existing": True})).one_or_none()
    if project is None:
        raise ProjectNotFound(f"no project has the id {project_id}, or it is a draft of others", field="project_id")
    return project


async def _update(session: Session, project: Project, values: Mapping[str, Any]) -> Project:
    statement = update(Project).where(Project.project_id == project.project_id).returning(Project)
    statement = statement.values(**values, updated_at=func.now())
    as_stored = {"populate_existing": True, "synchronize_session": False}
    return (await session.scalars(statement, execution_options=as_stored)).one()


async def _request_scores(session: Session, event: BuilderEvent, project: Project, caused_by: str) -> None:
    await request_builder_scores(session, Trigger(event, project.project_id, caused_by), [project.owner_id])


async def get_project(session: Session, viewer_id: str | None, project_id: str) -> Project:
    """Raise ProjectNotFound when there is none, or it is a draft that this user takes no part in."""
    return await _get(session, project_id, _seen_by(viewer_id))


async def get_known_project(session: Session, user_id: str, project_id: str) -> Project:
    """The same, for whoever was ever invited: one who has declined a draft may still confirm."""
    return await _get(session, project_id, _seen_by(user_id, tuple(CollaboratorStatus)))


async def get_owned_project(session: Session, owner_id: str, project_id: str) -> Project:
    """Raise ProjectNotFound as get_project does, NotTheOwner where the project is seen and is another's."""
    project = await get_project(session, owner_id, project_id)
    if project.owner_id != owner_id:
        raise NotTheOwner(f"only the owner of project {project_id} may do this", field="project_id")
    return project


async def list_projects(
    session: Session, viewer_id: str | None, wanted: ProjectFilter, after: str | None, limit: int
) -> list[Project]:
    """Those of these projects that the viewer sees, by id."""
    statement = select(Project).where(Project.owner_id == wanted.owner_id, _seen_by(viewer_id))
    if wanted.status is not None:
        statement = statement.where(Project.status == wanted.status.value)
    if after is not None:
        statement = statement.where(Project.project_id > after)
    return list(await session.scalars(statement.order_by(Project.project_id).limit(limit)))


async def list_seen(session: Session, viewer_id: str | None, project_ids: Collection[str]) -> set[str]:
    """The ids of those of these projects that the viewer sees."""
    statement = select(Project.project_id).where(Project.project_id.in_(project_ids), _seen_by(viewer_id))
    return set(await session.scalars(statement))


def _seen_by(viewer_id: str | None, involved: tuple[CollaboratorStatus, ...] = TAKES_PART) -> ColumnElement[bool]:
    collaborator = ProjectCollaborator
    takes_part = (
        select(collaborator.user_id)
        .where(collaborator.project_id == Project.project_id, collaborator.user_id == viewer_id)
        .where(collaborator.status.in_([status.value for status in involved]))
        .exists()
    )
    return or_(Project.status != ProjectStatus.DRAFT.value, Project.owner_id == viewer_id, takes_part)
