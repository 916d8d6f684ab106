"""What asks for a builder's score: in the transaction of the change, with what it is made of then, and nothing else."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.builders_plans import caught
from builders.collaborations import confirm, decline, invite, remove
from builders.errors import CollaborationConflict
from builders.projects import NewProject, ProjectChange, create_project, measure_impact, update_project
from builders.tables import Project, ProjectStatus
from builders.users import NewProfile, ProfileChange, sign_up, update_profile
from builders_world import (
    A_SERVICE,
    NOTHING,
    Builder,
    a_builder,
    a_project,
    asked_of,
    builders,
    confirmed_on,
    settle,
)
from postgres_sessions import requests_of
from scoring.priorities import RequestPriority
from store.audit import Actor
from store.database import Session, SessionFactory
from store.definition_tables import G2PRegisterScoreDefinition

MEDIUM, LOW = RequestPriority.MEDIUM.value, RequestPriority.LOW.value


async def changed(sessions: SessionFactory, change: Callable[[Session], Awaitable[Any]]) -> dict[str, Any]:
    """Commit the change; what each user is asked for on account of it: why, how urgent, on whose account, and of what.

    Of what the score is made, only what differs from somebody's who has a name and nothing else.
    """
    await settle(sessions)
    async with sessions.begin() as session:
        await change(session)
    return {
        user_id: (
            row.change_request_id,
            row.priority,
            row.fairness_key,
            dict(row.contributing_attribute_values.items() - NOTHING.items()),
        )
        for user_id, row in (await asked_of(sessions)).items()
    }


@pytest.fixture
async def two(sessions: SessionFactory) -> tuple[Builder, Builder]:
    """An owner of projects, and another."""
    owner, other = await builders(sessions, 2)
    return owner, other


async def new_project(
    sessions: SessionFactory, owner: Builder, status: ProjectStatus = ProjectStatus.ACTIVE, *invited: Builder
) -> str:
    """The id of a project of the owner's, with whom that one has invited."""
    async with sessions.begin() as session:
        project = await a_project(session, owner, status)
        for user in invited:
            await invite(session, owner.actor, project.project_id, user.user_id)
    return project.project_id


async def test_a_profile_created_asks_for_the_first_score(sessions: SessionFactory) -> None:
    profile = NewProfile("Ada", "Engines", "", ("analysis",), "London", "https://example.org")

    asked = await changed(sessions, lambda session: sign_up(session, Actor("a", "test"), "ada", profile))

    [(user_id, what)] = asked.items()
    assert what == (f"profile_created:{user_id}", LOW, user_id, {"profile.key_fields": 3})


@pytest.mark.parametrize(
    ("change", "filled"),
    [
        (ProfileChange("Ada"), 1),
        (ProfileChange(headline="Engines"), 2),
        (ProfileChange(bio="Notes"), 2),
        (ProfileChange(skills=["analysis"]), 2),
        (ProfileChange(headline="Engines", bio="Notes", skills=["analysis"]), 4),
    ],
    ids=lambda change: (
        "-".join(name for name, value in vars(change).items() if value) if isinstance(change, ProfileChange) else ""
    ),
)
async def test_a_key_field_changed_asks_for_a_score_and_so_does_emptying_it(
    sessions: SessionFactory, two: tuple[Builder, Builder], change: ProfileChange, filled: int
) -> None:
    user = two[0]
    emptied = ProfileChange("B", "", "", [])

    asked = await changed(sessions, lambda session: update_profile(session, user.actor, change))
    undone = await changed(sessions, lambda session: update_profile(session, user.actor, emptied))

    why = f"profile_changed:{user.user_id}", LOW, user.user_id
    assert asked == {user.user_id: (*why, {} if filled == 1 else {"profile.key_fields": filled})}
    assert undone == {user.user_id: (*why, {})}


