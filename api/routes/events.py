"""A record's scores as they change: server-sent events."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from api import score_schemas as schemas
from api.event_ids import HEADER, MAX_LENGTH, read_event_id
from api.event_subscriptions import ScoreEvent, Subscription
from api.events import NoRoomForStream, ScoreEventHub
from api.guard import GuardedRoute
from api.identity import CurrentIdentity
from api.permissions import Permission, permission
from api.problems import documented
from api.schemas import IDENTIFIER, RECORD_ID
from scoring.errors import InvalidInput

router = APIRouter(route_class=GuardedRoute, prefix="/register-data", tags=["scores"])

MEDIA_TYPE = "text/event-stream"
RETRY = 3_000
"""Milliseconds after which a browser connects again."""
RETRY_AFTER_SECONDS = 5
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
    names = {internal_record_id, link_internal_record_id} - {None}
    if len(names) > 1:
        detail = "internal_record_id and link_internal_record_id name different records; send one of them"
        raise InvalidInput(detail, field="internal_record_id")
    chosen = internal_record_id or link_internal_record_id
    if chosen is None:
        raise InvalidInput("internal_record_id is missing; it says which record", field="internal_record_id")
    return chosen


async def _subscription(
    request: Request, internal_record_id: Annotated[str, Depends(_record)], last_event_id: LastEventId = None
) -> AsyncIterator[Subscription]:
    # a dependency, as its end follows that of the answer, however that comes about
    hub = _hub(request)
    seen = read_event_id(last_event_id or "")
    try:
        with hub.subscribed(internal_record_id, seen) as subscription:
            yield subscription
    except NoRoomForStream as error:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers) from error


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
    return StreamingResponse(events, headers=HEADERS, media_type=MEDIA_TYPE)


async def _stream(subscription: Subscription, heartbeat: float, expires_at: datetime) -> AsyncIterator[bytes]:
    yield format_sse_event(comment="connected", retry=RETRY)
    while not subscription.is_over and (left := (expires_at - datetime.now(UTC)).total_seconds()) > 0:
        if event := subscription.next_event():
            yield _as_text(event)
        elif not await subscription.wait(min(heartbeat, left)):
            yield KEEPALIVE_COMMENT


def _as_text(event: ScoreEvent) -> bytes:
    schema = schemas.WithoutScore if event.state.sequence is None else schemas.Score
    data = schema.model_validate(event.state).model_dump_json()
    return format_sse_event(data_str=data, event=event.kind, id=event.event_id)
