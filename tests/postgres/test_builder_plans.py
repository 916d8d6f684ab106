"""What a score is made of is counted along indexes: the work grows with what a user has, not with 100,000 projects."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.builders_plans import Read
from builders.attributes import count_attributes
from builders.collaborations import list_collaborations, list_collaborators
from builders.projects import ProjectFilter, get_project, list_projects, list_seen
from builders.tables import CollaboratorStatus, ProjectStatus
from builders.users import get_own_user
from databases import filled
from plans import faults_of, plans_of
from store.database import SessionFactory

BIG = {"users", "projects", "project_collaborators"}
LIMIT = 50

# 20,000 users with 5 projects each and 2 collaborators on each of these; user-1 has 200 projects more, user-2 is
# invited to 20,000, and everybody's id is spread over the tables
FILL = """
INSERT INTO users (user_id, subject, username, display_name)
SELECT 'user-' || one, 'subject-' || one, 'name-' || one, 'A' FROM generate_series(1, 20000) AS one
ORDER BY md5(one::text);

INSERT INTO projects (project_id, owner_id, title, status, stars)
SELECT 'project-' || one, 'user-' || 1 + one % 20000, 'A', (ARRAY['draft', 'active', 'shipped'])[1 + one / 20000 % 3],
    one % 100
FROM generate_series(1, 100000) AS one ORDER BY md5(one::text);

INSERT INTO projects (project_id, owner_id, title, status)
SELECT 'more-' || one, 'user-1', 'A', 'shipped' FROM generate_series(1, 200) AS one;

INSERT INTO project_collaborators (project_id, user_id, status, confirmed_at)
SELECT 'project-' || one, 'user-' || 1 + (one * 7919 + step * 31) % 20000, status,
    CASE WHEN status = 'confirmed' THEN now() END
FROM generate_series(1, 100000) AS one, generate_series(1, 2) AS step,
    LATERAL (SELECT (ARRAY['invited', 'confirmed', 'removed'])[1 + (one + step) % 3] AS status) AS chosen
ORDER BY md5(one::text);

INSERT INTO project_collaborators (project_id, user_id, status)
SELECT 'project-' || one * 5, 'user-2', 'invited' FROM generate_series(1, 20000) AS one
ON CONFLICT DO NOTHING
"""


@pytest.fixture(scope="module")
def template_database(postgres_url: str, template_database: str) -> Iterator[str]:
    """A hundred thousand projects and twice as many collaborations; the planner knows."""
    with filled(postgres_url, template_database, FILL) as name:
        yield name


MANY = [f"user-{number}" for number in range(1000, 1500)]
READS: dict[str, tuple[Read, int]] = {
    "what a score is made of": (partial(count_attributes, user_ids=["user-7"]), 100),
    "what the scores of two are made of": (partial(count_attributes, user_ids=["user-7", "user-8"]), 200),
    "what the score of one with 205 projects is made of": (partial(count_attributes, user_ids=["user-1"]), 1_000),
    "what the scores of a page are made of": (partial(count_attributes, user_ids=MANY), 100 * len(MANY)),
    "one's own profile": (partial(get_own_user, subject="subject-7"), 2),
    "a draft that one is invited to": (partial(get_project, viewer_id="user-15496", project_id="project-7"), 20),
    "a user's projects": (
        partial(list_projects, viewer_id="user-7", wanted=ProjectFilter("user-1"), after="more-7", limit=LIMIT),
        6 * LIMIT,
    ),
    "a user's shipped projects": (
        partial(
            list_projects,
            viewer_id="user-7",
            wanted=ProjectFilter("user-1", ProjectStatus.SHIPPED),
            after=None,
            limit=LIMIT,
        ),
        6 * LIMIT,
    ),
    "who collaborates on a page of projects": (
        partial(list_collaborators, viewer_id="user-7", project_ids=[f"project-{number}" for number in range(LIMIT)]),
        6 * LIMIT,
    ),
    "which of a page's projects one sees": (
        partial(list_seen, viewer_id="user-7", project_ids=[f"project-{number}" for number in range(LIMIT)]),
        6 * LIMIT,
    ),
    "one's collaborations": (
        partial(list_collaborations, user_id="user-2", status=None, after="project-5", limit=LIMIT),
        4 * LIMIT,
    ),
    "one's invitations": (
        partial(
            list_collaborations, user_id="user-2", status=CollaboratorStatus.INVITED, after="project-5", limit=LIMIT
        ),
        2 * LIMIT,
    ),
}


async def test_what_builders_read_and_ask_for_goes_along_an_index(
    engine: AsyncEngine, sessions: SessionFactory
) -> None:
    faults = {}
    for name, (read, most_rows) in READS.items():
        faults[name] = [faults_of(plan, BIG, most_rows) for plan in await plans_of(engine, sessions, read)]

    assert {name: found for name, found in faults.items() if any(found)} == {}


async def test_a_count_that_no_index_serves_is_found(engine: AsyncEngine, sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        await session.execute(text("DROP INDEX ix_project_collaborators_user"))

    plans = await plans_of(engine, sessions, READS["what a score is made of"][0])

    assert all(faults_of(plan, BIG, 100) for plan in plans)
