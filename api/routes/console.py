"""What a user interface asks first: how to sign in, and afterwards as whom it did and where runs are."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from api.guard import GuardedRoute
from api.identity import CurrentIdentity
from api.permissions import OPEN, Permission, permission
from api.problems import documented
from api.schemas import Answer
from api.services import Services

router = APIRouter(route_class=GuardedRoute, tags=["console"])


class Provider(Answer):
    """Where to sign in: by code flow with PKCE, as this public client."""

    issuer: str
    client_id: str
    scope: str


class Surroundings(Answer):
    """Without a provider, tokens are those of `steadyscore token`."""

    provider: Provider | None


class Bearer(Answer):
    """Whose token this is, what it permits, and where runs can be looked at."""

    subject: str
    username: str | None
    permissions: list[Permission]
    expires_at: datetime
    temporal_ui_url: str | None = Field(description="Temporal's Web UI")
    temporal_namespace: str


@router.get("/console-settings", openapi_extra=OPEN)
async def get_console_settings(services: Services) -> Surroundings:
    """How to sign in here."""
    console = services.console
    provider = None
    if console.oidc_issuer and console.client_id:
        provider = Provider(issuer=console.oidc_issuer, client_id=console.client_id, scope=console.scope)
    return Surroundings(provider=provider)


@router.get("/identity", openapi_extra=permission(*Permission), responses=documented())
async def get_identity(identity: CurrentIdentity, services: Services) -> Bearer:
    """Who the token says one is, and where runs can be looked at; any permission will do."""
    return Bearer(
        subject=identity.subject,
        username=identity.username,
        permissions=sorted(identity.permissions),
        expires_at=identity.expires_at,
        temporal_ui_url=services.console.temporal_ui_url,
        temporal_namespace=services.console.temporal_namespace,
    )
