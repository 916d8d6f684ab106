"""Checking bearer tokens: JSON Web Tokens as OpenID Connect providers sign them. Nothing here tells what was sent."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from api.identity import Identity, InvalidToken, Unauthenticated
from api.key_sets import FindKey
from api.roles import PermissionsOf
from api.token_trust import TokenTrust

MAX_TOKEN_LENGTH = 16_384
MAX_NAME_LENGTH = 255
MAX_CHECKED_TOKENS = 10_000

_CLAIMS = ["exp", "iss", "aud", "sub"]
_ACCESS_TOKENS = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""The header's `typ` of an access token."""
_REASONS: Mapping[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "the token has expired",
    jwt.ImmatureSignatureError: "the token is not valid yet",
    jwt.InvalidIssuerError: "the token is of another issuer",
    jwt.InvalidAudienceError: "the token is meant for somebody else: its audience is none of ours",
    jwt.InvalidSignatureError: "the token's signature is wrong",
    jwt.MissingRequiredClaimError: f"the token lacks a claim; needed are {', '.join(_CLAIMS)}",
}
_NO_TOKEN = "what was sent is no token that can be checked"  # noqa: S105 - a text about one


@dataclass(frozen=True)
class CheckedToken:
    """What a token says, and the key that its signature was found right with."""

    key_id: str | None
    algorithm: str
    key: jwt.PyJWK
    subject: str
    username: str | None
    roles: frozenset[str]
    expires_at: datetime


class _CheckedTokens:
    """The latest tokens that were found right, by their hashes: clients send the same one again and again."""

    def __init__(self) -> None:
        self._by_hash: OrderedDict[bytes, CheckedToken] = OrderedDict()

    def find(self, token: str) -> CheckedToken | None:
        return self._by_hash.get(_hash_of(token))

    def add(self, token: str, checked: CheckedToken) -> None:
        self._by_hash[_hash_of(token)] = checked
        if len(self._by_hash) > MAX_CHECKED_TOKENS:
            self._by_hash.popitem(last=False)


def _hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


@dataclass(frozen=True)
class TokenVerifier:
    """From an Authorization header to an identity."""

    trust: TokenTrust
    find_key: FindKey
    permissions_of: PermissionsOf
    _checked: _CheckedTokens = field(default_factory=_CheckedTokens, repr=False)

    async def authenticate(self, authorization: str | None) -> Identity:
        """Raises Unauthenticated or IdentityUnavailable."""
        token = _bearer_token(authorization)
        checked = self._checked.find(token)
        if checked is None or not await self._still_counts(checked):
            checked = await self._check(token)
            self._checked.add(token, checked)
        permissions = await self.permissions_of(checked.roles)
        return Identity(checked.subject, checked.username, permissions, checked.expires_at)

    async def _still_counts(self, checked: CheckedToken) -> bool:
        # a signature stays right for as long as its key counts
        if await self.find_key(checked.key_id, checked.algorithm) is not checked.key:
            return False
        return datetime.now(UTC) < checked.expires_at + timedelta(seconds=self.trust.leeway)

    async def _check(self, token: str) -> CheckedToken:
        try:
            header = jwt.get_unverified_header(token)
            key_id, algorithm = header.get("kid"), header.get("alg")
            if algorithm not in self.trust.algorithms:
                raise InvalidToken("the token is signed with an algorithm that is not allowed")
            _require_access_token(header.get("typ", "JWT"), _ACCESS_TOKENS)
            key = await self.find_key(key_id, algorithm)
            claims = self._verified(token, key, algorithm)
        except jwt.PyJWTError as error:
            raise InvalidToken(_REASONS.get(type(error), _NO_TOKEN)) from None
        _require_access_token(claims.get("typ", "Bearer"), {"bearer"})
        roles = _roles(claims, self.trust.client_id)
        return CheckedToken(key_id, algorithm, key, _subject(claims), _username(claims), roles, _expiry(claims))

    def _verified(self, token: str, key: jwt.PyJWK, algorithm: str) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=self.trust.audiences,
            issuer=self.trust.issuer,
            leeway=self.trust.leeway,
            # a time of issue is no time before which a token does not count; `nbf` is
            options={"require": _CLAIMS, "verify_iat": False, "enforce_minimum_key_length": True},
        )


def _bearer_token(authorization: str | None) -> str:
    if authorization is None:
        raise Unauthenticated("send `Authorization: Bearer` with an access token")
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("send `Authorization: Bearer` with an access token, and no other scheme")
    if len(token) > MAX_TOKEN_LENGTH:
        raise InvalidToken(f"the token is longer than {MAX_TOKEN_LENGTH} characters")
    return token.strip()


def _require_access_token(kind: object, accepted: set[str] | frozenset[str]) -> None:
    """Providers mark what else they sign: identity, refresh and logout tokens."""
    if not isinstance(kind, str) or kind.lower() not in accepted:
        raise InvalidToken("this is no access token; send neither an ID token nor a refresh token")


def _subject(claims: Mapping[str, Any]) -> str:
    subject: object = claims["sub"]
    if not isinstance(subject, str) or not _is_name(subject):
        raise InvalidToken("the token's subject is no name")
    return subject


def _username(claims: Mapping[str, Any]) -> str | None:
    username: object = claims.get("preferred_username")
    return username if isinstance(username, str) and _is_name(username) else None


def _is_name(value: str) -> bool:
    """Whether it can be stored and shown."""
    return 0 < len(value) <= MAX_NAME_LENGTH and value.isprintable()


def _expiry(claims: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (ValueError, OverflowError, OSError):
        raise InvalidToken("the token's time of expiry is none") from None


def _roles(claims: Mapping[str, Any], client_id: str) -> frozenset[str]:
    """Those that the token has for this client; none where it is put together in another way."""
    found: object = claims
    for name in ("resource_access", client_id, "roles"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return frozenset(role for role in found if isinstance(role, str)) if isinstance(found, list) else frozenset()
