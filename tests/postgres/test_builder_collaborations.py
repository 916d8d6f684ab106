"""Collaborations: every step from every status, by everybody."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from builders.collaborations import confirm, decline, invite, list_collaborations, list_collaborators, remove
from builders.errors import CollaborationConflict, CollaboratorNotFound, NotTheOwner, ProjectNotFound, UserNotFound
from builders.tables import CollaboratorStatus, Project, ProjectCollaborator, ProjectStatus
from builders_world import Builder, a_builder, a_project, confirmed_on
from scoring.errors import ScoringError
from store.audit import list_audit
from store.database import Session

INVITED, CONFIRMED, DECLINED, REMOVED = CollaboratorStatus
Step = Callable[[Session, Project, Builder, Builder], Awaitable[Any]]


@pytest.fixture
async def owner(session: Session) -> Builder:
    """Who owns the project."""
    return await a_builder(session, "owner")


@pytest.fixture
async def other(session: Session) -> Builder:
    """Who is invited."""
    return await a_builder(session, "other")


@pytest.fixture
async def stranger(session: Session) -> Builder:
    """Who has nothing to do with it."""
    return await a_builder(session, "stranger")


@pytest.fixture(params=[ProjectStatus.ACTIVE, ProjectStatus.DRAFT])
async def project(session: Session, owner: Builder, request: pytest.FixtureRequest) -> Project:
    """The owner's: seen by all, or by who takes part."""
    return await a_project(session, owner, request.param)


async def owner_invites(session: Session, project: Project, owner: Builder, other: Builder) -> None:
    await invite(session, owner.actor, project.project_id, other.user_id)


async def other_confirms(session: Session, project: Project, _: Builder, other: Builder) -> None:
    await confirm(session, other.actor, project.project_id)


async def other_declines(session: Session, project: Project, _: Builder, other: Builder) -> None:
    await decline(session, other.actor, project.project_id)


async def other_leaves(session: Session, project: Project, _: Builder, other: Builder) -> None:
    await remove(session, other.actor, project.project_id, other.user_id)


async def owner_removes(session: Session, project: Project, owner: Builder, other: Builder) -> None:
    await remove(session, owner.actor, project.project_id, other.user_id)


ROADS: dict[CollaboratorStatus | None, tuple[Step, ...]] = {
    None: (),
    INVITED: (owner_invites,),
    CONFIRMED: (owner_invites, other_confirms),
    DECLINED: (owner_invites, other_declines),
    REMOVED: (owner_invites, owner_removes),
}
REMOVING: dict[CollaboratorStatus | None, CollaboratorStatus | type[ScoringError]] = {
    None: CollaboratorNotFound,
    INVITED: REMOVED,
    CONFIRMED: REMOVED,
    DECLINED: REMOVED,
    REMOVED: REMOVED,
}
OUTCOMES: dict[Step, dict[CollaboratorStatus | None, CollaboratorStatus | type[ScoringError]]] = {
    owner_invites: {
        None: INVITED,
        INVITED: INVITED,
        CONFIRMED: CollaborationConflict,
        DECLINED: CollaborationConflict,
        REMOVED: INVITED,
    },
    other_confirms: {
        None: CollaborationConflict,
        INVITED: CONFIRMED,
        CONFIRMED: CONFIRMED,
        DECLINED: CONFIRMED,
        REMOVED: CollaborationConflict,
    },
    other_declines: {
        None: CollaborationConflict,
        INVITED: DECLINED,
        CONFIRMED: CollaborationConflict,
        DECLINED: DECLINED,
        REMOVED: CollaborationConflict,
    },
    other_leaves: REMOVING,
    owner_removes: REMOVING,
}
STEPS = [(step, was, outcome) for step, outcomes in OUTCOMES.items() for was, outcome in outcomes.items()]


async def found(session: Session, project: Project, user: Builder) -> ProjectCollaborator | None:
    return await session.get(ProjectCollaborator, (project.project_id, user.user_id), populate_existing=True)


@pytest.mark.parametrize(
    ("step", "was", "outcome"), STEPS, ids=[f"{step.__name__} when {was or 'none'}" for step, was, _ in STEPS]
)
async def test_a_step_leads_on_stays_or_is_refused(  # noqa: PLR0913, PLR0917 - what a step depends on
    session: Session,
    project: Project,
    owner: Builder,
    other: Builder,
    step: Step,
    was: CollaboratorStatus | None,
    outcome: CollaboratorStatus | type[ScoringError],
) -> None:
    for before in ROADS[was]:
        await before(session, project, owner, other)
    entries = len(await list_audit(session, project.project_id))

    if isinstance(outcome, CollaboratorStatus):
        await step(session, project, owner, other)
        expected: CollaboratorStatus | None = outcome
    else:
        refused = ProjectNotFound if is_hidden(project, was, step) else outcome
        with pytest.raises(refused, match=project.project_id):
            await step(session, project, owner, other)
        expected = was

    collaboration = await found(session, project, other)
    assert (collaboration and collaboration.status) == expected
    assert bool(collaboration and collaboration.confirmed_at) == (expected == CONFIRMED)
    assert len(await list_audit(session, project.project_id)) == entries + (expected != was)


def is_hidden(project: Project, was: CollaboratorStatus | None, step: Step) -> bool:
    """Somebody who was never invited does not learn that there is such a draft."""
    return project.status == "draft" and was is None and step is not owner_removes


