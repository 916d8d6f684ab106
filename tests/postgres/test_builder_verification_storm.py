"""Verifying while builders act, scores are stored and weights change: nothing that is under way looks wrong."""

import asyncio
import random
from contextlib import suppress

from sqlalchemy import text

from builders.collaborations import confirm, invite, remove
from builders.projects import ProjectChange, update_project
from builders.register import BUILDER_SCORE
from builders.tables import ProjectStatus
from builders.users import ProfileChange, update_profile
from builders.verification import Finding, Verification, verify_scores
from builders_world import Builder, a_builder, a_project
from scored_builders import ScoredBuilders, store_score_of
from scoring.errors import Conflict, NotFound
from store.database import Session, SessionFactory
from store.outbox import list_requests

BUILDERS, EVENTS, ACTORS = 7, 60, 3


class Storm:
    """What goes on at once until all events have happened."""

    def __init__(self, sessions: SessionFactory) -> None:
        self.builders = ScoredBuilders(sessions)
        self.random = random.Random(7)  # noqa: S311 - the same storm each time
        self.people: list[Builder] = []
        self.projects: list[tuple[str, Builder]] = []
        self.verifications: list[Verification] = []
        self.is_over = False

    async def prepare(self) -> None:
        """People, each with a project."""
        async with self.builders.sessions.begin() as session:
            self.people = [await a_builder(session) for _ in range(BUILDERS)]
            self.projects = [((await a_project(session, one)).project_id, one) for one in self.people]
        await self.builders.score()

    async def act(self) -> None:
        """Events one after the other; what does not follow from where things stand is refused."""
        for _ in range(EVENTS):
            with suppress(Conflict, NotFound):
                async with self.builders.sessions.begin() as session:
                    await self._event(session)

    async def _event(self, session: Session) -> None:
        (project_id, owner), other = self.random.choice(self.projects), self.random.choice(self.people)
        kind = self.random.choices(["collaborate", "remove", "status", "profile", "weights"], [8, 4, 4, 4, 1])[0]
        if kind == "collaborate":
            await invite(session, owner.actor, project_id, other.user_id)
            await confirm(session, other.actor, project_id)
        elif kind == "remove":
            await remove(session, owner.actor, project_id, other.user_id)
        elif kind == "status":
            status = self.random.choice([ProjectStatus.SHIPPED, ProjectStatus.ACTIVE])
            await update_project(session, owner.actor, project_id, ProjectChange(status=status))
        elif kind == "profile":
            await update_profile(session, other.actor, ProfileChange(bio=self.random.choice(["", "about me"])))
        else:
            vouches = {"points": self.random.randrange(100), "cap": 500}
            config = (await self.builders.definition()).score_config
            await self.builders.change_definition_in(session, score_config=config | {"vouches": vouches})

    async def store_scores(self) -> None:
        """As a worker does."""
        while not self.is_over:
            await self.builders.score()

    async def verify(self) -> None:
        """Page by page, so that much happens between two pages."""
        while not self.is_over:
            self.verifications.append(await verify_scores(self.builders.sessions, page_size=2))


async def test_a_storm_of_events_scores_and_new_weights_causes_no_false_report(sessions: SessionFactory) -> None:
    storm = Storm(sessions)
    await storm.prepare()
    beside = [asyncio.create_task(one()) for one in (storm.store_scores, storm.verify)]

    await asyncio.gather(*(storm.act() for _ in range(ACTORS)))
    storm.is_over = True
    await asyncio.gather(*beside)

    wrong = [count for one in storm.verifications for name, count in one.findings.items() if name != Finding.STALE]
    assert {one.users for one in storm.verifications} == {BUILDERS}
    assert any(one.pending for one in storm.verifications), "nothing was under way"
    assert any(one.pending + one.differing < one.users for one in storm.verifications), "nobody was up to date"
    assert not any(wrong)
    await storm.builders.recompute()
    assert await verify_scores(sessions) == Verification(users=BUILDERS)


async def until_somebody_waits_for_users(sessions: SessionFactory) -> None:
    """Return as soon as a lock on the table of users is waited for."""
    waits = text("SELECT count(*) FROM pg_locks WHERE relation = 'users'::regclass AND NOT granted")
    async with asyncio.timeout(20), sessions() as session:
        while not await session.scalar(waits):
            await asyncio.sleep(0.01)


async def test_a_page_is_read_by_the_definition_of_its_own_snapshot(sessions: SessionFactory) -> None:
    builders = ScoredBuilders(sessions)
    async with sessions.begin() as session:
        user = await a_builder(session)
    await builders.score()
    weights = (await builders.definition()).score_config | {"key_fields": {"points": 50, "cap": 50}}

    async with sessions.begin() as session:
        await session.execute(text("LOCK TABLE users IN ACCESS EXCLUSIVE MODE"))
        verifying = asyncio.create_task(verify_scores(sessions))
        # it has read the definition, and not yet the user
        await until_somebody_waits_for_users(sessions)
        await builders.change_definition_in(session, score_config=weights)
        await update_profile(session, user.actor, ProfileChange(bio="about me"))
        [request] = [one for one in await list_requests(session, user.user_id) if one.score_type == BUILDER_SCORE]
        await store_score_of(session, request)

    assert await verifying == Verification(users=1)
    assert await verify_scores(sessions) == Verification(users=1)
    assert await builders.scores() == {user.user_id: 50}
