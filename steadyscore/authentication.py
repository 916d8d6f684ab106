"""Puts together what the API checks tokens with: a provider's keys, or the key of `up` and `demo`."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import httpx

from api.identity import Authenticate
from api.key_sets import KeySet, KeySource, ProviderError, ProviderKeys, fixed_keys
from api.roles import PermissionsOf, RoleResolver, mapped_roles
from api.tokens import TokenVerifier
from steadyscore.development_tokens import DEVELOPMENT, ROLES
from steadyscore.errors import SetupError
from steadyscore.settings import Settings

ANSWER_SECONDS = 5.0


@asynccontextmanager
async def authentication(settings: Settings) -> AsyncIterator[Authenticate]:
    """What checks tokens as configured; raises SetupError where nothing is, so that no API starts without."""
    settings.check_development_key(settings.api_host)
    if settings.development_key_file is not None:
        yield development_verifier(settings.development_key_file).authenticate
        return
    trust = settings.token_trust()
    source = KeySource(trust.issuer, settings.oidc_jwks_url)
    async with (
        httpx.AsyncClient(timeout=ANSWER_SECONDS) as http,
        aclosing(ProviderKeys(http, source, trust.algorithms)) as keys,
        _permissions(settings, http) as permissions_of,
    ):
        yield TokenVerifier(trust, keys.find, permissions_of).authenticate


def development_verifier(key_file: Path) -> TokenVerifier:
    """Takes development tokens and no others."""
    try:
        keys = KeySet(json.loads(key_file.read_text(encoding="ascii")), DEVELOPMENT.algorithms)
    except (OSError, ValueError, TypeError, AttributeError, ProviderError):
        raise SetupError("DEVELOPMENT_KEY_FILE names no file that `steadyscore up` has made") from None
    return TokenVerifier(DEVELOPMENT, fixed_keys(keys), mapped_roles(ROLES))


@asynccontextmanager
async def _permissions(settings: Settings, http: httpx.AsyncClient) -> AsyncIterator[PermissionsOf]:
    if not settings.auth_provider_api_url:
        yield mapped_roles(settings.role_map())
        return
    async with aclosing(RoleResolver(http, settings.auth_provider_api_url, settings.role_cache_seconds)) as resolver:
        yield resolver.permissions_of