async def test_a_shipped_project_asks_for_its_owners_score_and_so_does_taking_it_back(
    sessions: SessionFactory, two: tuple[Builder, Builder]
) -> None:
    owner, other = two
    project_id = await new_project(sessions, owner)
    async with sessions.begin() as session:
        await confirmed_on(session, await session.get_one(Project, project_id), owner, other)
        await measure_impact(session, A_SERVICE, project_id, {"stars": 7})
    why = f"project_status_changed:{project_id}", MEDIUM, owner.user_id

    for status, attributes in (
        (ProjectStatus.SHIPPED, {"shipped_projects": 1, "impact.stars": 7}),
        (ProjectStatus.ARCHIVED, {}),
        (ProjectStatus.DRAFT, {}),
        (ProjectStatus.ACTIVE, {}),
    ):
        change = partial(update_project, actor=owner.actor, project_id=project_id, change=ProjectChange(status=status))
        asked = await changed(sessions, change)
        # a vouch is of people, whatever becomes of the project
        assert asked == {owner.user_id: (*why, {"vouches": 1, **attributes})}


async def test_a_project_created_as_shipped_asks_for_its_owners_score(
    sessions: SessionFactory, two: tuple[Builder, Builder]
) -> None:
    owner, _ = two
    new = NewProject("Engine", status=ProjectStatus.SHIPPED)

    asked = await changed(sessions, lambda session: create_project(session, owner.actor, new))

    [(user_id, (why, *how))] = asked.items()
    assert why.startswith("project_status_changed:")
    assert (user_id, *how) == (owner.user_id, MEDIUM, owner.user_id, {"shipped_projects": 1})


async def test_measured_impact_asks_for_the_owners_score_on_the_account_of_no_user(
    sessions: SessionFactory, two: tuple[Builder, Builder]
) -> None:
    owner, _ = two
    project_id = await new_project(sessions, owner, ProjectStatus.SHIPPED)
    why = f"impact_changed:{project_id}", LOW, "builders"

    asked = await changed(
        sessions,
        lambda session: measure_impact(
            session, A_SERVICE, project_id, {"stars": 3, "downloads": 20, "active_users": 100}
        ),
    )
    undone = await changed(
        sessions, lambda session: measure_impact(session, A_SERVICE, project_id, {"stars": 0, "downloads": 20})
    )

    assert asked == {
        owner.user_id: (
            *why,
            {"shipped_projects": 1, "impact.stars": 3, "impact.downloads": 20, "impact.active_users": 100},
        )
    }
    assert undone == {
        owner.user_id: (*why, {"shipped_projects": 1, "impact.downloads": 20, "impact.active_users": 100})
    }


async def test_a_collaborator_confirmed_asks_for_both_scores_on_that_ones_account(
    sessions: SessionFactory, two: tuple[Builder, Builder]
) -> None:
    owner, other = two
    project_id = await new_project(sessions, owner, ProjectStatus.DRAFT, other)

    asked = await changed(sessions, lambda session: confirm(session, other.actor, project_id))

    what = f"collaborator_confirmed:{project_id}", MEDIUM, other.user_id, {"vouches": 1}
    assert asked == {owner.user_id: what, other.user_id: what}


@pytest.mark.parametrize("by_owner", [True, False], ids=["the owner removes", "the collaborator leaves"])
async def test_a_confirmed_collaborator_removed_asks_for_both_scores(
    sessions: SessionFactory,
    two: tuple[Builder, Builder],
    by_owner: bool,  # noqa: FBT001 - a parameter of the test's
) -> None:
    owner, other = two
    remover = owner if by_owner else other
    project_id = await new_project(sessions, owner, ProjectStatus.ACTIVE, other)
    async with sessions.begin() as session:
        await confirm(session, other.actor, project_id)

    asked = await changed(sessions, lambda session: remove(session, remover.actor, project_id, other.user_id))

    what: Any = (f"collaborator_removed:{project_id}", MEDIUM, remover.user_id, {})
    assert asked == {owner.user_id: what, other.user_id: what}


