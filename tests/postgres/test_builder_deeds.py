"""Builders in each other's way over a few projects while their scores are stored: no deadlock, and no deed is lost."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from itertools import permutations
from random import Random

from sqlalchemy import select

from builders.attributes import count_attributes
from builders.collaborations import confirm, decline, invite, remove
from builders.projects import ProjectChange, measure_impact, update_project
from builders.records import WRITE_BACK
from builders.register import BUILDER_SCORE
from builders.score import BuilderScore
from builders.tables import Project, ProjectStatus, User
from builders.users import ProfileChange, update_profile
from builders_world import A_SERVICE, Builder, a_project, builders
from objects import a_computed_score, wide_roads
from postgres_sessions import claim_for_records, requests_of, stored_scores
from scoring.errors import Conflict, NotFound
from scoring.messages import ScoreOutcomes
from store.database import Session, SessionFactory
from store.outbox import RecordRequests, mark_signaled
from store.scores import save_outcomes
from store.write_backs import written_back

USERS, ACTORS, DEEDS = 4, 8, 40
WHAT = ("invite", "confirm", "confirm", "remove", "leave", "decline", "ship", "measure", "describe")


class Storm:
    """What all do at once, a transaction a deed."""

    def __init__(self, sessions: SessionFactory, users: list[Builder], projects: list[Project]) -> None:
        self.sessions = sessions
        self.users = {user.user_id: user for user in users}
        self.projects = projects
        self.done = 0

    async def act(self, random: Random) -> None:
        """Do this and that; what is not possible just now is refused, and nothing else goes wrong."""
        for _ in range(DEEDS):
            with suppress(Conflict, NotFound):
                async with self.sessions.begin() as session:
                    await self.do_one(session, random)
                self.done += 1

    async def do_one(self, session: Session, random: Random) -> None:
        """One deed, mostly of two users at once."""
        project = random.choice(self.projects)
        owner = self.users[project.owner_id]
        other = random.choice([user for user in self.users.values() if user != owner])
        name = project.project_id
        match random.choice(WHAT):
            case "invite":
                await invite(session, owner.actor, name, other.user_id)
            case "confirm":
                await confirm(session, other.actor, name)
            case "decline":
                await decline(session, other.actor, name)
            case "remove":
                await remove(session, owner.actor, name, other.user_id)
            case "leave":
                await remove(session, other.actor, name, other.user_id)
            case "ship":
                change = ProjectChange(status=random.choice((ProjectStatus.SHIPPED, ProjectStatus.ACTIVE)))
                await update_project(session, owner.actor, name, change)
            case "measure":
                await measure_impact(session, A_SERVICE, name, {"stars": random.randrange(100)})
            case "describe":
                await update_profile(session, owner.actor, ProfileChange(bio=random.choice(("", "Notes"))))


async def relay_and_score(sessions: SessionFactory, ended: asyncio.Event) -> None:
    """Claim, mark, compute and save until all has ended and nothing is pending."""
    while True:
        last_look = ended.is_set()
        async with sessions.begin() as session:
            claimed = await claim_for_records(session, wide_roads(records_per_tick=3), timedelta(0))
        if last_look and not claimed:
            return
        async with sessions.begin() as session:
            await mark_signaled(session, claimed, timedelta(0))
        await asyncio.gather(*(save(sessions, record) for record in claimed))


async def save(sessions: SessionFactory, record: RecordRequests) -> None:
    """The user's score, computed and stored with its copy."""
    computed = []
    for request in record.requests:
        score = await BuilderScore().compute_score("", request.contributing_attribute_values, request.score_config)
        computed.append(a_computed_score(request, score))
    user_id = record.internal_record_id
    async with sessions.begin() as session, written_back(session, WRITE_BACK, [user_id]):
        await save_outcomes(session, ScoreOutcomes(record.register_id, user_id, computed))


async def test_i1_whatever_builders_do_at_once_is_scored_in_the_end(sessions: SessionFactory) -> None:
    users = await builders(sessions, USERS)
    async with sessions.begin() as session:
        projects = [await a_project(session, owner) for owner in users for _ in range(2)]
        for owner, other in permutations(users, 2):
            first = next(project for project in projects if project.owner_id == owner.user_id)
            await invite(session, owner.actor, first.project_id, other.user_id)
    storm = Storm(sessions, users, projects)
    ended = asyncio.Event()
    relay = asyncio.create_task(relay_and_score(sessions, ended))

    await asyncio.gather(*(storm.act(Random(seed)) for seed in range(ACTORS)))  # noqa: S311 - a test's
    ended.set()
    await relay

    assert storm.done > ACTORS * DEEDS / 3
    async with sessions() as session:
        counted = await count_attributes(session, list(storm.users))
        copies = dict((await session.execute(select(User.user_id, User.builder_score))).all())
        for user_id, attributes in counted.items():
            [score] = await stored_scores(session, user_id)
            asked = (await requests_of(sessions, user_id))[BUILDER_SCORE]
            assert asked.compute_status == "COMPLETED"
            assert asked.contributing_attribute_values == attributes
            assert score.sequence == asked.sequence
            assert score.computed_score == await BuilderScore().compute_score("", attributes, asked.score_config)
            assert copies[user_id] == score.computed_score
