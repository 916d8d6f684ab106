"""`steadyscore console`: an address that signs in, and a browser where there is one."""

import stat
import webbrowser
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from typer.testing import CliRunner

from steadyscore.authentication import development_verifier
from steadyscore.cli import app
from steadyscore.console import console_address, open_in_browser
from steadyscore.development_tokens import ROLES, with_development_key
from steadyscore.settings import Settings

SIGN_IN = "http://127.0.0.1:8123/#/sign-in?token="


class Browser(webbrowser.BaseBrowser):
    """Remembers what it was told to open, or is broken."""

    def __init__(self, *, is_broken: bool = False) -> None:
        super().__init__("of-the-tests")
        self.is_broken = is_broken
        self.opened: list[str] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:  # noqa: FBT001, FBT002 - the library's
        """As the library calls it."""
        del new, autoraise
        if self.is_broken:
            raise webbrowser.Error("broken")
        self.opened.append(url)
        return True


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of this test, with no screen."""
    for name in ("OIDC_ISSUER", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STEADYSCORE_HOME", str(tmp_path))
    monkeypatch.setenv("API_PORT", "8123")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def use(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The only one there is, before a screen."""
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "_browsers", {"of-the-tests": [None, browser]})
    monkeypatch.setattr(webbrowser, "_tryorder", ["of-the-tests"])
    return browser


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["console", *arguments])


async def test_the_printed_address_holds_a_token_of_the_role_and_name(home: Path) -> None:
    answer = run("--role", "officer", "--name", "kamau", "--hours", "1")

    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith(SIGN_IN)
    token = answer.output.strip().removeprefix(SIGN_IN)
    key_file = with_development_key(Settings(steadyscore_home=home)).development_key_file
    assert key_file is not None
    identity = await development_verifier(key_file).authenticate(f"Bearer {token}")
    assert (identity.username, identity.permissions) == ("kamau", ROLES["officer"])
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == timedelta(hours=1).total_seconds()


def test_a_browser_is_led_to_the_printed_address(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = use(Browser(), monkeypatch)

    addresses = [run("--role", role).output.strip() for role in ("viewer", "officer")]

    page = home / "sign-in.html"
    assert addresses[0] != addresses[1]
    assert browser.opened == [page.as_uri()] * 2
    assert f'content="0; url={addresses[1]}"' in page.read_text()


def test_nobody_else_on_the_machine_sees_the_token(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = use(Browser(), monkeypatch)

    token = run().output.strip().removeprefix(SIGN_IN)

    # what a browser opens stands on its command line
    assert token not in browser.opened[0]
    holding = [file for file in home.iterdir() if token in file.read_text()]
    assert [stat.S_IMODE(file.stat().st_mode) for file in holding] == [0o600]


def test_no_browser_opens_where_one_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = use(Browser(), monkeypatch)

    assert run("--no-open").exit_code == 0
    assert browser.opened == []


def test_a_browser_that_does_not_start_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    use(Browser(is_broken=True), monkeypatch)

    answer = run()

    assert answer.exit_code == 0
    assert answer.output.startswith(SIGN_IN)


def test_without_a_screen_no_browser_takes_the_terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = use(Browser(), monkeypatch)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY")

    assert not open_in_browser(SIGN_IN, home)
    assert browser.opened == []


def test_where_a_provider_is_configured_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ISSUER", "https://id.example.org")
    monkeypatch.setenv("OIDC_AUDIENCE", "steadyscore")
    monkeypatch.setenv("OIDC_CLIENT_ID", "steadyscore")

    answer = run()

    assert answer.exit_code == 1
    assert "OIDC_ISSUER is set" in answer.stderr
    assert SIGN_IN not in answer.stdout


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    assert console_address(Settings(api_host="::1", api_port=8000)) == "http://[::1]:8000"
