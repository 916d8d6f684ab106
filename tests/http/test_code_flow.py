"""The provider that browsers of the tests sign in at is as strict as a real one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from api.key_sets import DISCOVERY_PATH
from code_flow import CodeFlow, challenge_of
from identity_provider import IdentityProvider
from signed_tokens import an_rsa_key

KEY = an_rsa_key()
HOME = "http://127.0.0.1:8000/"
VERIFIER = "v" * 43


@dataclass
class Browser:
    """Signs in as the console does."""

    provider: IdentityProvider
    http: httpx.Client = field(default_factory=httpx.Client)

    def authorize(self, **changes: str) -> httpx.Response:
        """At the provider, which sends the browser back."""
        asked = {
            "client_id": "console",
            "redirect_uri": HOME,
            "response_type": "code",
            "scope": "openid",
            "state": "the-state",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return self.http.get(f"{self.provider.url}/authorize", params=asked | changes)

    def code(self) -> str:
        """That the provider sent the browser back with."""
        return came_back(self.authorize())["code"]

    def token(self, **form: str) -> httpx.Response:
        """In the background of the page."""
        return self.http.post(f"{self.provider.url}/token", data={"client_id": "console", **form})

    def redeem(self, code: str, **changes: str) -> httpx.Response:
        """A code for tokens."""
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": HOME, "code_verifier": VERIFIER}
        return self.token(**asked | changes)

    def renew(self, refresh_token: str) -> httpx.Response:
        """Before the token ends."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)


def came_back(answer: httpx.Response) -> dict[str, str]:
    """What the browser was sent back to the console with."""
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(HOME)
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def refusal(answer: httpx.Response) -> Any:
    """Told to the page."""
    assert answer.status_code == 400
    return answer.json()["error"]


@pytest.fixture
def flow(browser: Browser) -> CodeFlow:
    """Of the provider."""
    return browser.provider.code_flow


@pytest.fixture
def browser() -> Iterator[Browser]:
    """In front of a provider that knows the console."""
    with IdentityProvider(KEY) as provider:
        provider.code_flow.clients["console"] = {HOME}
        browser = Browser(provider)
        yield browser
        browser.http.close()


def test_a_code_is_redeemed_once_and_whoever_tries_twice_ends_the_session(browser: Browser, flow: CodeFlow) -> None:
    code = browser.code()

    tokens = browser.redeem(code).json()

    assert tokens["expires_in"] == flow.token_lasts.total_seconds()
    assert refusal(browser.redeem(code)) == "invalid_grant"
    assert refusal(browser.renew(tokens["refresh_token"])) == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "w" * 43}, {"code_verifier": ""}, {"redirect_uri": f"{HOME}other"}, {"client_id": "other"}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_code_counts_only_for_whom_it_was_given_to(browser: Browser, changes: dict[str, str]) -> None:
    assert refusal(browser.redeem(browser.code(), **changes)) == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_whoever_asks_wrongly_is_sent_back_with_an_error(browser: Browser, changes: dict[str, str], error: str) -> None:
    returned = came_back(browser.authorize(**changes))

    assert (returned["error"], returned["state"]) == (error, "the-state")
    assert "code" not in returned


@pytest.mark.parametrize("changes", [{"redirect_uri": "http://elsewhere.example.org/"}, {"client_id": "other"}])
def test_nobody_is_sent_to_an_address_that_is_not_the_clients(browser: Browser, changes: dict[str, str]) -> None:
    assert browser.authorize(**changes).status_code == 400


def test_a_refresh_token_counts_once_and_until_one_signs_out(browser: Browser) -> None:
    first = browser.redeem(browser.code()).json()
    second = browser.renew(first["refresh_token"]).json()
    leaving = {"id_token_hint": second["id_token"], "post_logout_redirect_uri": HOME, "state": "out"}

    left = browser.http.get(f"{browser.provider.url}/end_session", params=leaving)

    assert came_back(left) == {"state": "out"}
    assert refusal(browser.renew(first["refresh_token"])) == "invalid_grant"
    assert refusal(browser.renew(second["refresh_token"])) == "invalid_grant"


def test_pages_of_clients_may_read_its_answers_and_others_may_not(browser: Browser) -> None:
    address = f"{browser.provider.url}{DISCOVERY_PATH}"

    ours = browser.http.get(address, headers={"Origin": HOME.rstrip("/")})
    strange = browser.http.get(address, headers={"Origin": "http://elsewhere.example.org"})

    assert ours.headers["access-control-allow-origin"] == HOME.rstrip("/")
    assert "access-control-allow-origin" not in strange.headers


def test_a_provider_that_refuses_says_so(browser: Browser, flow: CodeFlow) -> None:
    flow.denies = "access_denied"

    assert came_back(browser.authorize())["error"] == "access_denied"
