"""The staff console from the command line: where it is, and a browser that is signed in."""

import html
import os
import sys
import tempfile
import webbrowser
from contextlib import suppress
from pathlib import Path

from api.console_settings import BUILT
from steadyscore.settings import Settings

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
PAGE = "sign-in.html"


def sign_in_address(settings: Settings, token: str) -> str:
    """Opens the console as whoever the token names; what follows `#` is sent to no server."""
    return f"{console_address(settings)}/#/sign-in?token={token}"


def console_address(settings: Settings) -> str:
    """Where this machine's API serves it."""
    host = f"[{settings.api_host}]" if ":" in settings.api_host else settings.api_host
    return f"http://{host}:{settings.api_port}"


def is_built() -> bool:
    """Whether there is a console to serve."""
    return (BUILT / "index.html").is_file()


def open_in_browser(address: str, home: Path) -> bool:
    """Whether a browser took it; without a screen none is looked for, as it would take the terminal.

    The browser is told of a page that leads there, as everybody on the machine sees what stands on a command line.
    """
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in SCREENS):
        return False
    with suppress(webbrowser.Error, OSError):
        return webbrowser.open(_page_that_leads_to(address, home.resolve() / PAGE).as_uri())
    return False


def _page_that_leads_to(address: str, page: Path) -> Path:
    """For its owner only; it stays until the next, as does the key beside it that signs tokens."""
    descriptor, name = tempfile.mkstemp(dir=page.parent, prefix=f".{page.name}-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={html.escape(address)}">\n')
    return Path(name).replace(page)