async def test_what_changes_no_score_asks_for_none(sessions: SessionFactory, two: tuple[Builder, Builder]) -> None:
    owner, other = two
    project_id = await new_project(sessions, owner, ProjectStatus.SHIPPED)
    async with sessions.begin() as session:
        stranger = await a_builder(session)
        await confirmed_on(session, await session.get_one(Project, project_id), owner, stranger)

    async def much(session: Session) -> None:
        await create_project(session, owner.actor, NewProject("Another", status=ProjectStatus.ACTIVE))
        same = ProjectChange("Engine", "It computes", ProjectStatus.SHIPPED)
        await update_project(session, owner.actor, project_id, same)
        await measure_impact(session, A_SERVICE, project_id, {"stars": 0})
        await update_profile(session, owner.actor, ProfileChange("A builder", "", location="Paris", website="http://a"))
        await invite(session, owner.actor, project_id, other.user_id)
        await invite(session, owner.actor, project_id, other.user_id)
        await decline(session, other.actor, project_id)
        with pytest.raises(CollaborationConflict):
            await invite(session, owner.actor, project_id, other.user_id)
        # what is so already
        await confirm(session, stranger.actor, project_id)

    assert await changed(sessions, much) == {}

    async def taken_back(session: Session) -> None:
        another = (await a_project(session, owner)).project_id
        for remover in (owner, other):
            await invite(session, owner.actor, another, other.user_id)
            await remove(session, remover.actor, another, other.user_id)
            await remove(session, owner.actor, another, other.user_id)

    assert await changed(sessions, taken_back) == {}


async def test_what_is_rolled_back_was_never_asked_for(sessions: SessionFactory, two: tuple[Builder, Builder]) -> None:
    owner, other = two
    project_id = await new_project(sessions, owner, ProjectStatus.ACTIVE, other)

    async with sessions() as session:
        await confirm(session, other.actor, project_id)
        await update_project(session, owner.actor, project_id, ProjectChange(status=ProjectStatus.SHIPPED))
        await a_builder(session)
        await session.rollback()

    assert await asked_of(sessions) == {}
    asked = await changed(sessions, lambda session: decline(session, other.actor, project_id))
    assert asked == {}


async def test_a_definition_is_asked_on_account_of_what_it_is_made_of_alone(
    sessions: SessionFactory, two: tuple[Builder, Builder]
) -> None:
    owner, other = two
    project_id = await new_project(sessions, owner, ProjectStatus.SHIPPED, other)
    async with sessions.begin() as session:
        session.add(
            G2PRegisterScoreDefinition(
                register_id="builders",
                score_type="FAME",
                contributing_attributes=["impact.stars"],
                score_config={},
                debounce={"quiet_period": 0, "max_wait": 0},
            )
        )
    await settle(sessions)

    async with sessions.begin() as session:
        await confirm(session, other.actor, project_id)
    assert await asked_for_types(sessions, owner) == {"BUILDER_SCORE"}
    async with sessions.begin() as session:
        await measure_impact(session, A_SERVICE, project_id, {"stars": 1})
    assert await asked_for_types(sessions, owner) == {"BUILDER_SCORE", "FAME"}


async def asked_for_types(sessions: SessionFactory, user: Builder) -> set[str]:
    """The score types that a user was ever asked for since the last settling."""
    requests = await requests_of(sessions, user.user_id)
    return {name for name, row in requests.items() if row.compute_status == "PENDING"}


STATEMENTS: dict[str, tuple[int, Callable[[Session, Builder, Builder, str], Awaitable[Any]]]] = {
    # who it is, the project, the locks, what is there, the change, the audit log, and three of the trigger
    "confirm": (9, lambda session, _, other, project_id: confirm(session, other.actor, project_id)),
    "ship": (
        9,
        lambda session, owner, _, project_id: update_project(
            session, owner.actor, project_id, ProjectChange(status=ProjectStatus.SHIPPED)
        ),
    ),
    # nobody to look for
    "measure": (
        8,
        lambda session, _, __, project_id: measure_impact(session, A_SERVICE, project_id, {"stars": 9, "downloads": 9}),
    ),
    # one statement locks and reads, one more tells of the profile
    "profile": (7, lambda session, owner, _, __: update_profile(session, owner.actor, ProfileChange("Ada"))),
}


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("more", [0, 20], ids=["with nothing else", "with twenty projects and people"])
async def test_a_trigger_costs_a_few_statements_whatever_there_is_to_count(
    engine: AsyncEngine, sessions: SessionFactory, two: tuple[Builder, Builder], name: str, more: int
) -> None:
    owner, other = two
    async with sessions.begin() as session:
        for _ in range(more):
            project = await a_project(session, owner, ProjectStatus.SHIPPED)
            await confirmed_on(session, project, owner, other, await a_builder(session))
    project_id = await new_project(sessions, owner, ProjectStatus.ACTIVE, other)
    most, act = STATEMENTS[name]

    async with sessions.begin() as session:
        with caught(engine) as sent:
            await act(session, owner, other, project_id)

    assert len(sent) == most
