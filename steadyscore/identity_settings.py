"""The settings that say whose tokens count and what their roles permit; `settings.py` takes them in."""

import ipaddress
import json
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from api.algorithms import KEYS_OF
from api.origins import parse_origins
from api.permissions import Permission
from api.token_trust import TokenTrust
from scoring.debounce import MAX_SECONDS
from steadyscore.errors import SetupError

MAX_LEEWAY = 600.0
DEFAULT_ALGORITHMS = "RS256,ES256,PS256,EdDSA"


class IdentitySettings(BaseSettings):
    """Explained one by one in `.env.example`."""

    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_client_id: str | None = None
    oidc_jwks_url: str | None = None
    oidc_algorithms: str = DEFAULT_ALGORITHMS
    oidc_leeway: Annotated[float, Field(ge=0, le=MAX_LEEWAY)] = 30.0
    role_permissions: str | None = None
    auth_provider_api_url: str | None = None
    role_cache_seconds: Annotated[float, Field(gt=0, le=MAX_SECONDS)] = 300.0
    development_key_file: Path | None = None
    console_client_id: str | None = None
    console_scope: str = "openid"
    console_provider_origins: str | None = None

    @field_validator("oidc_issuer", "oidc_jwks_url", "auth_provider_api_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        # what comes in clear, keys or permissions, is what anybody on the way makes of it
        if url and not _is_private(url):
            raise ValueError("must be an https URL, such as https://id.example.org/x; http is for this machine only")
        return url

    @field_validator("console_provider_origins")
    @classmethod
    def _provider_origins(cls, origins: str | None) -> str | None:
        # `*` would let the page tell tokens to anybody
        if origins and not all(_is_private(origin) for origin in parse_origins(origins)):
            raise ValueError(
                "must be https origins with commas between, such as https://tokens.example.org; http is for this"
                " machine only"
            )
        return origins

    @field_validator("oidc_audience", "oidc_algorithms")
    @classmethod
    def _list(cls, names: str | None) -> str | None:
        if names and not all(names_in(names)):
            raise ValueError("must be names with commas between them")
        return names

    @field_validator("oidc_algorithms")
    @classmethod
    def _algorithms(cls, names: str) -> str:
        if not set(names_in(names)) <= KEYS_OF.keys():
            raise ValueError(f"must be of {', '.join(KEYS_OF)}; whoever can check a symmetric signature can forge it")
        return names

    @field_validator("role_permissions")
    @classmethod
    def _roles(cls, roles: str | None) -> str | None:
        if roles:
            parse_role_permissions(roles)
        return roles

    def token_trust(self) -> TokenTrust:
        """Whose tokens count; raise SetupError where that is not configured."""
        self._require_provider()
        return TokenTrust(
            issuer=self.oidc_issuer or "",
            audiences=names_in(self.oidc_audience or ""),
            client_id=self.oidc_client_id or "",
            algorithms=names_in(self.oidc_algorithms),
            leeway=self.oidc_leeway,
        )

    def _require_provider(self) -> None:
        needed = ("oidc_issuer", "oidc_audience", "oidc_client_id")
        missing = [name.upper() for name in needed if not getattr(self, name)]
        if missing:
            raise SetupError(
                f"the API does not know whose tokens count: set {', '.join(missing)}."
                " `steadyscore up` brings development tokens along where OIDC_ISSUER is not set"
            )
        if bool(self.role_permissions) == bool(self.auth_provider_api_url):
            raise SetupError(
                "what roles permit is told by ROLE_PERMISSIONS or by AUTH_PROVIDER_API_URL: set one of them"
            )

    def role_map(self) -> dict[str, frozenset[Permission]]:
        """What ROLE_PERMISSIONS says."""
        return parse_role_permissions(self.role_permissions or "{}")

    def check_development_key(self, api_host: str) -> None:
        """Raise SetupError where development tokens would count in more than development."""
        if self.development_key_file is None:
            return
        if self.oidc_issuer:
            raise SetupError("DEVELOPMENT_KEY_FILE is for development alone: take it away where OIDC_ISSUER is set")
        if not is_loopback(api_host):
            raise SetupError(
                "development tokens are for this machine alone: set API_HOST to 127.0.0.1, or OIDC_ISSUER in place of"
                " DEVELOPMENT_KEY_FILE"
            )


def parse_role_permissions(roles: str) -> dict[str, frozenset[Permission]]:
    """Each role's permissions; raise ValueError where the text tells none, without showing it."""
    try:
        parsed = json.loads(roles)
    except (ValueError, RecursionError):
        raise ValueError(
            'must be a JSON object, such as {"officer": ["register:view", "changeRequest:approve"]}'
        ) from None
    if not isinstance(parsed, dict) or not all(isinstance(names, list) for names in parsed.values()):
        raise ValueError('must be a JSON object, such as {"officer": ["register:view", "changeRequest:approve"]}')
    try:
        return {role: frozenset(Permission(name) for name in names) for role, names in parsed.items()}
    except ValueError:
        raise ValueError(f"names a permission that there is not; there are {', '.join(Permission)}") from None


def names_in(text: str) -> tuple[str, ...]:
    """What stands between the commas."""
    return tuple(name.strip() for name in text.split(","))


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_private(url: str) -> bool:
    return _is_url(url, "https") or (_is_url(url, "http") and is_loopback(urlsplit(url).hostname or ""))


def _is_url(text: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and not parts.username and not parts.fragment
    except ValueError:
        return False
