"""Sign-up and profiles. A user acts with a token whose `sub` is the user's subject, and changes nobody else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from builders.errors import AlreadySignedUp, NotSignedUp, UsernameTaken, UserNotFound
from builders.profiles import notify_profile_changed
from builders.register import KEY_FIELDS
from builders.tables import User
from builders.triggers import BuilderEvent, Trigger, request_builder_scores
from scoring.errors import InvalidInput
from store.audit import Actor, append_audit
from store.database import Session

USERNAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{1,30}[a-z0-9]$"
"""3 to 32 characters; one spelling of a name, so that nobody passes for another by its capitals."""


@dataclass(frozen=True)
class NewProfile:
    """What a user shows of itself."""

    display_name: str
    headline: str = ""
    bio: str = ""
    skills: Sequence[str] = ()
    location: str = ""
    website: str = ""


@dataclass(frozen=True)
class ProfileChange:
    """The fields to change; None leaves a field as it is."""

    display_name: str | None = None
    headline: str | None = None
    bio: str | None = None
    skills: Sequence[str] | None = None
    location: str | None = None
    website: str | None = None


async def sign_up(session: Session, actor: Actor, username: str, profile: NewProfile) -> User:
    """Store a new user, who acts as the actor's subject from now on, and ask for its first score.

    Raises:
        InvalidInput: the username is not of the pattern.
        AlreadySignedUp: the actor has a profile.
        UsernameTaken: another user has the name.
    """
    if not re.fullmatch(USERNAME_PATTERN, username):
        raise InvalidInput(f"username must match {USERNAME_PATTERN}", field="username")
    statement = (
        insert(User)
        .values(subject=actor.name, username=username, **_columns(profile))
        .on_conflict_do_nothing()
        .returning(User)
    )
    user = (await session.scalars(statement)).one_or_none()
    if user is None:
        raise await _refusal(session, actor.name)
    await append_audit(session, actor, "sign_up", user.user_id, {})
    await _request_scores(session, BuilderEvent.PROFILE_CREATED, user)
    return user


async def _refusal(session: Session, subject: str) -> AlreadySignedUp | UsernameTaken:
    # one of the two unique keys stood in the way: whoever asks twice is told that, not that the name is taken
    user_id = await session.scalar(select(User.user_id).where(User.subject == subject))
    if user_id is not None:
        return AlreadySignedUp(f"the bearer of this token is user {user_id} already; change it with PATCH /users/me")
    return UsernameTaken("another user has this username; choose another", field="username")


async def update_profile(session: Session, actor: Actor, change: ProfileChange) -> User:
    """Change the actor's own profile; a key field that really changes asks for scores, the same value for nothing.

    Raises:
        NotSignedUp: the actor has no profile.
    """
    user = await lock_own_user(session, actor.name)
    changed = {name: value for name, value in _columns(change).items() if value not in (None, getattr(user, name))}
    if not changed:
        return user
    statement = update(User).where(User.user_id == user.user_id).values(**changed, updated_at=func.now())
    user = (await session.scalars(statement.returning(User), execution_options=_AS_STORED)).one()
    await append_audit(session, actor, "update_profile", user.user_id, {"fields": list(changed)})
    await notify_profile_changed(session, [user.user_id])
    if not changed.keys().isdisjoint(KEY_FIELDS):
        await _request_scores(session, BuilderEvent.PROFILE_CHANGED, user)
    return user


def _columns(profile: NewProfile | ProfileChange) -> dict[str, Any]:
    skills = None if profile.skills is None else list(profile.skills)
    return {**vars(profile), "skills": skills}


async def _request_scores(session: Session, event: BuilderEvent, user: User) -> None:
    await request_builder_scores(session, Trigger(event, user.user_id, caused_by=user.user_id), [user.user_id])


# what the session has read of a row before, it may have read before the lock
_AS_STORED = {"populate_existing": True, "synchronize_session": False}


async def lock_own_user(session: Session, subject: str) -> User:
    """The bearer of the token, locked as every change of what its scores are made of locks it; raise NotSignedUp."""
    statement = select(User).where(User.subject == subject).with_for_update(key_share=True)
    user = (await session.scalars(statement, execution_options={"populate_existing": True})).one_or_none()
    return _require_signed_up(user)


async def get_own_user(session: Session, subject: str) -> User:
    """The bearer of the token; raise NotSignedUp when there is no profile yet."""
    return _require_signed_up((await session.scalars(select(User).where(User.subject == subject))).one_or_none())


def _require_signed_up(user: User | None) -> User:
    if user is None:
        raise NotSignedUp("the bearer of this token has no profile; sign up first with POST /users")
    return user


async def get_user(session: Session, user_id: str, field: str = "user_id") -> User:
    """Raise UserNotFound when no user has the id, which was sent as this field."""
    user = await session.get(User, user_id)
    if user is None:
        raise UserNotFound(f"no user has the id {user_id}", field=field)
    return user
