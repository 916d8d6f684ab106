"""The codec server: who may ask it, from which origin, and what it answers."""

import base64
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from steadyscore.codec_access import CODEC_PATH, COOKIE, SESSION, CodecAccess
from steadyscore.codec_server import MAX_BODY_BYTES, CodecServer, make_codec_app
from steadyscore.payload_codec import EncryptionCodec
from temporal_fakes.connections import a_ring

TOKEN = "the-token-of-the-tests"  # noqa: S105
WEB_UI = "http://127.0.0.1:8233"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"income": 5000}')
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that has the codec server mounted as the API's process has it."""
    app = FastAPI()
    access = CodecAccess(TOKEN)
    app.mount(CODEC_PATH, make_codec_app(CodecServer(EncryptionCodec(a_ring("new", "old")), access, f"{WEB_UI}/")))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000/codec") as client:
        yield client


def as_json(*payloads: Payload) -> dict[str, Any]:
    return json_format.MessageToDict(Payloads(payloads=payloads))


def payloads_of(answer: httpx.Response) -> list[Payload]:
    assert answer.status_code == 200, answer.text
    return list(json_format.ParseDict(answer.json(), Payloads()).payloads)


async def encrypted(key_id: str) -> Payload:
    [payload] = await EncryptionCodec(a_ring(key_id)).encode([PLAIN])
    return payload


async def test_what_it_encodes_it_decodes(http: httpx.AsyncClient) -> None:
    [sealed] = payloads_of(await http.post("/encode", json=as_json(PLAIN), headers=BEARER))
    answer = await http.post("/decode", json=as_json(sealed, PLAIN), headers=BEARER | {"X-Namespace": "default"})

    assert sealed.metadata["encoding"] == b"binary/encrypted"
    assert payloads_of(answer) == [PLAIN, PLAIN]
    assert answer.headers["cache-control"] == "no-store"


async def test_it_decodes_what_an_older_key_encrypted(http: httpx.AsyncClient) -> None:
    answer = await http.post("/decode", json=as_json(await encrypted("old")), headers=BEARER)

    assert payloads_of(answer) == [PLAIN]


async def test_a_key_that_is_not_there_is_named(http: httpx.AsyncClient) -> None:
    answer = await http.post("/decode", json=as_json(await encrypted("lost")), headers=BEARER)

    assert answer.status_code == 422
    assert "the key lost, which is not in PAYLOAD_KEYS" in answer.json()["detail"]


STRANGERS: dict[str, dict[str, str]] = {
    "nothing": {},
    "another token": {"Authorization": "Bearer another"},
    "the token of another scheme": {"Authorization": f"Basic {TOKEN}"},
    "a token that is no ASCII": {"Authorization": "Bearer tök"},
    "the token as a cookie": {"Cookie": f"{COOKIE}={TOKEN}"},
    "a cookie that never ends": {"Cookie": f"{COOKIE}=99999999999.{'0' * 64}"},
    "a cookie without sense": {"Cookie": f"{COOKIE}={'9' * 400}."},
}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS.keys())
@pytest.mark.parametrize("route", ["/decode", "/encode"])
async def test_strangers_are_told_what_to_send(http: httpx.AsyncClient, route: str, headers: dict[str, str]) -> None:
    encoded = {name.encode(): value.encode("latin-1") for name, value in headers.items()}

    answer = await http.post(route, json=as_json(await encrypted("new")), headers=encoded)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "CODEC_TOKEN" in answer.json()["detail"]
    assert "income" not in answer.text
    assert TOKEN not in answer.text


async def test_a_browser_that_signed_in_may_read(http: httpx.AsyncClient) -> None:
    signed_in = await http.post("/sign-in", data={"token": TOKEN})
    answer = await http.post("/decode", json=as_json(await encrypted("new")), headers={"Origin": WEB_UI})

    assert "http://127.0.0.1:8000/codec</code>" in signed_in.text
    cookie = signed_in.headers["set-cookie"]
    assert {"HttpOnly", "Path=/codec", "SameSite=strict"} <= set(cookie.split("; "))
    assert TOKEN not in cookie
    assert payloads_of(answer) == [PLAIN]


async def test_the_cookie_of_a_secure_page_is_for_secure_pages_only(http: httpx.AsyncClient) -> None:
    answer = await http.post("https://127.0.0.1:8000/codec/sign-in", data={"token": TOKEN})

    assert "Secure" in answer.headers["set-cookie"].split("; ")


