"""The one place that translates between OpenG2P's envelope and plain bodies: behind it, nobody knows of envelopes.

A body with `request_header` is an envelope. Its payload is handled as the plain body would be, and the plain answer
becomes the payload of the answer. Errors of the domain are HTTP 200 within an envelope; who may not pass (401, 403) is
told so plainly, as the guard stands before this.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.envelope_schemas import Envelope, PaginationResponse, ResponseHeader, ResponseStatus
from api.error_codes import ANYTHING_ELSE
from api.guard import GuardedRoute, Handler
from api.paging import Paging
from api.problems import answer_to

MARK = "request_header"
ENVELOPED = {"x-openg2p-envelope": True}
"""OpenAPI extension of the routes that take envelopes, too."""


class EnvelopedRoute(GuardedRoute):
    """A guarded route that takes enveloped and plain bodies, if it takes any."""

    def __init__(self, path: str, endpoint: Any, **options: Any) -> None:
        if "POST" in (options.get("methods") or ()):
            options["openapi_extra"] = (options.get("openapi_extra") or {}) | ENVELOPED
        super().__init__(path, endpoint, **options)

    def get_inner_handler(self) -> Handler:
        """The handler, with what it is given and what it answers translated."""
        plain = super().get_inner_handler()

        async def translated(request: Request) -> Response:
            body = await _json_of(request)
            if not isinstance(body, dict) or MARK not in body:
                return await plain(request)
            return await _answer(request, body, plain)

        return translated


async def _json_of(request: Request) -> object:
    try:
        return await request.json()
    except (ValueError, RecursionError):
        # whatever it is, the plain handler refuses it
        return None


async def _answer(request: Request, body: Mapping[str, Any], plain: Handler) -> Response:
    request_id = _request_id(body)
    paging = Paging()
    try:
        envelope = _opened(body)
        paging = Paging(envelope.request_body.pagination_request)
        request.state.paging = paging
        # where Starlette keeps the parsed body
        request._json = envelope.request_body.request_payload  # noqa: SLF001
        response = await plain(request)
    except Exception as error:  # noqa: BLE001 - whatever it is, the sender gets an envelope
        response = answer_to(request, error)
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return _success(request_id, bytes(response.body), paging.response)
    return _error(request_id, response)


def _request_id(body: Mapping[str, Any]) -> str:
    header = body[MARK]
    request_id = header.get("request_id") if isinstance(header, dict) else None
    return request_id if isinstance(request_id, str) else ""


def _opened(body: Mapping[str, Any]) -> Envelope:
    try:
        return Envelope.model_validate(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in wrong]) from None


def _success(request_id: str, payload: bytes, pagination: PaginationResponse | None) -> Response:
    header = ResponseHeader(request_id=request_id, response_status=ResponseStatus.SUCCESS)
    page = pagination.model_dump_json().encode() if pagination else b"null"
    # put together as text: the payload is JSON already
    parts = (
        *(b'{"response_header":', header.model_dump_json().encode()),
        *(b',"response_body":{"pagination_response":', page),
        *(b',"response_payload":', payload or b"null", b"}}"),
    )
    return Response(b"".join(parts), media_type="application/json")


def _error(request_id: str, response: Response) -> Response:
    problem = json.loads(bytes(response.body))
    header = ResponseHeader(
        request_id=request_id,
        response_status=ResponseStatus.ERROR,
        response_error_code=problem.get("code") or ANYTHING_ELSE,
        response_error_message=problem["detail"],
    )
    body = '{"pagination_response":null,"response_payload":null}'
    content = f'{{"response_header":{header.model_dump_json()},"response_body":{body}}}'
    # the service's own troubles are no answer of the domain: whoever looks at the status alone must see them
    is_ours = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    headers = {"Retry-After": response.headers["retry-after"]} if "retry-after" in response.headers else None
    return Response(content, response.status_code if is_ours else HTTPStatus.OK, headers, media_type="application/json")
