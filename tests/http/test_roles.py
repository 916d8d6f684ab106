"""OpenG2P's role-resolution endpoint as the API meets it: asked once for a set of roles, and not relied on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from api.identity import IdentityUnavailable
from api.permissions import Permission
from api.roles import COOLDOWN_SECONDS, LAST_KNOWN_SECONDS, RESOLVE_PATH, RoleResolver
from identity_provider import Clock, IdentityProvider

LIFETIME = 60.0
ROLE_SETS = 5
OFFICER = frozenset({"officer", "viewer"})
PERMITTED = frozenset({Permission.APPROVE_CHANGE_REQUESTS, Permission.VIEW_SCORES})


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    """Knows two roles, and a permission that is not ours."""
    with IdentityProvider() as provider:
        provider.permissions_of_role = {
            "officer": ["changeRequest:approve", "beneficiary:view"],
            "viewer": ["registerScore:view"],
        }
        yield provider


@pytest.fixture
def clock() -> Clock:
    """The resolver's."""
    return Clock()


@pytest.fixture
async def resolver(provider: IdentityProvider, clock: Clock) -> AsyncIterator[RoleResolver]:
    """Knows nothing yet."""
    async with (
        httpx.AsyncClient(timeout=2) as http,
        aclosing(RoleResolver(http, f"{provider.url}/", LIFETIME, clock, ROLE_SETS)) as resolver,
    ):
        yield resolver


async def test_roles_are_resolved_once_for_everybody_who_has_them(
    provider: IdentityProvider, resolver: RoleResolver
) -> None:
    permissions = await asyncio.gather(*(resolver.permissions_of(OFFICER) for _ in range(30)))

    assert permissions == [PERMITTED] * 30
    assert await resolver.permissions_of(frozenset({"viewer"})) == {Permission.VIEW_SCORES}
    assert provider.asked[RESOLVE_PATH] == 2
    assert all("authorization" not in {name.lower() for name in headers} for headers in provider.headers)


async def test_an_answer_that_has_lived_its_time_is_asked_for_again(
    provider: IdentityProvider, resolver: RoleResolver, clock: Clock
) -> None:
    await resolver.permissions_of(OFFICER)
    provider.permissions_of_role["officer"] = []

    clock.now += LIFETIME - 1
    before = await resolver.permissions_of(OFFICER)
    clock.now += 1
    after = await resolver.permissions_of(OFFICER)

    assert (before, after) == (PERMITTED, frozenset({Permission.VIEW_SCORES}))


async def test_who_has_no_roles_may_nothing_and_nobody_is_asked(
    provider: IdentityProvider, resolver: RoleResolver
) -> None:
    assert await resolver.permissions_of(frozenset()) == frozenset()
    assert not provider.asked


async def test_in_an_outage_the_last_answer_counts_for_a_while(
    provider: IdentityProvider, resolver: RoleResolver, clock: Clock
) -> None:
    await resolver.permissions_of(OFFICER)

    with provider.away():
        clock.now += LIFETIME + LAST_KNOWN_SECONDS - 1
        in_time = await resolver.permissions_of(OFFICER)
        clock.now += 1
        with pytest.raises(IdentityUnavailable, match="cannot be found out"):
            await resolver.permissions_of(OFFICER)

    assert in_time == PERMITTED


async def test_after_an_outage_it_is_asked_again_but_not_at_once(
    provider: IdentityProvider, resolver: RoleResolver, clock: Clock
) -> None:
    with provider.away(), pytest.raises(IdentityUnavailable):
        await resolver.permissions_of(OFFICER)

    with pytest.raises(IdentityUnavailable):
        await resolver.permissions_of(OFFICER)
    at_once = provider.asked[RESOLVE_PATH]
    clock.now += COOLDOWN_SECONDS

    assert await resolver.permissions_of(OFFICER) == PERMITTED
    assert at_once == 0


@pytest.mark.parametrize("status", [400, 403, 404, 500])
async def test_roles_that_it_refuses_are_left_alone_for_a_while_and_lock_out_nobody_else(
    provider: IdentityProvider, resolver: RoleResolver, clock: Clock, status: int
) -> None:
    odd = frozenset({"officer", "odd"})
    provider.status_of_role["odd"] = status
    for _ in range(3):
        with pytest.raises(IdentityUnavailable):
            await resolver.permissions_of(odd)

    assert await resolver.permissions_of(OFFICER) == PERMITTED
    assert provider.asked[RESOLVE_PATH] == 2

    provider.status_of_role.clear()
    clock.now += COOLDOWN_SECONDS
    assert await resolver.permissions_of(odd) == {Permission.APPROVE_CHANGE_REQUESTS}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_while_it_answers_nobody_it_is_asked_for_no_other_roles_either(
    provider: IdentityProvider, resolver: RoleResolver, clock: Clock, status: int
) -> None:
    provider.status_of_role["odd"] = status
    for roles in (frozenset({"odd"}), OFFICER):
        with pytest.raises(IdentityUnavailable):
            await resolver.permissions_of(roles)
    asked = provider.asked[RESOLVE_PATH]
    clock.now += COOLDOWN_SECONDS

    assert await resolver.permissions_of(OFFICER) == PERMITTED
    assert asked == 1


async def test_of_refused_roles_only_so_many_are_remembered(provider: IdentityProvider, resolver: RoleResolver) -> None:
    odd = [frozenset({"odd", f"role-{number}"}) for number in range(ROLE_SETS + 1)]
    provider.status_of_role["odd"] = 404

    for roles in (*odd, odd[0], odd[-1]):
        with pytest.raises(IdentityUnavailable):
            await resolver.permissions_of(roles)

    # the first was forgotten, and asked for again
    assert provider.asked[RESOLVE_PATH] == len(odd) + 1


async def test_it_keeps_only_so_many_sets_of_roles_and_forgets_what_was_longest_unused(
    provider: IdentityProvider, resolver: RoleResolver
) -> None:
    await resolver.permissions_of(OFFICER)
    for number in range(ROLE_SETS - 1):
        await resolver.permissions_of(frozenset({f"role-{number}"}))
    await resolver.permissions_of(OFFICER)
    await resolver.permissions_of(frozenset({"one more"}))
    asked = provider.asked[RESOLVE_PATH]

    await resolver.permissions_of(OFFICER)
    await resolver.permissions_of(frozenset({"role-0"}))

    assert (asked, provider.asked[RESOLVE_PATH]) == (ROLE_SETS + 1, ROLE_SETS + 2)


@pytest.mark.parametrize("answer", [[], {}, {"permissions": "register:view"}, {"permissions": None}])
async def test_an_answer_that_names_no_permissions_in_the_way_agreed_permits_nothing(
    provider: IdentityProvider, resolver: RoleResolver, answer: Any
) -> None:
    provider.resolution = answer

    with pytest.raises(IdentityUnavailable):
        await resolver.permissions_of(OFFICER)


async def test_of_what_is_answered_only_names_of_permissions_count(
    provider: IdentityProvider, resolver: RoleResolver
) -> None:
    provider.resolution = {"permissions": [7, None, ["register:view"], "registerScore:view", "register:*"]}

    assert await resolver.permissions_of(OFFICER) == {Permission.VIEW_SCORES}
