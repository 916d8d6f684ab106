"""Errors as RFC 9457 problem details: what was wrong and where, never the values that were sent."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.error_codes import code_of, code_of_fields
from api.guard import Forbidden
from api.identity import IdentityUnavailable, InvalidToken, Unauthenticated
from api.rate_limit import TooManyWrites
from scoring.errors import Conflict, InvalidInput, NotFound, NotTheirs, ScoringError
from scoring.failures import describe_exception
from store.database import is_database_away

logger = logging.getLogger(__name__)

STATUS_OF: Mapping[type[ScoringError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotTheirs: HTTPStatus.FORBIDDEN,
}

MAX_ERRORS = 50
"""So many wrong places are named, the first ones; a body can have tens of thousands."""
MAX_IN_DETAIL = 10
MAX_FIELD_LENGTH = 600


class FieldProblem(BaseModel):
    """One place that was wrong."""

    field: str = Field(description="Dot path of the field", examples=["change_payload.income"])
    detail: str = Field(examples=["income must be of type number, or null to remove it"])


class Problem(BaseModel):
    """Problem details as in RFC 9457; `errors` names the places that were wrong, 50 at most."""

    type: str = Field(examples=["urn:steadyscore:problem:InvalidAttributes"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["income must be of type number, or null to remove it"])
    instance: str = Field(description="Path of the request", examples=["/change-requests"])
    code: str | None = Field(default=None, description="OpenG2P's error code", examples=["SC-ERR-007"])
    errors: list[FieldProblem] = []


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that are problems, for its OpenAPI entry."""
    always = (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status.value: {"description": status.phrase, "content": content} for status in (*always, *statuses)}


def problem_response(request: Request, status: HTTPStatus, kind: str, detail: str) -> JSONResponse:
    """The answer that tells of a problem which no one place of the request is to blame for."""
    return _answer(_problem(request, status, kind, detail))


def _problem(request: Request, status: HTTPStatus, kind: str, detail: str) -> Problem:
    return Problem(
        type=f"urn:steadyscore:problem:{kind}",
        title=status.phrase,
        status=status.value,
        detail=detail,
        instance=request.url.path,
    )


def _answer(problem: Problem) -> JSONResponse:
    headers = {"Retry-After": "1"} if problem.status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return JSONResponse(problem.model_dump(), problem.status, headers, media_type="application/problem+json")


def answer_to(request: Request, error: Exception) -> JSONResponse:
    """The problem that tells of the error; of what nobody foresaw the log gets class and place, not the text."""
    match error:
        case ScoringError():
            return _refusal(request, error)
        case RequestValidationError():
            return _invalid_request(request, error)
        case Unauthenticated() | IdentityUnavailable() | Forbidden():
            return _not_admitted(request, error)
        case TooManyWrites():
            return _too_many_writes(request, error)
        case HTTPException():
            return _http_exception(request, error)
        case _:
            logger.error("a request failed: %s", describe_exception(error))
            return _last_resort(request, error)


async def _on_error(request: Request, error: Exception) -> JSONResponse:
    return answer_to(request, error)


def _refusal(request: Request, error: ScoringError) -> JSONResponse:
    status = next((status for kind, status in STATUS_OF.items() if isinstance(error, kind)), HTTPStatus.CONFLICT)
    problem = _problem(request, status, type(error).__name__, error.detail)
    problem.code = code_of(error)
    problem.errors = [FieldProblem(field=error.field, detail=error.detail)] if error.field else []
    return _answer(problem)


def _invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
    errors = error.errors()
    told = [_field_problem(one) for one in errors[:MAX_ERRORS]]
    if any(one["type"] == "json_invalid" for one in errors):
        problem = _problem(request, HTTPStatus.BAD_REQUEST, "MalformedJson", told[0].detail)
    else:
        detail = _summary(told, len(errors))
        problem = _problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "InvalidRequest", detail)
        problem.code = code_of_fields(one.field for one in told)
    problem.errors = told
    return _answer(problem)


def _summary(problems: Sequence[FieldProblem], count: int) -> str:
    first = [f"{one.field}: {one.detail}" for one in problems[:MAX_IN_DETAIL]]
    return "; ".join([*first, f"and {count - len(first)} more"] if count > len(first) else first)


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    # `input` and `ctx` are left out: they hold what was sent
    if error["type"] == "json_invalid":
        return FieldProblem(field="body", detail=f"no valid JSON at character {error['loc'][-1]}")
    where, *path = error["loc"]
    field = ".".join(map(str, path)) or str(where)
    return FieldProblem(field=field[:MAX_FIELD_LENGTH], detail=error["msg"])


def _not_admitted(request: Request, error: Unauthenticated | IdentityUnavailable | Forbidden) -> JSONResponse:
    if isinstance(error, Forbidden):
        detail = f"this needs the permission {error}, which the token's roles do not grant"
        return problem_response(request, HTTPStatus.FORBIDDEN, "Forbidden", detail)
    if isinstance(error, IdentityUnavailable):
        return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, "IdentityUnavailable", str(error))
    response = problem_response(request, HTTPStatus.UNAUTHORIZED, "Unauthenticated", str(error))
    is_wrong = isinstance(error, InvalidToken)
    response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if is_wrong else "Bearer"
    return response


def _too_many_writes(request: Request, error: TooManyWrites) -> JSONResponse:
    response = problem_response(request, HTTPStatus.TOO_MANY_REQUESTS, "TooManyWrites", str(error))
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _http_exception(request: Request, error: HTTPException) -> JSONResponse:
    status = HTTPStatus(error.status_code)
    response = problem_response(request, status, status.phrase.title().replace(" ", ""), str(error.detail))
    response.headers.update(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(sorted(_methods_of(request))) or response.headers["Allow"]
    return response


def _methods_of(request: Request) -> set[str]:
    # Starlette names those of the first route that has the path
    path = request.scope["path"]
    return {
        method
        for route in iter_route_contexts(request.app.routes)
        if route.path and compile_path(route.path)[0].match(path)
        for method in route.methods or ()
    }


class UnforeseenErrors:
    """Answers 503 while the database is away and 500 for the rest; the log gets class and place, not the text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ASGI asks."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001 - the last resort, which must not let the text out
            answer = answer_to(Request(scope), error)
            if not started and scope["type"] == "http":
                await answer(scope, receive, send)


def _last_resort(request: Request, error: Exception) -> JSONResponse:
    if is_database_away(error):
        status, detail = (
            HTTPStatus.SERVICE_UNAVAILABLE,
            "the database cannot be reached; a change that was asked for may have happened or not: look, or ask again",
        )
        return problem_response(request, status, "DatabaseUnavailable", detail)
    detail = "an unforeseen error; the log of the service tells where"
    return problem_response(request, HTTPStatus.INTERNAL_SERVER_ERROR, "InternalError", detail)


def install(app: FastAPI) -> None:
    """Make every error of the application a problem."""
    admission = (Unauthenticated, IdentityUnavailable, Forbidden)
    for kind in (ScoringError, RequestValidationError, *admission, TooManyWrites, HTTPException):
        app.add_exception_handler(kind, _on_error)
    app.add_middleware(UnforeseenErrors)
