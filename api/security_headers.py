"""Headers for browsers on every answer: nothing of it is run, framed, guessed at, kept, or told to others."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DOCS_ASSETS = "/static-offline-docs/"
CONSOLE_ASSETS = "/assets/"
KEPT = {DOCS_ASSETS: "public, max-age=3600", CONSOLE_ASSETS: "public, max-age=31536000, immutable"}
"""How long browsers keep what stands under a path, as long as it is there."""
STATUS_OF_ERRORS = 400

HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
"""Where a route sets one of these itself, as a page does, its own stays."""

A_YEAR = "max-age=31536000"


class SecurityHeaders:
    """Adds them, and what a route left in `request.state.headers`; HSTS where the request came by https."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ASGI asks."""
        scope.setdefault("state", {})
        # what is mounted takes its own path for the root
        path = str(scope.get("path", "")).removeprefix(scope.get("root_path", ""))

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(MutableHeaders(scope=message), scope, path, message["status"])
            await send(message)

        await self._app(scope, receive, add)


def _add(headers: MutableHeaders, scope: Scope, path: str, status: int) -> None:
    for name, value in scope["state"].get("headers", {}).items():
        headers[name] = value
    for prefix, kept in KEPT.items():
        if path.startswith(prefix) and status < STATUS_OF_ERRORS:
            headers.setdefault("Cache-Control", kept)
    if scope["scheme"] == "https":
        headers.setdefault("Strict-Transport-Security", A_YEAR)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
