"""The part of an OpenID provider that browsers meet: code flow with PKCE for public clients, renewal, signing out."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from signed_tokens import SigningKey, claims

AUTHORIZE, TOKEN, END_SESSION = "/authorize", "/token", "/end_session"
CODE_LASTS = timedelta(minutes=1)

Query = Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer; a body is sent as JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Grant:
    """What somebody agreed to: a code stands for it, later a refresh token does."""

    session: str
    client_id: str
    redirect_uri: str
    scope: str
    challenge: str
    nonce: str | None
    until: datetime


def refused(error: str, description: str) -> Reply:
    """As RFC 6749 has it."""
    return Reply(400, {"error": error, "error_description": description}, {"Cache-Control": "no-store"})


def redirect(address: str, **parameters: str | None) -> Reply:
    """Back to the client."""
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    return Reply(302, headers={"Location": f"{address}?{query}" if query else address, "Cache-Control": "no-store"})


class CodeFlow:
    """Whoever comes is signed in already and agrees at once, unless `denies` says what the provider answers instead."""

    def __init__(self, issuer: str, key: SigningKey) -> None:
        self.issuer = issuer
        self.key = key
        self.clients: dict[str, set[str]] = {}
        """Public clients with their redirect URIs, to which one may return after signing out as well."""
        self.roles: tuple[str, ...] = ()
        self.claims: dict[str, Any] = {}
        """Of who signs in, beside what `signed_tokens.claims` says."""
        self.denies: str | None = None
        """Such as access_denied."""
        self.token_lasts = timedelta(minutes=5)
        self.gives_refresh_tokens = True
        self._codes: dict[str, Grant] = {}
        self._refresh_tokens: dict[str, Grant] = {}
        self._used: dict[str, Grant] = {}

    def discovery(self) -> dict[str, Any]:
        """What the discovery document says of it."""
        return {
            "authorization_endpoint": f"{self.issuer}{AUTHORIZE}",
            "token_endpoint": f"{self.issuer}{TOKEN}",
            "end_session_endpoint": f"{self.issuer}{END_SESSION}",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.key.algorithm],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile", "offline_access"],
        }

    def allows_origin(self, origin: str | None) -> bool:
        """Whether pages from there may ask: those of the clients."""
        addresses = [urlsplit(uri) for uris in self.clients.values() for uri in uris]
        return origin in {f"{address.scheme}://{address.netloc}" for address in addresses}

    def authorize(self, query: Query) -> Reply:
        """Send the browser back with a code; with an error where the client asks wrongly."""
        client_id, address = query.get("client_id", ""), query.get("redirect_uri", "")
        if client_id not in self.clients:
            return refused("invalid_client", "no such client")
        if address not in self.clients[client_id]:
            # never sent to an address that is not the client's
            return refused("invalid_request", "redirect_uri is not one of the client's")
        state = query.get("state")
        if error := self.denies or _mistake(query):
            return redirect(address, error=error, error_description=f"the provider says {error}", state=state)
        code = secrets.token_urlsafe(32)
        self._codes[code] = Grant(
            secrets.token_hex(8),
            client_id,
            address,
            query["scope"],
            query["code_challenge"],
            query.get("nonce"),
            datetime.now(UTC) + CODE_LASTS,
        )
        return redirect(address, code=code, state=state)

    def token(self, form: Query) -> Reply:
        """Tokens for a code or a refresh token, each of which counts once."""
        kind = form.get("grant_type")
        if kind == "authorization_code":
            return self._redeem(form)
        if kind == "refresh_token":
            return self._renew(form)
        return refused("unsupported_grant_type", "there are authorization_code and refresh_token")

    def end_session(self, query: Query) -> Reply:
        """End the session of the ID token, and send the browser back where that is the client's address."""
        address = query.get("post_logout_redirect_uri")
        if hint := query.get("id_token_hint"):
            self._end(_said_by(hint)["sid"])
        if address is None:
            return Reply(200, {"signed_out": True})
        if not any(address in uris for uris in self.clients.values()):
            return refused("invalid_request", "post_logout_redirect_uri is no client's")
        return redirect(address, state=query.get("state"))

    def _redeem(self, form: Query) -> Reply:
        code = form.get("code", "")
        if used := self._used.get(code):
            # whoever has it twice may have stolen it
            self._end(used.session)
        grant = self._codes.pop(code, None)
        if grant is None or grant.until < datetime.now(UTC):
            return refused("invalid_grant", "the code is unknown, used or too old")
        self._used[code] = grant
        if (form.get("client_id"), form.get("redirect_uri")) != (grant.client_id, grant.redirect_uri):
            return refused("invalid_grant", "the code was given to another client or address")
        if challenge_of(form.get("code_verifier", "")) != grant.challenge:
            return refused("invalid_grant", "code_verifier does not fit code_challenge")
        return self._tokens(grant)

    def _renew(self, form: Query) -> Reply:
        grant = self._refresh_tokens.pop(form.get("refresh_token", ""), None)
        if grant is None or form.get("client_id") != grant.client_id:
            return refused("invalid_grant", "the refresh token is unknown, used or another client's")
        return self._tokens(replace(grant, nonce=None))

    def _tokens(self, grant: Grant) -> Reply:
        now = datetime.now(UTC)
        who = claims(self.roles, iss=self.issuer, iat=now, exp=now + self.token_lasts, sid=grant.session) | self.claims
        id_token = {name: who[name] for name in ("iss", "sub", "iat", "exp", "sid", "preferred_username")}
        body: dict[str, Any] = {
            "access_token": self.key.sign(who | {"azp": grant.client_id, "scope": grant.scope}),
            "id_token": self.key.sign(id_token | {"aud": grant.client_id, "typ": "ID", "nonce": grant.nonce}),
            "token_type": "Bearer",
            "expires_in": int(self.token_lasts.total_seconds()),
            "scope": grant.scope,
        }
        if self.gives_refresh_tokens:
            refresh_token = secrets.token_urlsafe(32)
            self._refresh_tokens[refresh_token] = grant
            body["refresh_token"] = refresh_token
        return Reply(200, body, {"Cache-Control": "no-store"})

    def _end(self, session: str) -> None:
        kept = {token: grant for token, grant in self._refresh_tokens.items() if grant.session != session}
        self._refresh_tokens = kept


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _mistake(query: Query) -> str | None:
    if query.get("prompt") == "none":
        return "login_required"
    if query.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in query.get("scope", "").split():
        return "invalid_scope"
    if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
        return "invalid_request"
    return None


def _said_by(token: str) -> Any:
    claims_part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims_part + "=" * (-len(claims_part) % 4)))
