"""Profiles as others see them, and how every process that keeps copies hears of a change."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select, text

from builders.tables import User
from store.database import Session
from store.notifications import Hear, Listener, listen

PROFILES_CHANNEL = "user_profiles"
"""Carries the id of each user whose profile or score has changed."""

# all but who may sign in as them
_PROFILES: Select[*tuple[Any, ...]] = select(
    User.user_id,
    User.username,
    User.display_name,
    User.headline,
    User.bio,
    User.skills,
    User.location,
    User.website,
    User.builder_score,
    User.created_at,
    User.updated_at,
)
_BY_ID = _PROFILES.where(User.user_id == func.any(bindparam("user_ids")))
_BY_USERNAME = _PROFILES.where(User.username == bindparam("username"))

_NOTIFY = text(f"SELECT pg_notify('{PROFILES_CHANNEL}', user_id) FROM unnest(cast(:user_ids AS text[])) AS user_id")


async def list_profiles(session: Session, user_ids: Collection[str]) -> Sequence[Row[Any]]:
    """The profiles of those of these users that exist, in no order."""
    return (await session.execute(_BY_ID, {"user_ids": list(user_ids)})).all()


async def find_profile(session: Session, username: str) -> Row[Any] | None:
    """The profile of the user with this name."""
    return (await session.execute(_BY_USERNAME, {"username": username})).one_or_none()


async def notify_profile_changed(session: Session, user_ids: Collection[str]) -> None:
    """Tell everybody who keeps profiles, when the caller commits; whoever changes one calls this."""
    await session.execute(_NOTIFY, {"user_ids": list(user_ids)})


def notify_of_profiles(rows: str) -> str:
    """The same as the last part of a statement: for each user in the CTE `rows`, when the caller commits."""
    return f"SELECT pg_notify('{PROFILES_CHANNEL}', user_id) FROM {rows}"


def listen_for_profile_changes(
    database_url: str, heard: asyncio.Event, hear: Hear
) -> AbstractAsyncContextManager[Listener]:
    """Hear the id of each user whose profile or score changes; see `store.notifications.listen`."""
    return listen(database_url, PROFILES_CHANNEL, heard, hear)
