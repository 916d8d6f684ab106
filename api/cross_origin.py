"""Which pages of other origins may ask: those of the settings; none where none is set."""

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api.limits import is_mounted

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS = ("Authorization", "Content-Type", "Last-Event-ID")
ANSWER_HEADERS = ("Location", "RateLimit", "RateLimit-Policy", "Retry-After")


class OtherOrigins:
    """CORS for the application's own routes; what is mounted, such as the codec, decides for itself.

    Who asks is told by a bearer token, never by a cookie: credentials are not allowed.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._with_cors = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=REQUEST_HEADERS,
            expose_headers=ANSWER_HEADERS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ASGI asks."""
        if scope["type"] == "http" and not is_mounted(scope):
            await self._with_cors(scope, receive, send)
        else:
            await self._app(scope, receive, send)
