"""Who collaborates on a project: the owner invites, who was invited confirms or declines, either of them ends it.

    none, removed ──owner──► invited ──► confirmed, declined ──changed their mind──► confirmed
    invited, confirmed, declined ──owner, or the one themself──► removed

A project has at most MAX_COLLABORATORS who are not removed; the owner removes who has declined, to make room.
Repeating what is so already changes nothing. A confirmed collaboration is a vouch of both for each other.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Select, func, null, or_, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from builders.errors import CollaborationConflict, CollaboratorNotFound, NotTheOwner, UserNotFound
from builders.projects import get_known_project, get_owned_project, get_project
from builders.records import lock_users
from builders.tables import CollaboratorStatus, Project, ProjectCollaborator
from builders.triggers import BuilderEvent, Trigger, request_builder_scores
from builders.users import get_own_user
from store.audit import Actor, append_audit
from store.database import Session

MAX_COLLABORATORS = 100
"""Of a project: invited, confirmed or declined. Whoever looks at it loads no more people than that."""

_INVITED, _CONFIRMED, _DECLINED, _REMOVED = CollaboratorStatus

_FROM: Mapping[CollaboratorStatus, Collection[CollaboratorStatus | None]] = {
    _INVITED: (None, _REMOVED),
    _CONFIRMED: (_INVITED, _DECLINED),
    _DECLINED: (_INVITED,),
    _REMOVED: (_INVITED, _CONFIRMED, _DECLINED),
}
_POSSIBLE: Mapping[CollaboratorStatus | None, str] = {
    None: "there is no invitation; the project's owner may send one",
    _INVITED: "the one invited may confirm or decline, and either side may remove",
    _CONFIRMED: "either side may remove the collaborator",
    _DECLINED: "the one invited may still confirm, and either side may remove",
    _REMOVED: "the project's owner may invite again",
}
_ACTIONS: Mapping[CollaboratorStatus, str] = {
    _INVITED: "invite_collaborator",
    _CONFIRMED: "confirm_collaboration",
    _DECLINED: "decline_collaboration",
    _REMOVED: "remove_collaborator",
}


@dataclass(frozen=True)
class _Move:
    project: Project
    user_id: str
    to: CollaboratorStatus
    moved_by: str


async def invite(session: Session, actor: Actor, project_id: str, user_id: str) -> ProjectCollaborator:
    """The owner asks a user to collaborate.

    Raises:
        NotSignedUp, ProjectNotFound, NotTheOwner, UserNotFound: nothing was changed.
        CollaborationConflict: the user has confirmed or declined already, or is the owner, or the project has all the
            collaborators that it may have.
    """
    owner_id = (await get_own_user(session, actor.name)).user_id
    project = await get_owned_project(session, owner_id, project_id)
    if user_id == owner_id:
        raise CollaborationConflict("a project's owner is no collaborator of it; invite somebody else", field="user_id")
    return await _move(session, actor, _Move(project, user_id, _INVITED, owner_id))


async def confirm(session: Session, actor: Actor, project_id: str) -> ProjectCollaborator:
    """The actor accepts an invitation; both sides' scores are asked for.

    Raises:
        NotSignedUp, ProjectNotFound: nothing was changed.
        CollaborationConflict: the actor was not invited, or was removed.
    """
    return await _answer(session, actor, project_id, _CONFIRMED)


async def decline(session: Session, actor: Actor, project_id: str) -> ProjectCollaborator:
    """The actor turns an invitation down; raises as confirm does, also where the actor has confirmed."""
    return await _answer(session, actor, project_id, _DECLINED)


async def _answer(session: Session, actor: Actor, project_id: str, to: CollaboratorStatus) -> ProjectCollaborator:
    user_id = (await get_own_user(session, actor.name)).user_id
    project = await get_known_project(session, user_id, project_id)
    return await _move(session, actor, _Move(project, user_id, to, user_id))


async def remove(session: Session, actor: Actor, project_id: str, user_id: str) -> None:
    """The owner removes a collaborator, or the collaborator leaves; what was confirmed asks for both sides' scores.

    Raises:
        NotSignedUp, ProjectNotFound, NotTheOwner, CollaboratorNotFound: nothing was changed.
    """
    actor_id = (await get_own_user(session, actor.name)).user_id
    leaves = actor_id == user_id
    project = await (get_known_project if leaves else get_project)(session, actor_id, project_id)
    if actor_id not in (user_id, project.owner_id):
        raise NotTheOwner(f"only the owner of project {project_id} may remove others from it", field="project_id")
    await _move(session, actor, _Move(project, user_id, _REMOVED, actor_id))


async def _move(session: Session, actor: Actor, move: _Move) -> ProjectCollaborator:
    """Both users are locked first, so nobody else moves anything between them, and their vouches can be counted."""
    known = await lock_users(session, [move.project.owner_id, move.user_id])
    before = await _find(session, move)
    was = None if before is None else CollaboratorStatus(before.status)
    if before is not None and was == move.to:
        return before
    _require_possible(move, was, is_user=move.user_id in known)
    if move.to == _INVITED:
        await _require_room(session, move.project.project_id)
    after = await _save(session, move)
    details = {"user_id": move.user_id, "was": was, "status": move.to}
    await append_audit(session, actor, _ACTIONS[move.to], move.project.project_id, details)
    await _request_scores(session, move, was)
    return after


def _require_possible(move: _Move, was: CollaboratorStatus | None, *, is_user: bool) -> None:
    project_id, user_id = move.project.project_id, move.user_id
    if was in _FROM[move.to] and is_user:
        return
    if move.to == _INVITED and not is_user:
        raise UserNotFound(f"no user has the id {user_id}", field="user_id")
    if move.to == _REMOVED and was is None:
        raise CollaboratorNotFound(f"project {project_id} has no collaborator {user_id}", field="user_id")
    raise CollaborationConflict(
        f"user {user_id} cannot become {move.to} on project {project_id}, being {was or 'no collaborator'}: "
        f"{_POSSIBLE[was]}"
    )


async def _require_room(session: Session, project_id: str) -> None:
    # whoever invites has locked the owner, so nobody else takes the last place meanwhile
    collaborator = ProjectCollaborator
    there = select(func.count()).where(collaborator.project_id == project_id, collaborator.status != _REMOVED.value)
    if (await session.scalar(there) or 0) >= MAX_COLLABORATORS:
        raise CollaborationConflict(
            f"project {project_id} has {MAX_COLLABORATORS} collaborators, invited, confirmed or declined, and may have "
            "no more; remove one first",
            field="project_id",
        )


async def _find(session: Session, move: _Move) -> ProjectCollaborator | None:
    statement = select(ProjectCollaborator).filter_by(project_id=move.project.project_id, user_id=move.user_id)
    # what the session has read of it before, it has read before the lock
    return (await session.scalars(statement, execution_options={"populate_existing": True})).one_or_none()


async def _save(session: Session, move: _Move) -> ProjectCollaborator:
    values = {"status": move.to.value, "confirmed_at": func.now() if move.to == _CONFIRMED else null()}
    if move.to == _INVITED:
        values["invited_at"] = func.now()
    statement = (
        insert(ProjectCollaborator)
        .values(project_id=move.project.project_id, user_id=move.user_id, **values)
        .on_conflict_do_update(index_elements=["project_id", "user_id"], set_=values)
        .returning(ProjectCollaborator)
    )
    return (await session.scalars(statement, execution_options={"populate_existing": True})).one()


async def _request_scores(session: Session, move: _Move, was: CollaboratorStatus | None) -> None:
    if _CONFIRMED not in (was, move.to):
        return
    is_confirmed = move.to == _CONFIRMED
    event = BuilderEvent.COLLABORATOR_CONFIRMED if is_confirmed else BuilderEvent.COLLABORATOR_REMOVED
    trigger = Trigger(event, move.project.project_id, move.moved_by)
    await request_builder_scores(session, trigger, [move.project.owner_id, move.user_id])


@dataclass(frozen=True)
class Collaborator:
    """Somebody on a project, for who looks."""

    project_id: str
    user_id: str
    status: str
    invited_at: datetime
    confirmed_at: datetime | None


async def list_collaborators(
    session: Session, viewer_id: str | None, project_ids: Collection[str]
) -> list[Collaborator]:
    """Those of these projects whom the viewer may see, without who was removed, by project and user.

    An invitation says nothing about who was invited until that one has confirmed: it is for the two sides alone.
    """
    collaborator = ProjectCollaborator
    is_shown = or_(
        collaborator.status == _CONFIRMED.value, Project.owner_id == viewer_id, collaborator.user_id == viewer_id
    )
    statement = (
        select(*(getattr(collaborator, field.name) for field in fields(Collaborator)))
        .join(Project, Project.project_id == collaborator.project_id)
        .where(collaborator.project_id.in_(project_ids), collaborator.status != _REMOVED.value, is_shown)
        .order_by(collaborator.project_id, collaborator.user_id)
    )
    return [Collaborator(*row) for row in await session.execute(statement)]


async def list_collaborations(
    session: Session, user_id: str, status: CollaboratorStatus | None, after: str | None, limit: int
) -> list[ProjectCollaborator]:
    """A user's own, by project: of one status, or of all but removed."""
    wanted = [one for one in CollaboratorStatus if one != _REMOVED] if status is None else [status]
    # a page of each status along the index, which knows no order over several
    parts = [_of_status(user_id, one, after).limit(limit).subquery().select() for one in wanted]
    collaborator = aliased(ProjectCollaborator, union_all(*parts).subquery())
    return list(await session.scalars(select(collaborator).order_by(collaborator.project_id).limit(limit)))


def _of_status(user_id: str, status: CollaboratorStatus, after: str | None) -> Select[ProjectCollaborator]:
    statement = select(ProjectCollaborator).filter_by(user_id=user_id, status=status.value)
    if after is not None:
        statement = statement.where(ProjectCollaborator.project_id > after)
    return statement.order_by(ProjectCollaborator.project_id)
