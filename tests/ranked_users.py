"""Users with scores as the tests want them, and the order that they must be listed in."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, update

from builders.tables import User
from store.database import Session, SessionFactory

Rank = tuple[str, int, int]
"""User, score and rank."""


async def a_user(session: Session, user_id: str, builder_score: int = 0, **columns: Any) -> str:
    """A user by a name of the same words as the id; the id."""
    row = {
        "user_id": user_id,
        "subject": f"subject of {user_id}",
        "username": user_id.lower(),
        "display_name": f"Builder {user_id}",
        "builder_score": builder_score,
    }
    await session.execute(insert(User).values(row | columns))
    return user_id


async def users_with(sessions: SessionFactory, scores: Mapping[str, int]) -> None:
    """Users by id."""
    async with sessions.begin() as session:
        for user_id, score in scores.items():
            await a_user(session, user_id, score)


async def set_score(sessions: SessionFactory, user_id: str, builder_score: int) -> None:
    """Where nobody is told."""
    async with sessions.begin() as session:
        await session.execute(update(User).where(User.user_id == user_id).values(builder_score=builder_score))


def ranks_of(scores: Mapping[str, int]) -> list[Rank]:
    """The whole leaderboard, counted the slow way."""
    rows = sorted(((score, user_id) for user_id, score in scores.items()), reverse=True)
    return [(user_id, score, 1 + sum(other > score for other, _ in rows)) for score, user_id in rows]
