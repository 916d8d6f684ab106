"""The application through ASGI, on a real PostgreSQL; Temporal is only asked whether it answers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.app import create_app
from api.identity import Identity
from api.permissions import Permission
from api.services import ApiServices
from http_client import Api, TemporalSwitch
from scoring.debounce import DebouncePolicy
from store.database import SessionFactory


@pytest.fixture
def temporal_switch() -> TemporalSwitch:
    """Answers until it is switched off."""
    return TemporalSwitch()


async def everybody(_: str | None) -> Identity:
    """Who may do everything."""
    return Identity("officer", "Officer Kamau", frozenset(Permission), datetime.now(UTC) + timedelta(hours=1))


@pytest.fixture
def services(sessions: SessionFactory, temporal_switch: TemporalSwitch) -> ApiServices:
    """What the routes work with."""
    return ApiServices(sessions, DebouncePolicy(2, 10), temporal_switch.check, timedelta(seconds=30), everybody)


@pytest.fixture
async def api(services: ApiServices) -> AsyncIterator[Api]:
    """A client of the application."""
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://steadyscore") as http:
        yield Api(http)
