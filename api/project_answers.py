"""Projects as they are answered: with profiles, loaded together, and those collaborators whom the viewer may see."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from api.builder_schemas import Collaborator, Impact, Project
from api.profile_loader import ProfileLoader
from api.profile_schemas import Profile
from builders.collaborations import Collaborator as CollaboratorRow
from builders.collaborations import list_collaborators
from builders.errors import NotSignedUp
from builders.tables import CollaboratorStatus, ProjectStatus
from builders.tables import Project as ProjectRow
from builders.users import get_own_user
from store.database import Session, SessionFactory


async def find_viewer(session: Session, subject: str) -> str | None:
    """The user whose token it is; who only looks needs to be none."""
    try:
        return (await get_own_user(session, subject)).user_id
    except NotSignedUp:
        return None


async def answer_projects(
    reads: SessionFactory, profiles: ProfileLoader, viewer_id: str | None, projects: Sequence[ProjectRow]
) -> list[Project]:
    """Two statements, however many projects and people; call it with no session open, it takes one after the other."""
    owner_of = {project.project_id: project.owner_id for project in projects}
    async with reads() as session:
        shown = await list_collaborators(session, viewer_id, list(owner_of))
    people = await _load(profiles, [*owner_of.values(), *(one.user_id for one in shown)])
    collaborators = defaultdict(list)
    for one in shown:
        collaborators[one.project_id].append(_answer_collaborator(one, people))
    return [_answer(project, people, collaborators[project.project_id]) for project in projects]


async def _load(profiles: ProfileLoader, user_ids: Iterable[str]) -> dict[str, Profile]:
    loaded = await profiles.load_many(sorted(set(user_ids)))
    return {profile.user_id: profile for profile in loaded if profile is not None}


def _answer(project: ProjectRow, people: Mapping[str, Profile], collaborators: list[Collaborator]) -> Project:
    return Project(
        project_id=project.project_id,
        owner=people[project.owner_id],
        title=project.title,
        summary=project.summary,
        status=ProjectStatus(project.status),
        impact=Impact.model_validate(project),
        shipped_at=project.shipped_at,
        created_at=project.created_at,
        updated_at=project.updated_at,
        collaborators=collaborators,
    )


def _answer_collaborator(row: CollaboratorRow, people: Mapping[str, Profile]) -> Collaborator:
    return Collaborator(
        user=people[row.user_id],
        status=CollaboratorStatus(row.status),
        invited_at=row.invited_at,
        confirmed_at=row.confirmed_at,
    )
