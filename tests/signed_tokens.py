"""Tokens that are really signed, by keys that the tests make."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from api.key_sets import KeySet, fixed_keys
from api.permissions import Permission
from api.roles import mapped_roles
from api.token_trust import TokenTrust
from api.tokens import TokenVerifier

CLIENT = "registry-staff-portal"
TRUST = TokenTrust(
    "https://id.example.org/realms/staff", ("steadyscore", "account"), CLIENT, ("RS256", "ES256", "EdDSA")
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class SigningKey:
    """A provider's key, with the id and the algorithm under which it is published."""

    key_id: str
    algorithm: str
    private: PrivateKey

    def public(self, **fields: Any) -> dict[str, Any]:
        """Its public half as a JWK."""
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        jwk: dict[str, Any] = algorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**jwk, "kid": self.key_id, "alg": self.algorithm, "use": "sig", **fields}

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """A token with these claims; one that is None is left out."""
        headers = {name: value for name, value in {"kid": self.key_id, **header}.items() if value is not None}
        present = {name: _as_json(value) for name, value in claims.items() if value is not None}
        # the lower layer, which signs whatever it is given
        return jwt.PyJWS().encode(json.dumps(present).encode(), self.private, self.algorithm, headers)


def _as_json(value: Any) -> Any:
    return int(value.timestamp()) if isinstance(value, datetime) else value


def an_rsa_key(key_id: str = "rsa-1", size: int = 2048) -> SigningKey:
    """Signs with RS256."""
    return SigningKey(key_id, "RS256", rsa.generate_private_key(65537, size))


def an_ec_key(key_id: str = "ec-1") -> SigningKey:
    """Signs with ES256."""
    return SigningKey(key_id, "ES256", ec.generate_private_key(ec.SECP256R1()))


def an_ed_key(key_id: str = "ed-1") -> SigningKey:
    """Signs with EdDSA."""
    return SigningKey(key_id, "EdDSA", ed25519.Ed25519PrivateKey.generate())


def claims(roles: Iterable[str] = (), **changes: Any) -> dict[str, Any]:
    """What Keycloak says of an officer; None takes a claim away."""
    now = datetime.now(UTC)
    return {
        "iss": TRUST.issuer,
        "aud": ["account", "other"],
        "sub": "6e4a2c1e-officer",
        "preferred_username": "officer.kamau",
        "typ": "Bearer",
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "resource_access": {CLIENT: {"roles": list(roles)}},
    } | changes


HERE = an_ec_key("of-the-tests")
"""Signs what clients of the application under test send."""

VERIFIER = TokenVerifier(
    TRUST,
    fixed_keys(KeySet({"keys": [HERE.public()]}, TRUST.algorithms)),
    # each permission is a role
    mapped_roles({str(one): frozenset({one}) for one in Permission}),
)
"""The real one, for the application under test."""


def permitting(*permissions: Permission, **changes: Any) -> dict[str, str]:
    """The header of somebody who may do just this."""
    return {"Authorization": f"Bearer {HERE.sign(claims(permissions, **changes))}"}


def permitting_everything(**changes: Any) -> dict[str, str]:
    """The header of somebody who may do everything."""
    return permitting(*Permission, **changes)
