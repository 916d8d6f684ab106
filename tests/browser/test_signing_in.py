"""How one comes in, and where the token goes: nowhere but to the API."""

import json
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from api.permissions import Permission
from console_stack import ApiProcess, ConsoleStack
from identity_provider import IdentityProvider
from signed_tokens import CLIENT, an_ec_key
from visitors import Visit


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    """An OpenID provider that signs people in."""
    with IdentityProvider(an_ec_key()) as provider:
        yield provider


@pytest.fixture
def api_with_provider(stack: ConsoleStack, provider: IdentityProvider) -> Iterator[ApiProcess]:
    """An API that trusts this provider alone, and a client of it that may come from there."""
    provider.code_flow.roles = ("reviewer",)
    settings = {
        "OIDC_ISSUER": provider.url,
        "OIDC_AUDIENCE": "account",
        "OIDC_CLIENT_ID": CLIENT,
        "CONSOLE_CLIENT_ID": "console",
        "ROLE_PERMISSIONS": json.dumps({"reviewer": [Permission.VIEW_REGISTERS, Permission.VIEW_DEFINITIONS]}),
    }
    with stack.another_api(**settings) as api:
        provider.code_flow.clients["console"] = {f"{api.url}/"}
        yield api


async def kept_in(page: Page, storage: str) -> str:
    return str(await page.evaluate(f"JSON.stringify({{...{storage}}})"))


async def test_a_pasted_token_signs_in_and_stays_out_of_address_and_local_storage(
    visit: Visit, stack: ConsoleStack
) -> None:
    token = stack.token("viewer")
    visitor = await visit()
    await visitor.open("registers")

    await visitor.page.get_by_label("Token", exact=True).fill(token)
    await visitor.page.get_by_role("button", name="Sign in").click()

    await expect(visitor.page.get_by_role("navigation")).to_contain_text("viewer")
    await expect(visitor.page).to_have_url(f"{stack.url}/#/registers")
    assert token not in await kept_in(visitor.page, "localStorage")
    assert [address for address in visitor.addresses if token in address] == []


async def test_a_token_that_the_address_brings_is_gone_from_it_and_from_the_history(
    visit: Visit, stack: ConsoleStack
) -> None:
    token = stack.token("viewer")
    visitor = await visit()

    await visitor.sign_in(token)
    here = visitor.page.url
    await visitor.page.go_back()
    back = visitor.page.url

    assert token not in here + back
    assert token not in await kept_in(visitor.page, "localStorage")


async def test_a_token_that_does_not_count_is_refused_with_the_reason(visit: Visit) -> None:
    visitor = await visit()
    await visitor.open()

    await visitor.page.get_by_label("Token", exact=True).fill("no.such.token")
    await visitor.page.get_by_role("button", name="Sign in").click()

    await expect(visitor.page.get_by_role("alert")).to_contain_text("The token is not taken")
    await expect(visitor.page.get_by_role("navigation")).to_have_count(0)


async def test_whoever_signs_out_is_out_after_a_reload_too(visit: Visit) -> None:
    visitor = await visit("viewer")

    await visitor.page.get_by_role("button", name="Sign out").click()
    await visitor.page.reload()

    await expect(visitor.page.get_by_label("Token", exact=True)).to_be_visible()


async def test_the_provider_signs_in_by_code_flow_and_brings_back_to_the_page_one_wanted(
    visit: Visit, provider: IdentityProvider, api_with_provider: ApiProcess
) -> None:
    visitor = await visit(url=api_with_provider.url)
    await visitor.open("definitions")

    await visitor.page.get_by_role("button", name="Sign in").click()

    await expect(visitor.page.get_by_role("navigation")).to_contain_text("officer.kamau")
    await expect(visitor.page).to_have_url(f"{api_with_provider.url}/#/definitions")
    [asked] = [address for address in visitor.addresses if address.startswith(f"{provider.url}/authorize")]
    assert "code_challenge_method=S256" in asked
    assert "access_token" not in await kept_in(visitor.page, "localStorage")


async def test_what_the_provider_refuses_is_said_and_can_be_tried_again(
    visit: Visit, provider: IdentityProvider, api_with_provider: ApiProcess
) -> None:
    provider.code_flow.denies = "access_denied"
    visitor = await visit(url=api_with_provider.url)
    await visitor.open("registers")
    await visitor.page.get_by_role("button", name="Sign in").click()
    await expect(visitor.page.get_by_role("alert")).to_contain_text("refused or cancelled")

    provider.code_flow.denies = None
    await visitor.page.get_by_role("button", name="Sign in").click()

    await expect(visitor.page.get_by_role("navigation")).to_contain_text("officer.kamau")
