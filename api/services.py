"""What the routes work with, made at the door and kept in the application's state."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Annotated, cast

from fastapi import Depends, Request

from api.console_settings import ConsoleSettings
from api.events import EventLimits
from api.hook_signatures import HookKey
from api.identity import Authenticate
from api.limits import RequestLimits
from api.profile_cache import CacheLimits
from api.rate_limit import WriteLimiter
from scoring.debounce import DebouncePolicy
from store.database import SessionFactory, make_read_sessions
from store.notifications import Listen


@dataclass(frozen=True)
class ApiServices:
    """`check_temporal` raises when Temporal does not answer; for `recompute_automatically` see the setting.

    Without `listen`, or where the application's lifespan is not run, there are no event streams; without
    `listen_for_profiles` no profile is kept.
    """

    sessions: SessionFactory
    default_debounce: DebouncePolicy
    check_temporal: Callable[[], Awaitable[None]]
    relay_lag_limit: timedelta
    authenticate: Authenticate
    recompute_automatically: bool = False
    hook_keys: tuple[HookKey, ...] = ()
    limits: RequestLimits = field(default_factory=RequestLimits)
    writes: WriteLimiter = field(default_factory=WriteLimiter)
    other_origins: tuple[str, ...] = ()
    listen: Listen | None = None
    event_limits: EventLimits = field(default_factory=EventLimits)
    listen_for_profiles: Listen | None = None
    profile_cache: CacheLimits = field(default_factory=CacheLimits)
    console: ConsoleSettings = field(default_factory=ConsoleSettings)

    @cached_property
    def reads(self) -> SessionFactory:
        """Sessions for routes that read."""
        return make_read_sessions(self.sessions)


def _services(request: Request) -> ApiServices:
    return cast(ApiServices, request.app.state.services)


Services = Annotated[ApiServices, Depends(_services)]
