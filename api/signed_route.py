"""Routes for other programs: a signature says who sends, and it is looked at before anything else of the request."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request, Response

from api.guard import GuardedRoute, Handler
from api.hook_signatures import ID, SIGNATURE, TIMESTAMP, Unsigned, require_signed, signer_of
from api.json_bodies import read_json
from api.permissions import SIGNED
from api.rate_limit import count_write
from store.audit import Actor


class SignedRoute(GuardedRoute):
    """A route that only a configured sender of hooks can call."""

    checks_signature = True

    def get_inner_handler(self) -> Handler:
        """The handler behind the look at the signature."""
        handler = super().get_inner_handler()

        async def verified(request: Request) -> Response:
            sender = request.state.hook_sender = await _require_signer(request)
            # a namespace of their own: a token's subject may be the same word
            count_write(request, f"hooks of {sender}")
            await read_json(request)
            return await handler(request)

        return verified


async def _require_signer(request: Request) -> str:
    keys, now = request.app.state.services.hook_keys, datetime.now(UTC)
    try:
        require_signed(keys, request.headers, now)
        return signer_of(keys, request.headers, await request.body(), now)
    except Unsigned as error:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, str(error), {"WWW-Authenticate": "Webhook-Signature"}) from None


def _sender(request: Request) -> Actor:
    return Actor(request.state.hook_sender, "hook", address=request.client.host if request.client else None)


Sender = Annotated[Actor, Depends(_sender)]
"""Whose secret signed the request."""


def _header_parameter(name: str, description: str, example: str) -> dict[str, Any]:
    schema = {"type": "string", "examples": [example]}
    return {"name": name, "in": "header", "required": True, "description": description, "schema": schema}


SIGNED_HEADERS: dict[str, Any] = SIGNED | {
    "parameters": [
        _header_parameter(
            ID, "The message's own id; the same when it is sent again", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
        ),
        _header_parameter(TIMESTAMP, "When it is sent, in seconds since 1970; at most 5 minutes off", "1764067187"),
        _header_parameter(
            SIGNATURE,
            "`v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`; several, by spaces",
            "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        ),
    ]
}
"""For `openapi_extra` of a signed route: what its guard reads."""
