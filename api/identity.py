"""Who asks: what a token said, once it was checked. Checking tokens is `api.tokens`' business."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeAlias, cast

from fastapi import Depends, Request

from api.permissions import Permission
from store.audit import Actor


@dataclass(frozen=True)
class Identity:
    """The bearer of a token; `subject` stays the same where the username may change."""

    subject: str
    username: str | None
    permissions: frozenset[Permission]
    expires_at: datetime


class Unauthenticated(Exception):
    """No token, or none that counts; the text says why, and never what was sent."""


class InvalidToken(Unauthenticated):
    """A token was sent, and it does not count."""


class IdentityUnavailable(Exception):
    """Whether a token counts, or what it permits, cannot be found out now: whoever knows does not answer."""


Authenticate: TypeAlias = Callable[[str | None], Awaitable[Identity]]
"""From an Authorization header to an identity; raises Unauthenticated or IdentityUnavailable."""


def _identity(request: Request) -> Identity:
    return cast(Identity, request.state.identity)


CurrentIdentity = Annotated[Identity, Depends(_identity)]


def _actor(request: Request, identity: CurrentIdentity) -> Actor:
    return Actor(identity.subject, "api", identity.username, request.client.host if request.client else None)


CurrentActor = Annotated[Actor, Depends(_actor)]
"""For the audit log."""
