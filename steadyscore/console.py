"""The staff console from the command line: where it is, and a browser that is signed in."""

import os
import sys
import webbrowser
from contextlib import suppress

from api.console_settings import BUILT
from steadyscore.settings import Settings

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


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


def open_in_browser(address: str) -> bool:
    """Whether a browser took it; without a screen none is looked for, as it would take the terminal."""
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in SCREENS):
        return False
    with suppress(webbrowser.Error, OSError):
        return webbrowser.open(address)
    return False