async def test_a_refusal_says_what_is_possible(session: Session, owner: Builder, other: Builder) -> None:
    project = await a_project(session, owner)

    with pytest.raises(CollaborationConflict, match="no invitation; the project's owner may send one"):
        await confirm(session, other.actor, project.project_id)
    await invite(session, owner.actor, project.project_id, other.user_id)
    await decline(session, other.actor, project.project_id)
    with pytest.raises(CollaborationConflict, match=r"cannot become invited .* being declined: .* may still confirm"):
        await invite(session, owner.actor, project.project_id, other.user_id)


async def test_who_invites_again_invites_anew(session: Session, owner: Builder, other: Builder) -> None:
    project = await a_project(session, owner)
    await confirmed_on(session, project, owner, other)
    first = await found(session, project, other)
    assert first is not None
    invited_at = first.invited_at
    await session.commit()

    await owner_removes(session, project, owner, other)
    await session.commit()
    again = await invite(session, owner.actor, project.project_id, other.user_id)
    await session.commit()
    assert again.invited_at > invited_at

    invited_at = again.invited_at
    confirmed = await confirm(session, other.actor, project.project_id)
    assert confirmed.confirmed_at is not None
    assert confirmed.invited_at == invited_at < confirmed.confirmed_at


async def test_nobody_invites_themself_or_who_is_not_there(session: Session, owner: Builder) -> None:
    project = await a_project(session, owner)

    with pytest.raises(CollaborationConflict, match="owner is no collaborator"):
        await invite(session, owner.actor, project.project_id, owner.user_id)
    for answer in (confirm, decline):
        with pytest.raises(CollaborationConflict, match="no invitation"):
            await answer(session, owner.actor, project.project_id)
    with pytest.raises(UserNotFound, match="nobody"):
        await invite(session, owner.actor, project.project_id, "nobody")
    for user_id in ("nobody", owner.user_id):
        with pytest.raises(CollaboratorNotFound, match=user_id):
            await remove(session, owner.actor, project.project_id, user_id)
    with pytest.raises(ProjectNotFound, match="none"):
        await invite(session, owner.actor, "none", "nobody")

    assert await list_collaborators(session, owner.user_id, [project.project_id]) == []


async def test_a_stranger_moves_nothing(
    session: Session, project: Project, owner: Builder, other: Builder, stranger: Builder
) -> None:
    await invite(session, owner.actor, project.project_id, other.user_id)
    refused = ProjectNotFound if project.status == "draft" else NotTheOwner

    with pytest.raises(refused):
        await invite(session, stranger.actor, project.project_id, stranger.user_id)
    with pytest.raises(refused):
        await remove(session, stranger.actor, project.project_id, other.user_id)
    # nor does one who takes part, with others
    for act in (invite, remove):
        with pytest.raises(NotTheOwner):
            await act(session, other.actor, project.project_id, stranger.user_id)

    [collaboration] = await list_collaborators(session, owner.user_id, [project.project_id])
    assert (collaboration.user_id, collaboration.status) == (other.user_id, INVITED)


async def test_every_step_is_in_the_audit_log_by_ids(session: Session, owner: Builder, other: Builder) -> None:
    project = await a_project(session, owner)

    for step in (owner_invites, other_declines, other_confirms, owner_removes, owner_invites, other_leaves):
        await step(session, project, owner, other)

    *entries, _ = await list_audit(session, project.project_id)
    assert {entry.details["user_id"] for entry in entries} == {other.user_id}
    assert [(entry.action, entry.actor == owner.actor.name, entry.details["was"]) for entry in reversed(entries)] == [
        ("invite_collaborator", True, None),
        ("decline_collaboration", False, "invited"),
        ("confirm_collaboration", False, "declined"),
        ("remove_collaborator", True, "confirmed"),
        ("invite_collaborator", True, "removed"),
        ("remove_collaborator", False, "invited"),
    ]


async def test_collaborators_of_several_projects_are_listed_without_who_was_removed(
    session: Session, owner: Builder, other: Builder, stranger: Builder
) -> None:
    one, two, left_out = [await a_project(session, owner) for _ in range(3)]
    for project in (one, two, left_out):
        await confirmed_on(session, project, owner, other, stranger)
    await owner_removes(session, two, owner, stranger)

    listed = await list_collaborators(session, None, [one.project_id, two.project_id])

    assert [(row.project_id, row.user_id) for row in listed] == sorted(
        [(one.project_id, other.user_id), (one.project_id, stranger.user_id), (two.project_id, other.user_id)]
    )
    assert await list_collaborators(session, owner.user_id, []) == []


async def test_ones_own_collaborations_are_listed_by_project_a_page_at_a_time(
    session: Session, owner: Builder, other: Builder, stranger: Builder
) -> None:
    projects = sorted([await a_project(session, owner) for _ in range(5)], key=lambda project: project.project_id)
    confirmed, invited, declined, removed, another = projects
    await confirmed_on(session, confirmed, owner, other, stranger)
    await confirmed_on(session, removed, owner, other)
    await owner_removes(session, removed, owner, other)
    for project in (invited, declined, another):
        await owner_invites(session, project, owner, other)
    await other_declines(session, declined, owner, other)

    async def listed(status: CollaboratorStatus | None, after: Project | None = None, limit: int = 9) -> list[str]:
        last = None if after is None else after.project_id
        rows = await list_collaborations(session, other.user_id, status, last, limit)
        assert {row.user_id for row in rows} <= {other.user_id}
        return [row.project_id for row in rows]

    assert await listed(None) == [one.project_id for one in (confirmed, invited, declined, another)]
    assert await listed(None, limit=2) == [confirmed.project_id, invited.project_id]
    assert await listed(None, after=invited) == [declined.project_id, another.project_id]
    assert await listed(INVITED) == [invited.project_id, another.project_id]
    assert await listed(INVITED, after=invited) == [another.project_id]
    assert await listed(REMOVED) == [removed.project_id]
