"""What the routes work with, made at the door and kept in the application's state."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, cast

from fastapi import Depends, Request

from api.identity import Authenticate
from scoring.debounce import DebouncePolicy
from store.database import SessionFactory


@dataclass(frozen=True)
class ApiServices:
    """`check_temporal` raises when Temporal does not answer; for `recompute_automatically` see the setting."""

    sessions: SessionFactory
    default_debounce: DebouncePolicy
    check_temporal: Callable[[], Awaitable[None]]
    relay_lag_limit: timedelta
    authenticate: Authenticate
    recompute_automatically: bool = False


def _services(request: Request) -> ApiServices:
    return cast(ApiServices, request.app.state.services)


Services = Annotated[ApiServices, Depends(_services)]
