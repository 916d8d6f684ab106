"""Users by score are one statement along the index: a page's work grows with the page, not with 100,000 users."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.builders_plans import Read
from builders.leaderboard import Place, ScoreRange, list_around, list_leaderboard, list_users_by_score
from builders.profiles import find_profile, list_profiles
from databases import filled
from plans import PLAN_MODES, Node, plans_of
from store.database import SessionFactory
from store.pages import Part, Position

USERS = 100_000
LIMIT = 50

# half of all have the same score, in the middle of the leaderboard
FILL = """
INSERT INTO users (user_id, subject, username, display_name, bio, builder_score)
SELECT lpad(one::text, 6, '0'), 's' || one, 'user-' || one, 'User ' || one, repeat('x', 300),
    CASE WHEN one % 2 = 0 THEN 500 ELSE one * 7919 % 1009 END
FROM generate_series(1, 100000) AS one ORDER BY md5(one::text)
"""
TIED = "050000"
"""In the middle of them."""
DEEP = Place(500, TIED, 25_000, 50_000)


@pytest.fixture(scope="module")
def template_database(postgres_url: str, template_database: str) -> Iterator[str]:
    """A hundred thousand users, fifty thousand of them with one score; the planner knows."""
    with filled(postgres_url, template_database, FILL) as name:
        yield name


async def user_at(sessions: SessionFactory, number: int) -> str:
    """The user who stands there."""
    found = text("SELECT user_id FROM users ORDER BY builder_score DESC, user_id DESC OFFSET :number LIMIT 1")
    async with sessions() as session:
        return str(await session.scalar(found, {"number": number}))


def by_score(scores: ScoreRange, after: Position | None = None) -> Read:
    return partial(list_users_by_score, scores=scores, part=Part(LIMIT, after))


PAGES: dict[str, Read] = {
    "the top": partial(list_leaderboard, limit=LIMIT),
    "a page deep within equal scores": partial(list_leaderboard, limit=LIMIT, after=DEEP),
    "the last page": partial(list_leaderboard, limit=LIMIT, after=Place(0, "000999", 99_990, 99_990)),
    "above a threshold": by_score(ScoreRange(500)),
    "above a threshold, deep within equal scores": by_score(ScoreRange(400), Position(500, TIED)),
    "below a threshold": by_score(ScoreRange(None, 500)),
    "between thresholds": by_score(ScoreRange(500, 500)),
    "between thresholds, further": by_score(ScoreRange(300, 700), Position(500, TIED)),
    "a profile by name": partial(find_profile, username="user-777"),
    "profiles by id": partial(list_profiles, user_ids=[f"{one:06}" for one in range(1, LIMIT + 1)]),
}


async def test_a_page_reads_its_rows_and_one_more(engine: AsyncEngine, sessions: SessionFactory) -> None:
    most = {
        name: max(node.rows for plan in await plans_of(engine, sessions, read) for node in plan)
        for name, read in PAGES.items()
    }

    assert {name: rows for name, rows in most.items() if rows > LIMIT + 1} == {}


async def test_around_a_user_only_the_index_is_counted(engine: AsyncEngine, sessions: SessionFactory) -> None:
    numbers = [0, 3, 50_000, USERS - 1]

    long = {}
    for number in numbers:
        around = partial(list_around, user_id=await user_at(sessions, number), limit=LIMIT)
        plans = await plans_of(engine, sessions, around)
        long[number] = [[node for node in plan if node.rows > 2 * LIMIT] for plan in plans]

    def counted(rows: int) -> list[list[Node]]:
        return [[Node("Index Only Scan", "users", rows)]] * len(PLAN_MODES)

    half = (LIMIT - 1) // 2
    none: list[list[Node]] = [[], []]
    assert long == {0: none, 3: none, 50_000: counted(50_000 - half), USERS - 1: counted(USERS - 1 - half)}


async def test_without_the_index_a_page_would_read_everybody(engine: AsyncEngine, sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        await session.execute(text("DROP INDEX idx_users_builder_score"))

    plans = await plans_of(engine, sessions, PAGES["the top"])

    assert all(max(node.rows for node in plan) > USERS / 2 for plan in plans), plans
