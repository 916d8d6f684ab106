"""Profiles by username, kept for as long as this process hears of their changes; see decision 23."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Annotated, cast

from cachetools import LRUCache, TTLCache
from fastapi import Depends, Request

from api.listening import ConnectionChecks, listening
from api.profile_schemas import Profile
from builders.profiles import find_profile
from store.database import SessionFactory
from store.notifications import Listen


@dataclass(frozen=True)
class CacheLimits(ConnectionChecks):
    """So many profiles, each for so many seconds."""

    size: int = 10_000
    lifetime: float = 300.0


class ProfileCache:
    """Reads profiles; keeps them while a connection listens, and forgets each when it is told that it has changed."""

    def __init__(
        self,
        sessions: SessionFactory,
        listen: Listen | None,
        limits: CacheLimits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.heard = asyncio.Event()
        self._sessions = sessions
        self._listen = listen
        self._limits = limits
        self._clock = clock
        self._kept: _KeptProfiles | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep profiles while the context is open."""
        async with listening(self._listen, self, self._limits):
            yield

    @property
    def is_keeping(self) -> bool:
        """Whether it hears of changes; else every profile is read."""
        return self._kept is not None

    async def find(self, username: str) -> Profile | None:
        """The profile of the user with this name; that nobody has it is not kept."""
        kept = self._kept
        if kept is None:
            return await self._read(username)
        profile = kept.find(username)
        if profile is None:
            # what is read while the connection is lost goes into what nobody looks at any more
            with kept.filling() as overtaken:
                profile = await self._read(username)
                if profile is not None and profile.user_id not in overtaken:
                    kept.keep(profile)
        return profile

    def connected(self) -> None:
        """Begin with nothing: what changed before was not heard."""
        self._kept = _KeptProfiles(self._limits, self._clock)

    def hear(self, user_id: str) -> bool:
        """Forget this user's profile."""
        if self._kept is not None:
            self._kept.forget(user_id)
        return False

    async def attend(self) -> None:
        """There is nothing to do: what was heard is forgotten at once."""

    def disconnected(self) -> None:
        """Keep nothing: what changes now is not heard."""
        self._kept = None

    async def _read(self, username: str) -> Profile | None:
        async with self._sessions() as session:
            row = await find_profile(session, username)
        return None if row is None else Profile.model_validate(row)


class _KeptProfiles:
    """What is kept thanks to one connection."""

    def __init__(self, limits: CacheLimits, clock: Callable[[], float]) -> None:
        self._profiles: TTLCache[str, Profile] = TTLCache(limits.size, limits.lifetime, clock)
        # a name is one user's for good: where only one of both is still there, the profile is read again
        self._ids: LRUCache[str, str] = LRUCache(limits.size)
        self._fillings: list[set[str]] = []

    def find(self, username: str) -> Profile | None:
        user_id = self._ids.get(username)
        return None if user_id is None else self._profiles.get(user_id)

    def keep(self, profile: Profile) -> None:
        self._profiles[profile.user_id] = profile
        self._ids[profile.username] = profile.user_id

    def forget(self, user_id: str) -> None:
        self._profiles.pop(user_id, None)
        for overtaken in self._fillings:
            overtaken.add(user_id)

    @contextmanager
    def filling(self) -> Iterator[set[str]]:
        """A reading; whoever is heard of until its end may be newer than what it has read."""
        overtaken: set[str] = set()
        self._fillings.append(overtaken)
        try:
            yield overtaken
        finally:
            # by identity: sets that are equal are not the same
            self._fillings = [one for one in self._fillings if one is not overtaken]


def _cache(request: Request) -> ProfileCache:
    return cast(ProfileCache, request.app.state.profile_cache)


CachedProfiles = Annotated[ProfileCache, Depends(_cache)]
