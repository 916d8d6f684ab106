"""From roles to permissions: by a map, or by OpenG2P's role-resolution endpoint."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias

import httpx

from api.identity import IdentityUnavailable
from api.permissions import Permission

logger = logging.getLogger(__name__)

RESOLVE_PATH = "/user-access/get_permissions_for_roles"
COOLDOWN_SECONDS = 5.0
"""After it did not answer, the endpoint is left alone for this long; where it refused some roles, with those alone."""
LAST_KNOWN_SECONDS = 900.0
"""So long beyond its lifetime an answer is used while there is no newer one to be had."""
MAX_ROLE_SETS = 1_000

PermissionsOf: TypeAlias = Callable[[frozenset[str]], Awaitable[frozenset[Permission]]]
"""What these roles permit; raises IdentityUnavailable."""

_NAMES = frozenset(Permission)
_AWAY = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


def mapped_roles(permissions_of_role: Mapping[str, frozenset[Permission]]) -> PermissionsOf:
    """Roles as a map tells; one that it does not name permits nothing."""

    async def permissions_of(roles: frozenset[str]) -> frozenset[Permission]:
        return frozenset[Permission]().union(*(permissions_of_role.get(role, frozenset()) for role in roles))

    return permissions_of


@dataclass(frozen=True)
class _Resolved:
    permissions: frozenset[Permission]
    at: float


class RoleResolver:
    """Asks the endpoint once for each set of roles, and again when the answer is older than `lifetime` seconds."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        lifetime: float,
        clock: Callable[[], float] = time.monotonic,
        max_role_sets: int = MAX_ROLE_SETS,
    ) -> None:
        self._http = http
        self._url = url.rstrip("/") + RESOLVE_PATH
        self._lifetime = lifetime
        self._clock = clock
        self._max_role_sets = max_role_sets
        self._resolved: OrderedDict[frozenset[str], _Resolved] = OrderedDict()
        self._asking: dict[frozenset[str], asyncio.Task[None]] = {}
        self._refused_at: OrderedDict[frozenset[str], float] = OrderedDict()
        self._away_at = float("-inf")

    async def permissions_of(self, roles: frozenset[str]) -> frozenset[Permission]:
        """What these roles permit, as last told."""
        if not roles:
            return frozenset()
        if not self._has(roles, self._lifetime) and self._may_ask(roles):
            # not the caller's to cancel: others wait for it, too
            await asyncio.shield(self._ask(roles))
        if self._has(roles, self._lifetime + LAST_KNOWN_SECONDS):
            self._resolved.move_to_end(roles)
            return self._resolved[roles].permissions
        raise IdentityUnavailable("what the token's roles permit cannot be found out: the service that knows is away")

    async def aclose(self) -> None:
        """End questions that nobody waits for any more."""
        asking = set(self._asking.values())
        for one in asking:
            one.cancel()
        if asking:
            await asyncio.wait(asking)

    def _has(self, roles: frozenset[str], max_age: float) -> bool:
        return roles in self._resolved and self._clock() - self._resolved[roles].at < max_age

    def _may_ask(self, roles: frozenset[str]) -> bool:
        failed_at = max(self._away_at, self._refused_at.get(roles, self._away_at))
        return self._clock() - failed_at >= COOLDOWN_SECONDS

    def _ask(self, roles: frozenset[str]) -> "asyncio.Task[None]":
        asking = self._asking.get(roles)
        if asking is None:
            asking = self._asking[roles] = asyncio.create_task(self._resolve(roles))
            asking.add_done_callback(lambda _: self._asking.pop(roles))
        return asking

    async def _resolve(self, roles: frozenset[str]) -> None:
        try:
            # the caller's token is for us, and is not passed on
            answer = await self._http.post(self._url, json={"role_mnemonics": sorted(roles)})
            permissions = _permissions_in(answer.raise_for_status().json())
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            self._note_failure(roles, error)
            return
        self._resolved[roles] = _Resolved(permissions, self._clock())
        _forget_oldest(self._resolved, self._max_role_sets)

    def _note_failure(self, roles: frozenset[str], error: Exception) -> None:
        logger.warning("the roles of a token cannot be resolved: %s", type(error).__name__)
        if _is_away(error):
            self._away_at = self._clock()
            return
        self._refused_at[roles] = self._clock()
        self._refused_at.move_to_end(roles)
        _forget_oldest(self._refused_at, self._max_role_sets)


def _is_away(error: Exception) -> bool:
    """Whether it answers nobody; else these roles may be what it does not answer to."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in _AWAY
    return isinstance(error, httpx.TransportError | httpx.InvalidURL)


def _forget_oldest(remembered: OrderedDict[frozenset[str], Any], limit: int) -> None:
    while len(remembered) > limit:
        remembered.popitem(last=False)


def _permissions_in(answer: Any) -> frozenset[Permission]:
    """Ours among those it names; raises ValueError where it names none in the way agreed."""
    names = answer.get("permissions") if isinstance(answer, dict) else None
    if not isinstance(names, list):
        raise ValueError("an answer has a list `permissions`")  # noqa: TRY004 - what a parser raises
    return frozenset(Permission(name) for name in names if isinstance(name, str) and name in _NAMES)
