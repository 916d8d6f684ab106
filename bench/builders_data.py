"""What `bench.builders` reads: users with scores as they could be, the same in every run."""

from dataclasses import dataclass

import asyncpg  # type: ignore[import-untyped]

# Four of ten have nothing yet; who has something has little of it most of the time: many are equal, few stand out.
_SCORE = """
CASE WHEN random() < 0.4 THEN 0 ELSE
    100 * least(floor(-ln(1 - random()) * 1.5), 10)
    + 25 * least(floor(-ln(1 - random()) * 2), 20)
    + 5 * least(floor(-ln(1 - random()) * 10), 100)
END::integer
"""

_USERS = f"""
INSERT INTO users (user_id, subject, username, display_name, headline, bio, skills, location, builder_score)
SELECT md5('user ' || one)::uuid::text, 'bench:' || one, 'builder-' || one, 'Builder ' || one, 'Builds things',
    repeat('Has built this and that. ', 1 + one % 8), '["python", "sql", "design"]', 'Here', {_SCORE}
FROM generate_series(1, $1::integer) AS one
"""  # noqa: S608 - constants

_STANDING = (
    "SELECT user_id, username, builder_score FROM users ORDER BY builder_score DESC, user_id DESC OFFSET $1 LIMIT 1"
)
_COMMONEST = "SELECT builder_score FROM users GROUP BY builder_score ORDER BY count(*) DESC LIMIT 1"
_COUNTS = "SELECT count(DISTINCT builder_score), max(builder_score) FROM users"


@dataclass(frozen=True)
class Standing:
    """A user, and how many stand before it on the leaderboard; equal scores are ordered by id."""

    user_id: str
    username: str
    builder_score: int
    number: int


@dataclass(frozen=True)
class Board:
    """Whom to ask for: some places of the leaderboard, and how many there are."""

    users: int
    scores: int
    """How many different ones."""
    equal: int
    """How many users have the commonest score."""
    highest: int
    first: Standing
    middle: Standing
    among_equals: Standing
    """In the middle of those with the commonest score."""
    last: Standing


async def fill(connection: asyncpg.Connection, users: int) -> None:
    """Insert so many users, and let PostgreSQL know them."""
    await connection.execute("SELECT setseed(0.20261122)")
    await connection.execute(_USERS, users)
    await connection.execute("VACUUM ANALYZE")


async def look_at(connection: asyncpg.Connection) -> Board:
    """The places that are asked for."""
    users = int(await connection.fetchval("SELECT count(*) FROM users"))
    scores, highest = await connection.fetchrow(_COUNTS)
    commonest = await connection.fetchval(_COMMONEST)
    equal = int(await connection.fetchval("SELECT count(*) FROM users WHERE builder_score = $1", commonest))
    above = int(await connection.fetchval("SELECT count(*) FROM users WHERE builder_score > $1", commonest))
    first, middle, among_equals, last = [
        await _standing(connection, number) for number in (0, users // 2, above + equal // 2, users - 1)
    ]
    return Board(users, scores, equal, highest, first, middle, among_equals, last)


async def _standing(connection: asyncpg.Connection, number: int) -> Standing:
    row = await connection.fetchrow(_STANDING, number)
    return Standing(row["user_id"], row["username"], row["builder_score"], number)
