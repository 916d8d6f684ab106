"""The application, assembled from its routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.routing import BaseRoute

from api import console_pages, documentation, problems
from api.cross_origin import OtherOrigins
from api.events import END_STREAMS, ScoreEventHub
from api.guard import require_guards
from api.limits import LimitRequests
from api.openapi import complete_document
from api.profile_cache import ProfileCache
from api.routes import (
    change_requests,
    collaborations,
    console,
    contributing_attributes,
    definitions,
    events,
    health,
    hooks,
    leaderboard,
    lists,
    profiles,
    projects,
    recomputations,
    registry,
    scores,
    users,
)
from api.security_headers import SecurityHeaders
from api.services import ApiServices

DESCRIPTION = """
Scores of register records, computed in the background when an approved change request touches what they are made of.

Errors are problem details (RFC 9457): `detail` says what was wrong, `errors` names each field.
"""


def create_app(services: ApiServices) -> FastAPI:
    """The HTTP interface over these services."""
    app = FastAPIOffline(
        # the page is api.documentation's; a redirect to a slash less would trust the Host header
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        title="Steadyscore",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=_lifespan,
    )
    app.state.services = services
    app.state.score_events = ScoreEventHub(services.reads, services.listen, services.event_limits)
    app.state.profile_cache = ProfileCache(services.reads, services.listen_for_profiles, services.profile_cache)
    problems.install(app)
    _guard_the_door(app, services)
    app.router.routes.extend(_routes())
    console_pages.mount_assets(app, services.console)
    require_guards(app.routes)
    app.openapi = complete_document(app)  # type: ignore[method-assign]
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """What every application shares: FastAPI looks into each handler at its first use, for a tenth of a second.

    So they belong to none: an application's own `dependencies` and `dependency_overrides` do not reach them.
    """
    api = APIRouter()
    api.include_router(documentation.router)
    api.include_router(console_pages.router)
    for routes in (
        scores,
        events,
        definitions,
        contributing_attributes,
        recomputations,
        registry,
        change_requests,
        hooks,
        lists,
        # before /users/{user_id}, which would take `me` for an id
        users,
        projects,
        collaborations,
        profiles,
        leaderboard,
        console,
        health,
    ):
        api.include_router(routes.router)
    return tuple(api.routes)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    hub: ScoreEventHub = app.state.score_events
    cache: ProfileCache = app.state.profile_cache
    async with hub.running(), cache.running():
        yield {END_STREAMS: hub.close}


def _guard_the_door(app: FastAPI, services: ApiServices) -> None:
    # what is added last is asked first
    app.add_middleware(LimitRequests, limits=services.limits)
    if services.other_origins:
        app.add_middleware(OtherOrigins, origins=services.other_origins)
    app.add_middleware(SecurityHeaders)
