"""Users by score: the leaderboard with ranks, the part of it around a user, and discovery between thresholds.

All run along idx_users_builder_score: equal scores by descending id, and a page begins beyond a row by comparing both.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select, text

from builders.errors import UserNotFound
from builders.tables import User
from scoring.errors import InvalidInput
from store.database import Session
from store.pages import LOOKED_AT, Along, ListPage, Part, Position, read_page, walk

_BY_SCORE = Along(User.builder_score, User.user_id)
_USERS: Select[*tuple[Any, ...]] = select(User.user_id, User.username, User.display_name, User.builder_score)


@dataclass(frozen=True)
class Place:
    """A row's place: `number` 1 is the first row of all; the rank is the number of the first row with its score."""

    builder_score: int
    user_id: str
    rank: int
    number: int


@dataclass(frozen=True)
class RankedUser(Place):
    """A user of the leaderboard."""

    username: str
    display_name: str


@dataclass(frozen=True)
class LeaderboardPage:
    """Users in order, and the place to go on after; None at the end."""

    users: Sequence[RankedUser]
    next: Place | None


@dataclass(frozen=True)
class ScoreRange:
    """Scores at its ends belong to it."""

    least: int | None = None
    most: int | None = None


async def list_users_by_score(session: Session, scores: ScoreRange, part: Part) -> ListPage:
    """Users with such a score; raise InvalidInput where there can be none."""
    if scores.least is not None and scores.most is not None and scores.least > scores.most:
        raise InvalidInput("min_score is greater than max_score", field="min_score")
    users = _USERS
    if scores.least is not None:
        users = users.where(User.builder_score >= scores.least)
    if scores.most is not None:
        users = users.where(User.builder_score <= scores.most)
    walked = walk(users, _BY_SCORE, part)
    return await read_page(session, select(walked), walked, [], part)


async def list_leaderboard(session: Session, limit: int, after: Place | None = None) -> LeaderboardPage:
    """The first users, or those after a place; ranks go on from there, so no page costs more than the first."""
    position = None if after is None else Position(after.builder_score, after.user_id)
    page = await list_users_by_score(session, ScoreRange(), Part(limit, position))
    before = _Before() if after is None else _Before(after.number, after.rank, after.builder_score)
    users = list(_ranked(page.rows, before))
    return LeaderboardPage(users, users[-1] if page.next else None)


# One statement, hence one snapshot. The inner limits are literal, as in store/pages.py; the outer ones end the walk.
_AROUND = text(f"""
WITH one AS (
    SELECT builder_score, user_id FROM users WHERE user_id = :user_id
), above AS (
    SELECT * FROM (
        SELECT user_id, username, display_name, builder_score FROM users
        WHERE (builder_score, user_id) > ((SELECT builder_score FROM one), (SELECT user_id FROM one))
        ORDER BY builder_score, user_id LIMIT {LOOKED_AT}
    ) AS walked ORDER BY builder_score, user_id LIMIT :above
), below AS (
    SELECT * FROM (
        SELECT user_id, username, display_name, builder_score FROM users
        WHERE (builder_score, user_id) <= ((SELECT builder_score FROM one), (SELECT user_id FROM one))
        ORDER BY builder_score DESC, user_id DESC LIMIT {LOOKED_AT}
    ) AS walked ORDER BY builder_score DESC, user_id DESC LIMIT :below
), page AS (
    SELECT * FROM above UNION ALL SELECT * FROM below
), first AS (
    SELECT builder_score, user_id FROM page ORDER BY builder_score DESC, user_id DESC LIMIT 1
), counted AS (
    SELECT count(*) AS before, count(*) FILTER (WHERE builder_score > (SELECT builder_score FROM first)) AS better
    FROM users
    WHERE (builder_score, user_id) > ((SELECT builder_score FROM first), (SELECT user_id FROM first))
)
SELECT page.*, counted.* FROM page CROSS JOIN counted ORDER BY builder_score DESC, user_id DESC
""")


async def list_around(session: Session, user_id: str, limit: int) -> LeaderboardPage:
    """A page with the user in its middle, or further up where fewer stand above; raise UserNotFound.

    Ranks are exact: who stands above the page is counted, in the index alone, so it takes longer the lower the user.
    """
    # one more than the page has tells whether there is a next one
    limits = {"above": (limit - 1) // 2, "below": limit + 1}
    rows = (await session.execute(_AROUND, {"user_id": user_id, **limits})).all()
    if not rows:
        raise UserNotFound("no user has this id", field="user_id")
    users = list(_ranked(rows[:limit], _Before(rows[0].before, rows[0].better + 1, rows[0].builder_score)))
    return LeaderboardPage(users, users[-1] if len(rows) > limit else None)


@dataclass(frozen=True)
class _Before:
    """So many rows stand before a page; the rank that its first row has if its score is this one."""

    number: int = 0
    rank: int = 0
    builder_score: int | None = None


def _ranked(rows: Iterable[Row[Any]], before: _Before) -> Iterator[RankedUser]:
    rank, score = before.rank, before.builder_score
    for number, row in enumerate(rows, before.number + 1):
        rank = rank if row.builder_score == score else number
        score = row.builder_score
        yield RankedUser(row.builder_score, row.user_id, rank, number, row.username, row.display_name)
