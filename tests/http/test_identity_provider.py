"""An identity provider as the API meets it: discovery, keys that change, outages."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from api.identity import IdentityUnavailable, InvalidToken
from api.key_sets import COOLDOWN_SECONDS, DISCOVERY_PATH, LAST_KNOWN_SECONDS, LIFETIME_SECONDS, KeySource, ProviderKeys
from api.roles import mapped_roles
from api.tokens import TokenVerifier
from identity_provider import KEYS_PATH, Clock, IdentityProvider
from signed_tokens import TRUST, SigningKey, an_ec_key, an_rsa_key

FIRST, SECOND = an_rsa_key("first"), an_ec_key("second")


@dataclass(frozen=True)
class Checking:
    """A verifier that gets its keys from the provider."""

    provider: IdentityProvider
    verifier: TokenVerifier
    clock: Clock

    async def subject(self, key: SigningKey, **changes: Any) -> str:
        """Of a token signed with the key."""
        return (await self.verifier.authenticate(self.provider.token(key, **changes))).subject

    @property
    def fetched(self) -> int:
        """How often the keys were fetched."""
        return self.provider.asked[KEYS_PATH]


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    """Publishes the first key."""
    with IdentityProvider(FIRST) as provider:
        yield provider


@pytest.fixture
async def checking(provider: IdentityProvider) -> AsyncIterator[Checking]:
    """Knows nothing yet."""
    trust = replace(TRUST, issuer=provider.url)
    clock = Clock()
    async with (
        httpx.AsyncClient(timeout=2) as http,
        aclosing(ProviderKeys(http, KeySource(provider.url), trust.algorithms, clock)) as keys,
    ):
        yield Checking(provider, TokenVerifier(trust, keys.find, mapped_roles({})), clock)


async def test_keys_are_found_by_discovery_and_fetched_once_for_many(checking: Checking) -> None:
    subjects = await asyncio.gather(*(checking.subject(FIRST) for _ in range(50)))

    assert set(subjects) == {"6e4a2c1e-officer"}
    assert checking.provider.asked == {DISCOVERY_PATH: 1, KEYS_PATH: 1}


async def test_an_address_of_keys_that_is_configured_needs_no_discovery(provider: IdentityProvider) -> None:
    async with httpx.AsyncClient() as http:
        keys = ProviderKeys(http, KeySource(provider.url, f"{provider.url}{KEYS_PATH}"), ["RS256"])

        assert (await keys.find("first", "RS256")).key_id == "first"

    assert provider.asked == {KEYS_PATH: 1}


async def test_a_new_key_is_fetched_as_soon_as_a_token_names_it_and_an_old_one_is_forgotten(
    checking: Checking,
) -> None:
    token = checking.provider.token(FIRST)
    await checking.verifier.authenticate(token)
    checking.provider.publish(SECOND)
    checking.clock.now += COOLDOWN_SECONDS

    await checking.subject(SECOND)

    with pytest.raises(InvalidToken, match="no key"):
        await checking.verifier.authenticate(token)
    assert checking.fetched == 2


async def test_unknown_keys_make_the_provider_be_asked_once_in_a_while_however_many_there_are(
    checking: Checking,
) -> None:
    await checking.subject(FIRST)
    checking.clock.now += COOLDOWN_SECONDS
    strangers = [replace(SECOND, key_id=f"stranger-{number}") for number in range(40)]

    refused = await asyncio.gather(*(checking.subject(one) for one in strangers), return_exceptions=True)
    one_after_the_other = [await asyncio.gather(checking.subject(one), return_exceptions=True) for one in strangers]

    assert {type(one) for one in refused} == {InvalidToken}
    assert {type(one) for [one] in one_after_the_other} == {InvalidToken}
    assert checking.fetched == 2
    assert await checking.subject(FIRST)


async def test_a_key_that_was_withdrawn_counts_until_the_keys_have_lived_their_time(checking: Checking) -> None:
    await checking.subject(FIRST)
    checking.provider.publish(SECOND)

    checking.clock.now += LIFETIME_SECONDS - 1
    before = await checking.subject(FIRST)
    checking.clock.now += 1

    assert before == "6e4a2c1e-officer"
    with pytest.raises(InvalidToken, match="no key"):
        await checking.subject(FIRST)


async def test_keys_are_used_on_while_the_provider_is_away(checking: Checking) -> None:
    await checking.subject(FIRST)
    with checking.provider.away():
        checking.clock.now += 10 * LIFETIME_SECONDS

        assert await checking.subject(FIRST)
        with pytest.raises(IdentityUnavailable):
            await checking.subject(SECOND)

    checking.provider.publish(SECOND)
    checking.clock.now += COOLDOWN_SECONDS
    assert await checking.subject(SECOND)


async def test_a_provider_that_stays_away_is_relied_on_no_longer_than_a_day(checking: Checking) -> None:
    token = checking.provider.token(FIRST)
    await checking.verifier.authenticate(token)

    with checking.provider.away():
        checking.clock.now += LAST_KNOWN_SECONDS - 1
        assert (await checking.verifier.authenticate(token)).subject
        checking.clock.now += 1
        for _ in range(2):
            with pytest.raises(IdentityUnavailable):
                await checking.verifier.authenticate(token)

    checking.clock.now += COOLDOWN_SECONDS
    assert (await checking.verifier.authenticate(token)).subject


async def test_keys_that_nobody_asked_for_in_a_day_are_fetched_anew(checking: Checking) -> None:
    token = checking.provider.token(FIRST)
    await checking.verifier.authenticate(token)
    checking.clock.now += 2 * LAST_KNOWN_SECONDS

    assert (await checking.verifier.authenticate(token)).subject
    assert checking.fetched == 2


async def test_nobody_who_has_a_key_waits_for_a_provider_that_was_away_before(checking: Checking) -> None:
    await checking.subject(FIRST)
    with checking.provider.away():
        checking.clock.now += LIFETIME_SECONDS
        await checking.subject(FIRST)
    checking.clock.now += COOLDOWN_SECONDS
    checking.provider.answers.clear()

    async with asyncio.timeout(1):
        assert await checking.subject(FIRST)


async def test_without_any_key_a_token_is_neither_right_nor_wrong(checking: Checking) -> None:
    with checking.provider.away(), pytest.raises(IdentityUnavailable, match="identity provider cannot be reached"):
        await checking.subject(FIRST)

    with pytest.raises(IdentityUnavailable):
        await checking.subject(FIRST)
    checking.clock.now += COOLDOWN_SECONDS
    assert await checking.subject(FIRST)


async def test_whoever_stops_waiting_ends_the_fetch_for_nobody_else(checking: Checking) -> None:
    checking.provider.answers.clear()
    impatient = asyncio.create_task(checking.subject(FIRST))
    patient = asyncio.create_task(checking.subject(FIRST))
    while not checking.provider.asked:
        await asyncio.sleep(0.01)

    impatient.cancel()
    checking.provider.answers.set()

    assert await patient == "6e4a2c1e-officer"
    assert checking.fetched == 1


@pytest.mark.parametrize(
    "discovery",
    [
        pytest.param({"issuer": "https://elsewhere.example.org"}, id="another issuer"),
        pytest.param({"jwks_uri": None}, id="no address"),
        pytest.param({"jwks_uri": "file:///etc/passwd"}, id="an address that is none of HTTP"),
        pytest.param({"jwks_uri": "http://[broken"}, id="a broken address"),
    ],
)
async def test_a_discovery_document_that_cannot_be_used_gives_no_keys(
    checking: Checking, discovery: dict[str, Any]
) -> None:
    checking.provider.discovery |= discovery

    with pytest.raises(IdentityUnavailable):
        await checking.subject(FIRST)


@pytest.mark.parametrize("keys", [[], ["x"], [SECOND.public(use="enc")], [FIRST.public(key_ops=7)], "none"])
async def test_a_key_set_without_a_key_to_use_changes_nothing(checking: Checking, keys: Any) -> None:
    await checking.subject(FIRST)
    checking.provider.keys = keys
    checking.clock.now += LIFETIME_SECONDS

    assert await checking.subject(FIRST)


async def test_a_token_that_was_found_right_is_checked_anew_when_its_key_is_another(checking: Checking) -> None:
    token = checking.provider.token(FIRST)
    await checking.verifier.authenticate(token)
    checking.provider.publish(an_rsa_key(FIRST.key_id))
    checking.clock.now += LIFETIME_SECONDS

    with pytest.raises(InvalidToken, match="signature"):
        await checking.verifier.authenticate(token)
