"""Builders for tests: users who have signed up, their projects, and people who vouch for each other."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import text, update

from builders.collaborations import confirm, invite
from builders.projects import NewProject, create_project
from builders.register import BUILDER_SCORE
from builders.tables import Project, ProjectStatus
from builders.users import NewProfile, sign_up
from objects import an_id
from postgres_sessions import backend_pid, requests_of, until_waiting
from store.audit import Actor
from store.database import Session, SessionFactory
from store.tables import G2PScoreComputeQueue

NOTHING = {
    "shipped_projects": 0,
    "vouches": 0,
    "impact.active_users": 0,
    "impact.downloads": 0,
    "impact.stars": 0,
    "profile.key_fields": 1,
}
"""What the score of somebody is made of who has signed up with a name and nothing else."""

A_SERVICE = Actor("a service", "api")
T = TypeVar("T")


@dataclass(frozen=True, order=True)
class Builder:
    """Somebody who has signed up, and acts."""

    user_id: str
    actor: Actor


async def a_builder(session: Session, username: str = "", **profile: Any) -> Builder:
    """Somebody new."""
    subject = an_id()
    actor = Actor(f"subject of {subject}", "api")
    new = NewProfile(**{"display_name": "A builder", **profile})
    user = await sign_up(session, actor, username or f"u{subject[:8]}", new)
    return Builder(user.user_id, actor)


async def builders(sessions: SessionFactory, number: int) -> list[Builder]:
    """So many, by id, whose first scores are not asked for any more."""
    async with sessions.begin() as session:
        found = sorted([await a_builder(session) for _ in range(number)])
    await settle(sessions)
    return found


async def a_project(session: Session, owner: Builder, status: ProjectStatus = ProjectStatus.ACTIVE) -> Project:
    """A project of the owner's."""
    return await create_project(session, owner.actor, NewProject("A project", status=status))


async def confirmed_on(session: Session, project: Project, owner: Builder, *others: Builder) -> None:
    """The owner invites these, who confirm."""
    for other in others:
        await invite(session, owner.actor, project.project_id, other.user_id)
        await confirm(session, other.actor, project.project_id)


async def settle(sessions: SessionFactory) -> None:
    """As if all that was asked for had been computed."""
    async with sessions.begin() as session:
        await session.execute(update(G2PScoreComputeQueue).values(compute_status="COMPLETED"))


async def asked_of(sessions: SessionFactory) -> dict[str, G2PScoreComputeQueue]:
    """The Builder Scores that are committed and asked for, by user."""
    asked = text("SELECT internal_record_id FROM g2p_score_compute_queue WHERE compute_status = 'PENDING'")
    async with sessions() as session:
        user_ids = list(await session.scalars(asked))
    return {user_id: (await requests_of(sessions, user_id))[BUILDER_SCORE] for user_id in user_ids}


async def one_after_the_other(
    sessions: SessionFactory,
    first: Callable[[Session], Awaitable[object]],
    second: Callable[[Session], Awaitable[T]],
) -> T:
    """Do both at once, so that the second waits for the first, which commits; what came of the second."""
    async with sessions() as one, sessions() as other:
        waiting = await backend_pid(other)
        await first(one)
        racing = asyncio.ensure_future(second(other))
        await until_waiting(sessions, waiting)
        await one.commit()
        came_of_it = await racing
        await other.commit()
    return came_of_it
