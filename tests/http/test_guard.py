"""No route is open by default: each is asked without a token, with a wrong one, and without its permission."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from api.app import create_app
from api.guard import GuardedRoute, require_guards
from api.permissions import OPEN, REQUIRED, SIGNED, Permission, required_permissions
from api.services import ApiServices
from api.signed_route import SignedRoute
from http_client import Api, client_of
from signed_tokens import HERE, an_ec_key, claims, permitting
from steadyscore.codec_access import CODEC_PATH, CodecAccess
from steadyscore.codec_server import CodecServer, make_codec_app
from steadyscore.payload_codec import EncryptionCodec
from steadyscore.payload_keys import KeyRing

OPEN_TO_EVERYBODY = {"GET /health/live", "GET /health/ready", "GET /console-settings"}
CONSOLE = {"GET /", "HEAD /", "GET /assets"}
"""Files without data in them."""
DOCUMENTATION = {"GET /openapi.json", "HEAD /openapi.json", "GET /docs", "GET /static-offline-docs"}
SIGN_IN = {f"GET {CODEC_PATH}/sign-in"}
"""The page on which the codec's own token is asked for."""


@dataclass(frozen=True)
class Operation:
    """A method of a route, and what it declares."""

    method: str
    path: str
    declared: str | None

    @property
    def name(self) -> str:
        """Such as `GET /registers`."""
        return f"{self.method} {self.path}"

    @property
    def url(self) -> str:
        """A path of it."""
        return self.path.replace("{", "").replace("}", "")

    async def ask(self, http: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
        """Without a body: whoever may pass is told what is missing."""
        return await http.request(self.method, self.url, headers=headers)


def operations_of(app: FastAPI, prefix: str = "") -> Iterator[Operation]:
    """Of all its routes, whether documented or not, and of what is mounted."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, Mount) and isinstance(context.original_route.app, FastAPI):
            yield from operations_of(context.original_route.app, context.original_route.path)
            continue
        extra = getattr(context, "openapi_extra", None) or {}
        for method in sorted(context.methods or ["GET"]):
            yield Operation(method, f"{prefix}{context.path}", extra.get(REQUIRED))


@pytest.fixture
def app(services: ApiServices) -> FastAPI:
    """As the API process has it, with the codec mounted."""
    app = create_app(services)
    server = CodecServer(EncryptionCodec(KeyRing({})), CodecAccess("a token of the codec server"), None)
    app.mount(CODEC_PATH, make_codec_app(server))
    return app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Sends nothing of its own."""
    async with client_of(app, {}) as http:
        yield http


def guarded(app: FastAPI) -> list[Operation]:
    """Those that ask for a permission."""
    free = {None, OPEN[REQUIRED], SIGNED[REQUIRED]}
    return [one for one in operations_of(app) if one.declared not in free]


async def test_what_is_open_is_what_is_named_here(app: FastAPI, http: httpx.AsyncClient) -> None:
    answers = {one: await one.ask(http, {}) for one in operations_of(app)}

    open_to_strangers = {one.name for one, answer in answers.items() if answer.status_code != 401}
    assert open_to_strangers == OPEN_TO_EVERYBODY | SIGN_IN | DOCUMENTATION | CONSOLE
    assert {one.name for one in answers if one.declared == OPEN[REQUIRED]} == OPEN_TO_EVERYBODY


async def test_every_documented_route_is_one_that_was_asked(app: FastAPI, http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()

    documented = {
        f"{method.upper()} {path}": operation[REQUIRED]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert documented == {one.name: one.declared for one in operations_of(app) if one.declared is not None}
    assert len(guarded(app)) > 15


async def test_who_sends_no_token_is_told_what_to_send(app: FastAPI, http: httpx.AsyncClient) -> None:
    for one in guarded(app):
        answer = await one.ask(http, {})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), one.name
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(HERE.sign(claims(Permission, exp=datetime.now(UTC) - timedelta(minutes=5))), id="expired"),
        pytest.param(an_ec_key(HERE.key_id).sign(claims(Permission)), id="of somebody else's key"),
        pytest.param(HERE.sign(claims(Permission, iss="https://elsewhere.example.org")), id="of another issuer"),
        pytest.param("nonsense", id="no token"),
    ],
)
async def test_a_token_that_does_not_count_opens_nothing(app: FastAPI, http: httpx.AsyncClient, token: str) -> None:
    for one in guarded(app):
        answer = await one.ask(http, {"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, one.name
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert token not in answer.text


async def test_who_lacks_the_permission_is_told_which(app: FastAPI, http: httpx.AsyncClient) -> None:
    for one in guarded(app):
        needed = required_permissions(one.declared or "")
        answer = await one.ask(http, permitting(*(set(Permission) - needed)))
        assert answer.status_code == 403, one.name
        assert all(name in answer.json()["detail"] for name in needed), one.name


async def test_one_sufficient_permission_opens_a_route_and_nothing_else_is_needed(
    app: FastAPI, http: httpx.AsyncClient
) -> None:
    for one in guarded(app):
        for name in required_permissions(one.declared or ""):
            answer = await one.ask(http, permitting(name))
            assert answer.status_code not in {401, 403}, f"{one.name} with {name}"


async def test_nobody_who_may_not_pass_is_told_whether_the_body_would_do(api: Api) -> None:
    stranger = await api.http.post("/registers", content=b"{", headers={"Authorization": "Bearer x"})
    viewer = await api.permitted(Permission.VIEW_REGISTERS).post("/registers", {"wrong": 1})

    assert (stranger.status_code, viewer.status_code) == (401, 403)


async def test_a_route_without_a_guard_makes_no_application(services: ApiServices) -> None:
    unguarded, guarded = APIRouter(), APIRouter(route_class=GuardedRoute)

    async def answer() -> str:
        return "data"

    unguarded.add_api_route("/data", answer)
    unguarded.add_api_websocket_route("/socket", answer)
    app = create_app(services)
    app.include_router(unguarded)
    with pytest.raises(TypeError, match="/data is not guarded"):
        require_guards(app.routes)
    with pytest.raises(TypeError, match="/socket is not guarded"):
        require_guards(unguarded.routes[1:])
    with pytest.raises(TypeError, match="/data declares no permission"):
        guarded.add_api_route("/data", answer)


async def test_a_route_that_declares_a_signature_and_checks_none_does_not_come_to_exist() -> None:
    async def answer() -> str:
        return "data"

    for route_class, declared in ((GuardedRoute, SIGNED), (SignedRoute, OPEN)):
        router = APIRouter(route_class=route_class)
        with pytest.raises(TypeError, match="/data must be a SignedRoute"):
            router.add_api_route("/data", answer, openapi_extra=declared)
