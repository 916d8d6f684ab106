"""Tokens for development: signed with a key of this machine's, which only the API of `up` and `demo` trusts.

The key stays in the home, for its owner only. The API is given the public half (DEVELOPMENT_KEY_FILE), and settings of
production refuse it.
"""

import getpass
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm

from api.permissions import Permission
from api.token_trust import TokenTrust
from steadyscore.errors import SetupError
from steadyscore.local_secrets import made_once
from steadyscore.settings import Settings

PRIVATE_KEY = "development.key"
PUBLIC_KEYS = "development.jwks"
KEY_ID = "development"
ALGORITHM = "ES256"

DEVELOPMENT = TokenTrust(
    # no URL, so it can never be OIDC_ISSUER
    issuer="urn:steadyscore:development",
    audiences=("steadyscore",),
    client_id="steadyscore",
    algorithms=(ALGORITHM,),
)

_VIEWER = frozenset(one for one in Permission if not one.changes_something) - {Permission.VIEW_AUDIT_LOG}
_OFFICER = _VIEWER | {Permission.CREATE_CHANGE_REQUESTS, Permission.APPROVE_CHANGE_REQUESTS}

ROLES: Mapping[str, frozenset[Permission]] = {
    "viewer": _VIEWER,
    "officer": _OFFICER,
    "builder": frozenset({Permission.VIEW_BUILDERS, Permission.BUILD}),
    "administrator": frozenset(Permission),
}
"""What the roles of development permit; those of production are the provider's."""


@dataclass(frozen=True)
class Holder:
    """Who is to hold a token, and as what."""

    roles: Sequence[str] = ("administrator",)
    name: str | None = None
    """Whoever is logged in, where nobody is named."""


def with_development_key(settings: Settings) -> Settings:
    """Settings of an API that takes this home's development tokens; a configured provider or key is kept.

    Raises:
        SetupError: others than this machine could reach that API.
    """
    if not settings.oidc_issuer and settings.development_key_file is None:
        settings = settings.model_copy(update={"development_key_file": _public_keys(settings.steadyscore_home)})
    settings.check_development_key(settings.api_host)
    return settings


def for_development_only(settings: Settings) -> Settings:
    """The same without a provider and on this machine only, with development tokens whatever is configured."""
    nobody = {"oidc_issuer": None, "development_key_file": None, "api_host": "127.0.0.1"}
    return with_development_key(settings.model_copy(update=nobody))


def development_token(home: Path, holder: Holder, now: datetime, lasts: timedelta) -> str:
    """A token that an API with this home's key takes; the key is made where there is none."""
    if unknown := set(holder.roles) - ROLES.keys():
        raise SetupError(f"there is no role {', '.join(sorted(unknown))}; there are {', '.join(ROLES)}")
    name = holder.name or getpass.getuser()
    claims = {
        "iss": DEVELOPMENT.issuer,
        "aud": list(DEVELOPMENT.audiences),
        "sub": f"development:{name}",
        "preferred_username": name,
        "typ": "Bearer",
        "iat": now,
        "exp": now + lasts,
        "resource_access": {DEVELOPMENT.client_id: {"roles": sorted(holder.roles)}},
    }
    return jwt.encode(claims, _private_key(home), ALGORITHM, {"kid": KEY_ID})


def _private_key(home: Path) -> ec.EllipticCurvePrivateKey:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = made_once(home.resolve() / PRIVATE_KEY, pem.decode("ascii").strip())
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except (ValueError, TypeError):
        raise SetupError(f"{file} holds no key; remove it, and the next command makes one") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SetupError(f"{file} holds another kind of key; remove it, and the next command makes one")
    return key


def _public_keys(home: Path) -> Path:
    """The file with the public half, as it belongs to the private one now."""
    jwk = ECAlgorithm.to_jwk(_private_key(home).public_key(), as_dict=True)
    keys = {"keys": [jwk | {"kid": KEY_ID, "alg": ALGORITHM, "use": "sig"}]}
    path = home.resolve() / PUBLIC_KEYS
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(keys, file)
    return Path(name).replace(path)
