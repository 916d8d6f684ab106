"""Temporal's remote codec protocol: shows plain payloads in the Web UI and the `temporal` CLI to whoever may see them.

Who that is, codec_access.py decides. What is asked for is neither kept nor logged.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from google.protobuf import json_format
from starlette.middleware.cors import CORSMiddleware
from temporalio.api.common.v1 import Payloads

from api import problems
from steadyscore.codec_access import COOKIE, SESSION, CodecAccess
from steadyscore.codec_pages import HEADERS, sign_in_page, signed_in_page
from steadyscore.payload_codec import EncryptionCodec, PayloadKeyMissing

MAX_BODY_BYTES = 16_000_000
"""A page of a history as JSON is smaller: Temporal answers with 4 MB at most."""
MAX_FORM_BYTES = 10_000
CORS_HEADERS = ("content-type", "x-namespace", "authorization", "authorization-extras")
HOURS = int(SESSION.total_seconds()) // 3600

router = APIRouter()


@dataclass(frozen=True)
class CodecServer:
    """What the routes work with; `ui_url` is where the Web UI answers, the only other origin that may ask."""

    codec: EncryptionCodec
    access: CodecAccess
    ui_url: str | None


def make_codec_app(server: CodecServer) -> FastAPI:
    """An application of its own, to be mounted: what it allows other origins holds for nothing beside it."""
    app = FastAPI(openapi_url=None)
    app.state.server = server
    problems.install(app)
    app.include_router(router)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=_origins_of(server.ui_url) if server.ui_url else [],
        allow_methods=["POST"],
        allow_headers=CORS_HEADERS,
        allow_credentials=True,
    )
    return app


def _origins_of(url: str) -> list[str]:
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    # two names of this machine; the development server tells of itself by the other one
    return [origin, origin.replace("//127.0.0.1:", "//localhost:")]


def server_of(request: Request) -> CodecServer:
    """The server of this application."""
    server: CodecServer = request.app.state.server
    return server


Server = Annotated[CodecServer, Depends(server_of)]


def require_access(request: Request, server: Server) -> None:
    """Answer 401 to whoever may not read payloads."""
    if not server.access.allows(request.headers.get("authorization"), request.cookies, datetime.now(UTC)):
        raise HTTPException(
            HTTPStatus.UNAUTHORIZED,
            "send `Authorization: Bearer` with the token (CODEC_TOKEN), or sign in at /codec/sign-in",
            {"WWW-Authenticate": "Bearer"},
        )


@router.post("/encode", dependencies=[Depends(require_access)])
async def encode(request: Request, server: Server) -> Response:
    """Encrypt payloads, as the CLI asks before it sends a signal."""
    payloads = await _payloads_in(request)
    return _answer(Payloads(payloads=await server.codec.encode(payloads.payloads)))


@router.post("/decode", dependencies=[Depends(require_access)])
async def decode(request: Request, server: Server) -> Response:
    """Decrypt payloads; what is not encrypted, forged or damaged comes back as it is."""
    payloads = await _payloads_in(request)
    try:
        return _answer(Payloads(payloads=await server.codec.decode(payloads.payloads)))
    except PayloadKeyMissing as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error


@router.get("/sign-in")
async def show_sign_in() -> Response:
    """Ask for the token."""
    return HTMLResponse(sign_in_page(HOURS), headers=HEADERS)


@router.post("/sign-in")
async def sign_in(request: Request, server: Server) -> Response:
    """Give the browser a cookie that stands for the token, as the Web UI cannot be told to send a header."""
    form = parse_qs((await _body_of(request, MAX_FORM_BYTES)).decode(errors="replace"))
    if not server.access.is_token(form.get("token", [""])[0].strip()):
        page = sign_in_page(HOURS, "This is not the token.")
        return HTMLResponse(page, HTTPStatus.UNAUTHORIZED, HEADERS)
    endpoint = str(request.url.replace(query="")).removesuffix("/sign-in")
    response = HTMLResponse(signed_in_page(HOURS, endpoint, server.ui_url), headers=HEADERS)
    response.set_cookie(
        COOKIE,
        server.access.new_session(datetime.now(UTC)),
        max_age=int(SESSION.total_seconds()),
        # other services on this host see cookies of all its ports, but of their own paths only
        path=request.scope.get("root_path") or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        # the Web UI on another port of this host, or of this domain, is the same site
        samesite="strict",
    )
    return response


async def _payloads_in(request: Request) -> Payloads:
    body = await _body_of(request, MAX_BODY_BYTES)
    try:
        return _read(json.loads(body))
    # the error's text would show what was sent
    except (json_format.ParseError, ValueError, RecursionError):
        detail = 'the body must be {"payloads": [{"metadata": {NAME: BASE64}, "data": BASE64}]}'
        raise HTTPException(HTTPStatus.BAD_REQUEST, detail) from None


def _read(message: object) -> Payloads:
    if not isinstance(message, dict):
        raise json_format.ParseError
    return json_format.ParseDict(message, Payloads(), ignore_unknown_fields=True)


async def _body_of(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body may have {limit} bytes at most")
    return bytes(body)


def _answer(payloads: Payloads) -> Response:
    return Response(
        json_format.MessageToJson(payloads, indent=None),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
