"""The keys that an identity provider signs tokens with: fetched, kept for a while, fetched anew for unknown ids."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx
from jwt import PyJWK, PyJWTError

from api.algorithms import KEYS_OF
from api.identity import IdentityUnavailable, InvalidToken

logger = logging.getLogger(__name__)

LIFETIME_SECONDS = 300.0
COOLDOWN_SECONDS = 5.0
"""The provider is asked at most this often, whatever key ids are sent to us."""
LAST_KNOWN_SECONDS = 24 * 3600.0
"""So long keys count while there are no newer ones to be had: an outage is mended within a day, and a key that was
withdrawn because it was stolen does not count for ever."""

DISCOVERY_PATH = "/.well-known/openid-configuration"

FindKey: TypeAlias = Callable[[str | None, str], Awaitable[PyJWK]]
"""From key id and algorithm to the key; raises InvalidToken or IdentityUnavailable."""


class ProviderError(Exception):
    """The provider answered with what cannot be used."""


class KeySet:
    """A JSON Web Key Set: of its public keys those that sign with one of the algorithms."""

    def __init__(self, jwks: Mapping[str, Any], algorithms: Iterable[str]) -> None:
        keys = jwks.get("keys")
        if not isinstance(keys, list):
            raise ProviderError("a key set has a list `keys`")
        self._keys: dict[tuple[str | None, str], list[PyJWK]] = defaultdict(list)
        for algorithm in algorithms:
            for jwk in keys:
                self._add(jwk, algorithm)
        if not self._keys:
            raise ProviderError("no key of the key set fits the allowed algorithms")

    def _add(self, jwk: Any, algorithm: str) -> None:
        try:
            if not isinstance(jwk, dict) or not _fits(jwk, algorithm):
                return
            key = PyJWK(jwk, algorithm)
            # without a key id a token means the only key that fits
            for key_id in {key.key_id, None}:
                self._keys[key_id, algorithm].append(key)
        except (PyJWTError, ValueError, TypeError) as error:
            logger.warning("a key of the identity provider's cannot be read: %s", type(error).__name__)

    def find(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        """The one key that fits; None where there is none, or more than one."""
        keys = self._keys.get((key_id, algorithm), [])
        return keys[0] if len(keys) == 1 else None


def _fits(jwk: Mapping[str, Any], algorithm: str) -> bool:
    key_type, curves = KEYS_OF[algorithm]
    return (
        jwk.get("kty") == key_type
        and jwk.get("crv") in curves
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", algorithm) == algorithm
        and "verify" in jwk.get("key_ops", ["verify"])
        and "d" not in jwk
    )


def fixed_keys(keys: KeySet) -> FindKey:
    """Keys that never change."""

    async def find(key_id: str | None, algorithm: str) -> PyJWK:
        key = keys.find(key_id, algorithm)
        if key is None:
            raise InvalidToken(_NO_KEY)
        return key

    return find


_NO_KEY = "no key of the issuer fits the token's key id and algorithm"


@dataclass(frozen=True)
class KeySource:
    """Whose keys, and where they are; without an address the issuer's discovery document tells."""

    issuer: str
    jwks_url: str | None = None

    async def fetch(self, http: httpx.AsyncClient) -> dict[str, Any]:
        """The key set as it is now; raises ProviderError, httpx.HTTPError or ValueError."""
        return await _json_of(http, self.jwks_url or await self._discovered(http))

    async def _discovered(self, http: httpx.AsyncClient) -> str:
        document = await _json_of(http, self.issuer.rstrip("/") + DISCOVERY_PATH)
        if document.get("issuer") != self.issuer:
            raise ProviderError("the discovery document is of another issuer than OIDC_ISSUER")
        url = document.get("jwks_uri")
        if not isinstance(url, str) or (self.issuer.startswith("https:") and not url.startswith("https:")):
            raise ProviderError("the discovery document names no https address of keys")
        return url


async def _json_of(http: httpx.AsyncClient, url: str) -> dict[str, Any]:
    answer = (await http.get(url, headers={"Accept": "application/json"})).raise_for_status().json()
    if not isinstance(answer, dict):
        raise ProviderError("the answer is no JSON object")
    return answer


class ProviderKeys:
    """A provider's keys; what was fetched is used on for a day while the provider does not answer."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        source: KeySource,
        algorithms: Iterable[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._source = source
        self._algorithms = tuple(algorithms)
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetched_at = self._asked_at = float("-inf")
        self._is_away = False
        self._asking: asyncio.Task[None] | None = None

    async def find(self, key_id: str | None, algorithm: str) -> PyJWK:
        """The key with this id; fetches the keys anew where it is not among them."""
        if self._age() >= LIFETIME_SECONDS and self._may_ask():
            asking = self._ask()
            # while the provider is away nobody who has a key waits for it
            if not self._is_away or self._age() >= LAST_KNOWN_SECONDS:
                await asyncio.shield(asking)
        key = self._known(key_id, algorithm)
        if key is None and self._may_ask():
            await asyncio.shield(self._ask())
            key = self._known(key_id, algorithm)
        if key is not None:
            return key
        if self._is_away:
            raise IdentityUnavailable("the identity provider cannot be reached, so the token cannot be checked")
        raise InvalidToken(_NO_KEY)

    async def aclose(self) -> None:
        """End a fetch that nobody waits for any more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})

    def _known(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        return self._keys.find(key_id, algorithm) if self._keys and self._age() < LAST_KNOWN_SECONDS else None

    def _age(self) -> float:
        return self._clock() - self._fetched_at

    def _may_ask(self) -> bool:
        return self._is_asking() or self._clock() - self._asked_at >= COOLDOWN_SECONDS

    def _is_asking(self) -> bool:
        return self._asking is not None and not self._asking.done()

    def _ask(self) -> "asyncio.Task[None]":
        """One fetch, however many wait for it."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._fetch())
        return self._asking

    async def _fetch(self) -> None:
        try:
            self._keys = KeySet(await self._source.fetch(self._http), self._algorithms)
        except (ProviderError, httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError) as error:
            self._is_away = True
            reason = str(error) if isinstance(error, ProviderError) else type(error).__name__
            logger.warning("the identity provider's keys cannot be fetched: %s", reason)
        else:
            self._is_away = False
            self._fetched_at = self._clock()
        finally:
            self._asked_at = self._clock()