async def test_whoever_has_not_the_token_is_not_signed_in(http: httpx.AsyncClient) -> None:
    form = await http.get("/sign-in")
    refused = await http.post("/sign-in", data={"token": "<script>"})

    assert 'type="password"' in form.text
    assert refused.status_code == 401
    assert "This is not the token." in refused.text
    assert "<script>" not in refused.text
    assert "set-cookie" not in refused.headers
    assert "frame-ancestors 'none'" in refused.headers["content-security-policy"]


def test_a_session_ends() -> None:
    access = CodecAccess(TOKEN)
    cookies = {COOKIE: access.new_session(NOW)}

    assert access.allows(None, cookies, NOW + SESSION - timedelta(seconds=1))
    assert not access.allows(None, cookies, NOW + SESSION)
    assert not CodecAccess("another-token-of-the-tests").allows(None, cookies, NOW)


def test_a_session_cannot_be_made_longer() -> None:
    access = CodecAccess(TOKEN)
    end, _, signature = access.new_session(NOW).partition(".")

    assert not access.allows(None, {COOKIE: f"{int(end) + 1}.{signature}"}, NOW)


PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-namespace"}


async def test_the_web_ui_may_ask_from_its_origin_with_its_cookie(http: httpx.AsyncClient) -> None:
    preflight = await http.options("/decode", headers=PREFLIGHT | {"Origin": WEB_UI})
    answer = await http.post("/decode", json=as_json(PLAIN), headers=BEARER | {"Origin": WEB_UI})
    refused = await http.post("/decode", json=as_json(PLAIN), headers={"Origin": WEB_UI})

    assert preflight.status_code == 200
    assert {"content-type", "x-namespace", "authorization"} <= set(
        re.split(r",\s*", preflight.headers["access-control-allow-headers"].lower())
    )
    for told in (preflight, answer, refused):
        assert told.headers["access-control-allow-origin"] == WEB_UI
        assert told.headers["access-control-allow-credentials"] == "true"


async def test_the_web_ui_may_ask_by_the_other_name_of_its_machine(http: httpx.AsyncClient) -> None:
    preflight = await http.options("/decode", headers=PREFLIGHT | {"Origin": "http://localhost:8233"})

    assert preflight.headers["access-control-allow-origin"] == "http://localhost:8233"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9999", "http://localhost:9999", "http://evil.example", "null"])
async def test_no_other_origin_may_ask(http: httpx.AsyncClient, origin: str) -> None:
    preflight = await http.options("/decode", headers=PREFLIGHT | {"Origin": origin})
    answer = await http.post("/decode", json=as_json(PLAIN), headers=BEARER | {"Origin": origin})

    assert preflight.status_code == 400
    assert "access-control-allow-origin" not in preflight.headers
    assert "access-control-allow-origin" not in answer.headers


NO_PAYLOADS: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"hunter2",
    "no text": b"\xff\xfe",
    "a list": b'["hunter2"]',
    "payloads that are none": b'{"payloads": "hunter2"}',
    "data that is a list": b'{"payloads": [{"data": ["hunter2"]}]}',
    "nested without end": b'{"payloads":' * 10_000,
}


@pytest.mark.parametrize("body", NO_PAYLOADS.values(), ids=NO_PAYLOADS.keys())
@pytest.mark.parametrize("route", ["/decode", "/encode"])
async def test_what_holds_no_payloads_is_refused_and_not_shown(
    http: httpx.AsyncClient, route: str, body: bytes
) -> None:
    answer = await http.post(route, content=body, headers=BEARER)

    assert answer.status_code == 400
    assert '{"payloads": [' in answer.json()["detail"]
    assert "hunter2" not in answer.text


async def test_a_body_without_end_is_refused(http: httpx.AsyncClient) -> None:
    largest = base64.b64encode(bytes(3 * MAX_BODY_BYTES // 4)).decode()

    answer = await http.post("/decode", json={"payloads": [{"data": largest}]}, headers=BEARER)

    assert answer.status_code == 413


async def test_it_has_no_other_routes(http: httpx.AsyncClient) -> None:
    assert (await http.get("/decode", headers=BEARER)).status_code == 405
    assert (await http.get("/docs")).status_code == 404
    assert (await http.get("/openapi.json")).status_code == 404
