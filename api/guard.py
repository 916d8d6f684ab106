"""Nobody passes who may not: routes of this class ask who it is before they look at anything else of the request."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from api.json_bodies import read_json
from api.permissions import OPEN, REQUIRED, SIGNED, Permission, required_permissions
from api.rate_limit import count_write

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Forbidden(Exception):
    """The identity lacks what the route asks for; any one of these would do."""

    def __init__(self, missing: frozenset[Permission]) -> None:
        self.missing = missing
        super().__init__(" or ".join(sorted(missing)))


class GuardedRoute(APIRoute):
    """A route that asks for the permission it declares; one that declares none does not come to exist."""

    checks_signature = False

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        declared = (options.get("openapi_extra") or {}).get(REQUIRED)
        if declared is None:
            raise TypeError(f"{path} declares no permission: openapi_extra=permission(...)")
        if (declared == SIGNED[REQUIRED]) is not self.checks_signature:
            raise TypeError(f"{path} must be a SignedRoute and declare so, or neither: nothing else checks signatures")
        self._is_open = declared in {OPEN[REQUIRED], SIGNED[REQUIRED]}
        self._required = frozenset() if self._is_open else required_permissions(declared)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        """The handler behind the guard."""
        handler = self.get_inner_handler()
        if self._is_open:
            return handler

        async def guarded(request: Request) -> Response:
            await self._admit(request)
            if self.body_field is not None:
                await read_json(request)
            return await handler(request)

        return guarded

    def get_inner_handler(self) -> Handler:
        """What the guard stands before."""
        return super().get_route_handler()

    async def _admit(self, request: Request) -> None:
        identity = await request.app.state.services.authenticate(request.headers.get("authorization"))
        if not identity.permissions & self._required:
            raise Forbidden(self._required)
        request.state.identity = identity
        # who may change something may often read it, too
        if request.method != "GET" and any(one.changes_something for one in self._required):
            count_write(request, identity.subject)


UNGUARDED = frozenset({"/openapi.json", "/docs", "/static-offline-docs", "/", "/assets"})
"""The documentation and the console's files: what may stand beside guarded routes, as it tells no data."""


def require_guards(routes: Sequence[BaseRoute]) -> None:
    """Raise TypeError where one of them would let anybody pass."""
    for context in iter_route_contexts(routes):
        if not isinstance(context.original_route, GuardedRoute) and context.path not in UNGUARDED:
            raise TypeError(f"{context.path} is not guarded: its router needs route_class=GuardedRoute")
