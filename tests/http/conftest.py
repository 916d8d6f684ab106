"""The application through ASGI, on a real PostgreSQL; Temporal is only asked whether it answers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from api.app import create_app
from api.services import ApiServices
from builder_clients import Builder, a_builder
from builders.profiles import listen_for_profile_changes
from http_client import Api, TemporalSwitch, client_of
from objects import a_stored_definition
from scoring.debounce import DebouncePolicy
from signed_tokens import VERIFIER
from store.database import SessionFactory
from store.notifications import listen_for_score_events


@pytest.fixture
def temporal_switch() -> TemporalSwitch:
    """Answers until it is switched off."""
    return TemporalSwitch()


@pytest.fixture
def services(sessions: SessionFactory, temporal_switch: TemporalSwitch) -> ApiServices:
    """What the routes work with; the tokens that count are those of `signed_tokens.permitting`."""
    policy = DebouncePolicy(2, 10)
    return ApiServices(sessions, policy, temporal_switch.check, timedelta(seconds=30), VERIFIER.authenticate)


@pytest.fixture
def live(services: ApiServices, database_url: str) -> ApiServices:
    """The same for an API that listens, and so has event streams and keeps profiles."""
    return replace(
        services,
        listen=partial(listen_for_score_events, database_url),
        listen_for_profiles=partial(listen_for_profile_changes, database_url),
    )


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register `farmers` with both score types."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
        await a_stored_definition(session, "FSF_SCORE")
    return sessions


@pytest.fixture
async def api(services: ApiServices) -> AsyncIterator[Api]:
    """A client of the application that may do everything."""
    async with client_of(create_app(services)) as http:
        yield Api(http)


@pytest.fixture
async def amina(api: Api) -> Builder:
    """A builder."""
    return await a_builder(api.http, "amina")


@pytest.fixture
async def brian(api: Api) -> Builder:
    """Another."""
    return await a_builder(api.http, "brian")
