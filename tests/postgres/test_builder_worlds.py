"""Random worlds: whatever builders do, what is asked for each is what a count in plain Python finds."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from builders.attributes import count_attributes
from builders.collaborations import confirm, decline, invite, remove
from builders.projects import NewProject, ProjectChange, create_project, measure_impact, update_project
from builders.register import BUILDER_SCORE, METRICS
from builders.tables import CollaboratorStatus, ProjectStatus
from builders.users import ProfileChange, update_profile
from builders_world import A_SERVICE, Builder, a_builder
from scoring.errors import Conflict, NotFound
from store.database import Session
from store.tables import G2PScoreComputeQueue

USERS, DEEDS = 5, 120
INVITED, CONFIRMED, DECLINED, REMOVED = CollaboratorStatus
MAY_BECOME = {
    None: {INVITED},
    INVITED: {CONFIRMED, DECLINED, REMOVED},
    CONFIRMED: {REMOVED},
    DECLINED: {CONFIRMED, REMOVED},
}
MAY_BECOME |= {REMOVED: {INVITED}}


ASKED = select(G2PScoreComputeQueue.internal_record_id, G2PScoreComputeQueue.contributing_attribute_values).where(
    G2PScoreComputeQueue.score_type == BUILDER_SCORE
)


@dataclass
class Known:
    """A project as it should be."""

    owner: Builder
    status: ProjectStatus
    metrics: dict[str, int] = field(default_factory=lambda: dict.fromkeys(METRICS, 0))
    people: dict[str, CollaboratorStatus] = field(default_factory=dict)


class World:
    """What should be there, beside what is; each deed is done to both."""

    def __init__(self, session: Session, random: Random) -> None:
        self.session = session
        self.random = random
        self.users: list[Builder] = []
        self.profiles: dict[str, dict[str, Any]] = {}
        self.projects: dict[str, Known] = {}

    async def sign_up(self) -> None:
        """Somebody new comes."""
        profile: dict[str, Any] = {
            "headline": self.random.choice(("", "Engines")),
            "skills": self.random.choice(([], ["analysis"])),
        }
        user = await a_builder(self.session, **profile)
        self.users.append(user)
        self.profiles[user.user_id] = {"display_name": "A builder", "bio": "", **profile}

    async def create(self) -> None:
        """Somebody has a new project."""
        owner, status = self.random.choice(self.users), self.random.choice(list(ProjectStatus))
        project = await create_project(self.session, owner.actor, NewProject("Engine", status=status))
        self.projects[project.project_id] = Known(owner, status)

    async def set_status(self) -> None:
        """A project moves to any status, its own as well."""
        name, project = self.random.choice(list(self.projects.items()))
        project.status = self.random.choice(list(ProjectStatus))
        await update_project(self.session, project.owner.actor, name, ProjectChange(status=project.status))

    async def measure(self) -> None:
        """One metric of a project is measured."""
        name, project = self.random.choice(list(self.projects.items()))
        metrics = {self.random.choice(METRICS): self.random.choice((0, 1, 10**12))}
        project.metrics |= metrics
        await measure_impact(self.session, A_SERVICE, name, metrics)

    async def describe(self) -> None:
        """Somebody fills in or empties the profile."""
        user = self.random.choice(self.users)
        change: dict[str, Any] = {
            "bio": self.random.choice(("", "Notes")),
            "skills": self.random.choice(([], ["analysis"])),
        }
        self.profiles[user.user_id] |= change
        await update_profile(self.session, user.actor, ProfileChange(**change))

    async def collaborate(self) -> None:
        """Any step by whom it is for, whether it is possible or not."""
        name, project = self.random.choice(list(self.projects.items()))
        user = self.random.choice([user for user in self.users if user != project.owner])
        to = self.random.choice(list(CollaboratorStatus))
        steps: dict[CollaboratorStatus, Callable[[], Awaitable[Any]]] = {
            INVITED: lambda: invite(self.session, project.owner.actor, name, user.user_id),
            CONFIRMED: lambda: confirm(self.session, user.actor, name),
            DECLINED: lambda: decline(self.session, user.actor, name),
            REMOVED: lambda: remove(self.session, self.random.choice((user, project.owner)).actor, name, user.user_id),
        }
        was = project.people.get(user.user_id)
        if to == was or to in MAY_BECOME[was]:
            await steps[to]()
            project.people[user.user_id] = to
        else:
            with pytest.raises((Conflict, NotFound)):
                await steps[to]()

    def count(self, user: Builder) -> dict[str, int]:
        """What the user's score is made of."""
        shipped = [one for one in self.projects.values() if one.owner == user and one.status == ProjectStatus.SHIPPED]
        pairs = {
            frozenset((project.owner.user_id, one))
            for project in self.projects.values()
            for one, status in project.people.items()
            if status == CONFIRMED
        }
        return {
            "shipped_projects": len(shipped),
            "vouches": sum(user.user_id in pair for pair in pairs),
            **{f"impact.{metric}": sum(one.metrics[metric] for one in shipped) for metric in METRICS},
            "profile.key_fields": sum(bool(value) for value in self.profiles[user.user_id].values()),
        }


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_asked_for_is_always_what_there_is(session: Session, seed: int) -> None:
    world = World(session, Random(seed))  # noqa: S311 - a test's
    for _ in range(USERS):
        await world.sign_up()
    await world.create()
    deeds = (world.collaborate, world.set_status, world.measure, world.describe, world.create, world.sign_up)
    weights = (12, 4, 3, 2, 1, 0.2)

    for number in range(DEEDS):
        [deed] = world.random.choices(deeds, weights)
        await deed()

        expected = {user.user_id: world.count(user) for user in world.users}
        assert await count_attributes(session, expected) == expected, f"after deed {number}, {deed.__name__}"
        # nothing that a score is made of changes without the score being asked for
        assert dict((await session.execute(ASKED)).all()) == expected, f"after deed {number}, {deed.__name__}"
