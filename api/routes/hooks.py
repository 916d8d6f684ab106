"""Hooks: registries that do not share the database tell of what they approved."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter

from api.hook_schemas import (
    ApprovedElsewhere,
    ChangeRequestApproved,
    ChangeRequestReceived,
    SubmissionApproved,
    SubmissionReceived,
)
from api.problems import documented
from api.services import ApiServices, Services
from api.signed_route import SIGNED_HEADERS, Sender, SignedRoute
from registry.received_changes import ChangeElsewhere, Receipt, receive_change
from registry.tables import ReceivedKind
from store.audit import Actor

router = APIRouter(
    route_class=SignedRoute,
    prefix="/hooks",
    tags=["hooks"],
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)


@router.post("/change-request-approved", openapi_extra=SIGNED_HEADERS)
async def change_request_approved(
    body: ChangeRequestApproved, sender: Sender, services: Services
) -> ChangeRequestReceived:
    """Tell of an approved change request; answered after the commit. Send it again until the answer is a 200."""
    change = _change(body, ReceivedKind.CHANGE_REQUEST, body.change_request_id, body.change_payload)
    receipt = await _receive(services, sender, change)
    return ChangeRequestReceived(
        change_request_id=body.change_request_id, internal_record_id=body.internal_record_id, **vars(receipt)
    )


@router.post("/submission-approved", openapi_extra=SIGNED_HEADERS)
async def submission_approved(body: SubmissionApproved, sender: Sender, services: Services) -> SubmissionReceived:
    """Tell of an approved intake submission; answered after the commit. Send it again until the answer is a 200."""
    payload = body.record_attributes if body.change_payload is None else body.change_payload
    change = _change(body, ReceivedKind.SUBMISSION, body.submission_id, payload)
    receipt = await _receive(services, sender, change)
    return SubmissionReceived(
        submission_id=body.submission_id, internal_record_id=body.internal_record_id, **vars(receipt)
    )


def _change(
    body: ApprovedElsewhere,
    kind: ReceivedKind,
    change_id: str,
    payload: Mapping[str, Any] | Sequence[Mapping[str, Any]],
) -> ChangeElsewhere:
    return ChangeElsewhere(
        register_id=body.register_id,
        kind=kind,
        change_id=change_id,
        internal_record_id=body.internal_record_id,
        source_sequence=body.source_sequence,
        items=[payload] if isinstance(payload, Mapping) else payload,
        record_attributes=body.record_attributes,
        section=body.section,
    )


async def _receive(services: ApiServices, sender: Actor, change: ChangeElsewhere) -> Receipt:
    async with services.sessions.begin() as session:
        return await receive_change(session, change, sender)
