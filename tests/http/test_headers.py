"""What every answer says to browsers, and which pages of other origins may ask."""

import base64
import hashlib
import re
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.security_headers import HEADERS
from api.services import ApiServices
from http_client import Api, client_of
from steadyscore.codec_access import CODEC_PATH, CodecAccess
from steadyscore.codec_server import CodecServer, make_codec_app
from steadyscore.payload_codec import EncryptionCodec
from temporal_fakes.connections import a_ring

PORTAL = "https://portal.example.org"
WEB_UI = "http://127.0.0.1:8233"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,last-event-id",
}


def with_codec(app: FastAPI) -> FastAPI:
    """As the API's process mounts it."""
    server = CodecServer(EncryptionCodec(a_ring("new")), CodecAccess("the-token-of-the-tests"), WEB_UI)
    app.mount(CODEC_PATH, make_codec_app(server))
    return app


@pytest.mark.parametrize(
    "path",
    ["/registers", "/health/live", "/nowhere", "/records/%00", "/openapi.json", "/register-data/get_scores"],
)
async def test_every_answer_tells_browsers_to_do_nothing_with_it(api: Api, path: str) -> None:
    answer = await api.get(path)

    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


async def test_an_answer_to_a_stranger_and_one_of_a_failure_tell_it_too(services: ApiServices) -> None:
    app = create_app(services)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("planted")

    async with client_of(app, {}) as http:
        answers = [await http.get("/registers"), await http.get("/broken")]

    assert [answer.status_code for answer in answers] == [401, 500]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "planted" not in answers[1].text


async def test_whoever_came_by_https_is_told_to_stay_with_it(api: Api) -> None:
    answer = await api.http.get("https://steadyscore/health/live")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_the_documentation_may_run_its_own_scripts_only(api: Api) -> None:
    page = await api.get("/docs")

    [inline] = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    expected = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == f"'self' 'sha256-{expected}'"
    assert policy["frame-ancestors"] == "'none'"
    for address in re.findall(r"""(?:src|href)=["']([^"']+)""", page.text):
        asset = await api.get(address)
        assert (asset.status_code, asset.headers["cache-control"]) == (200, "public, max-age=3600"), address
    assert (await api.get("/static-offline-docs/nothing")).headers["cache-control"] == "no-store"


async def test_without_a_setting_no_page_of_another_origin_may_ask(api: Api) -> None:
    preflight = await api.http.options("/registers", headers=PREFLIGHT | {"Origin": PORTAL})
    answer = await api.http.get("/registers", headers={"Origin": PORTAL})

    assert preflight.status_code == 405
    for told in (preflight, answer):
        assert not [name for name in told.headers if name.startswith("access-control")]


@pytest.fixture
def with_origins(services: ApiServices) -> FastAPI:
    """The application for a portal of another origin, with the codec beside it."""
    return with_codec(create_app(replace(services, other_origins=(PORTAL,))))


async def test_pages_of_an_origin_that_is_set_may_ask(with_origins: FastAPI) -> None:
    async with client_of(with_origins) as http:
        preflight = await http.options("/registers", headers=PREFLIGHT | {"Origin": PORTAL})
        answer = await http.get("/registers", headers={"Origin": PORTAL})
        refused = await http.post("/registers", content=b"{", headers={"Origin": PORTAL, "Authorization": ""})

    assert preflight.status_code == 200
    allowed = set(re.split(r",\s*", preflight.headers["access-control-allow-headers"].lower()))
    assert {"authorization", "content-type", "last-event-id"} <= allowed
    for told in (preflight, answer, refused):
        assert told.headers["access-control-allow-origin"] == PORTAL
        assert "access-control-allow-credentials" not in told.headers
    assert "Retry-After" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://portal.example.org", f"{PORTAL}.evil.example", "null"]
)
async def test_no_other_origin_may_ask(with_origins: FastAPI, origin: str) -> None:
    async with client_of(with_origins) as http:
        preflight = await http.options("/registers", headers=PREFLIGHT | {"Origin": origin})
        answer = await http.get("/registers", headers={"Origin": origin})

    assert preflight.status_code == 400
    for told in (preflight, answer):
        assert "access-control-allow-origin" not in told.headers


async def test_the_codec_decides_for_itself_who_may_ask(with_origins: FastAPI) -> None:
    async with client_of(with_origins) as http:
        web_ui = await ask_codec(http, WEB_UI)
        portal = await ask_codec(http, PORTAL)
        page = await http.get(f"{CODEC_PATH}/sign-in")

    assert web_ui.headers["access-control-allow-origin"] == WEB_UI
    assert web_ui.headers["access-control-allow-credentials"] == "true"
    assert (portal.status_code, "access-control-allow-origin" in portal.headers) == (400, False)
    assert "form-action" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"


async def ask_codec(http: httpx.AsyncClient, origin: str) -> httpx.Response:
    headers = PREFLIGHT | {"Access-Control-Request-Headers": "content-type", "Origin": origin}
    return await http.options(f"{CODEC_PATH}/decode", headers=headers)


async def test_a_method_that_is_not_there_is_answered_with_all_that_are(api: Api) -> None:
    answer = await api.http.put("/registers")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
