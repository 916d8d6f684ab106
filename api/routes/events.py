"""A record's scores as they change: server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from api import score_schemas as schemas
from api.event_ids import HEADER, MAX_LENGTH, read_event_id
from api.event_subscriptions import ScoreEvent, Subscription
from api.events import NoRoomForStream, ScoreEventHub, TooManyStreams
from api.guard import GuardedRoute
from api.identity import CurrentIdentity
from api.permissions import Permission, permission
from api.problems import documented
from api.schemas import IDENTIFIER, RECORD_ID, RecordChoice

router = APIRouter(route_class=GuardedRoute, prefix="/register-data", tags=["scores"])

MEDIA_TYPE = "text/event-stream"
RETRY = 3_000
"""Milliseconds after which a browser connects again."""
RETRY_AFTER_SECONDS = 5
LAST_WORDS_SECONDS = 1.0
"""After its token has expired a stream has so long to send its end."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""No cache and no proxy keeps events back."""

EXAMPLE = """: connected
retry: 3000

event: pending
data: {"score_type": "PMT_SCORE", "status": "pending", "reason": null, "triggered_by_cr_id": "CR-00123", \
"triggered_by_submission_id": "", "requested_at": "2026-11-21T12:00:00Z"}
id: PMT_SCORE=4711.0.p

event: computed
data: {"score_type": "PMT_SCORE", "computed_score": 1401.83, "computed_at": "2026-11-21T12:00:02Z", \
"triggered_by_cr_id": "CR-00123", "triggered_by_submission_id": "", "status": "current", "reason": null, \
"definition_version": 1, "sequence": 4711}
id: PMT_SCORE=4711.4711.c

"""
STREAM: dict[int | str, dict[str, Any]] = {
    HTTPStatus.OK.value: {
        "description": "Events, for as long as the token counts",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": EXAMPLE}},
    }
}

RecordId = Annotated[str | None, Query(min_length=1, max_length=128, pattern=IDENTIFIER, examples=[RECORD_ID])]
LastEventId = Annotated[
    str | None, Header(alias=HEADER, max_length=MAX_LENGTH, description="`id` of the last event that was received")
]


def _record(internal_record_id: RecordId = None, link_internal_record_id: RecordId = None) -> str:
    names = {"internal_record_id": internal_record_id, "link_internal_record_id": link_internal_record_id}
    sent = {name: value for name, value in names.items() if value is not None}
    try:
        return RecordChoice.model_validate(sent).internal_record_id
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("query", *one["loc"])} for one in error.errors()]) from error


async def _subscription(
    request: Request,
    identity: CurrentIdentity,
    internal_record_id: Annotated[str, Depends(_record)],
    last_event_id: LastEventId = None,
) -> AsyncIterator[Subscription]:
    # a dependency, as its end follows that of the answer, however that comes about
    hub = _hub(request)
    seen = read_event_id(last_event_id or "")
    try:
        with hub.subscribed(internal_record_id, seen, identity.subject) as subscription:
            yield subscription
    except NoRoomForStream as error:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        is_theirs = isinstance(error, TooManyStreams)
        status = HTTPStatus.TOO_MANY_REQUESTS if is_theirs else HTTPStatus.SERVICE_UNAVAILABLE
        raise HTTPException(status, str(error), headers) from error


def _hub(request: Request) -> ScoreEventHub:
    return cast(ScoreEventHub, request.app.state.score_events)


@router.get(
    "/score_events",
    openapi_extra=permission(Permission.VIEW_SCORES, Permission.VIEW_REGISTERS),
    response_class=StreamingResponse,
    responses=documented() | STREAM,
)
async def get_score_events(
    request: Request, identity: CurrentIdentity, subscription: Annotated[Subscription, Depends(_subscription)]
) -> StreamingResponse:
    """The record's scores as they change: events `pending`, `computed` and `failed`, first those that tell the state.

    `data` is an item of get_scores: of `scores`, or of `without_score`. Where a score is computed while a newer one
    is pending already, the event is `computed` and its `status` says `pending`. Sent again with the id of the last
    event, the request is answered with what has changed since. A client that is slow gets the newest state and not
    each that there was. A comment now and then tells that the connection is alive; the stream ends with the token.
    """
    heartbeat = _hub(request).limits.heartbeat
    events = _stream(subscription, heartbeat, identity.expires_at)
    return _ResponseUntil(identity.expires_at, events)


class _ResponseUntil(StreamingResponse):
    """Ends soon after that time even where its client has stopped reading: sending waits for as long as it takes."""

    def __init__(self, expires_at: datetime, events: AsyncIterator[bytes]) -> None:
        super().__init__(events, headers=HEADERS, media_type=MEDIA_TYPE)
        self._expires_at = expires_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ASGI asks."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_seconds_until(self._expires_at) + LAST_WORDS_SECONDS):
                await super().__call__(scope, receive, send)


async def _stream(subscription: Subscription, heartbeat: float, expires_at: datetime) -> AsyncIterator[bytes]:
    yield format_sse_event(comment="connected", retry=RETRY)
    while not subscription.is_over and (left := _seconds_until(expires_at)) > 0:
        if event := subscription.next_event():
            yield _as_text(event)
        elif not await subscription.wait(min(heartbeat, left)):
            yield KEEPALIVE_COMMENT


def _seconds_until(moment: datetime) -> float:
    return (moment - datetime.now(UTC)).total_seconds()


def _as_text(event: ScoreEvent) -> bytes:
    schema = schemas.WithoutScore if event.state.sequence is None else schemas.Score
    data = schema.model_validate(event.state).model_dump_json()
    return format_sse_event(data_str=data, event=event.kind, id=event.event_id)
