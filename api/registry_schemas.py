"""Bodies of the registry's routes: registers, records, change requests, and a record's score requests."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.hook_signatures import SENDER
from api.schemas import MAX_ATTRIBUTES, MAX_NAMES, Answer, Body, Identifier, RecordId, RegisterId, ScoreType
from registry.tables import ChangeRequestStatus, RegisterPurpose
from store.tables import ComputeStatus

FARMER_ATTRIBUTES = {
    "name": "text",
    "income": "number",
    "assets.land_area": "number",
    "household.member_count": "integer",
}

AttributeTypes = Annotated[
    dict[str, Annotated[str, Field(max_length=64)]],
    Field(
        description="Type of each attribute by dot path: number, integer, text, boolean or list",
        examples=[FARMER_ATTRIBUTES],
    ),
]
Payload = Annotated[
    dict[str, Any],
    Field(
        description="Attributes to set, nested or by dot path; null removes one",
        examples=[{"income": 3500, "assets": {"land_area": 2.1}}],
    ),
]
NewPayload = Annotated[Payload, Field(max_length=MAX_NAMES)]

WORKFLOW_ID = "Of the Temporal run that has it, or of its record's that failed it; null: none has it, or had it"

HookSender = Annotated[str, Field(pattern=rf"^{SENDER}$", examples=["farmer-registry"])]
HOOK_SENDER = "Whose hooks feed it (docs/decisions/0018); with one, no change request can be made here"


class CreateRegister(Body):
    """A new register; only purpose REGISTER has scores."""

    register_mnemonic: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00]+$", examples=["Farmer"])]
    register_purpose: Annotated[RegisterPurpose, Field(strict=False, examples=["REGISTER"])]
    attributes: Annotated[AttributeTypes, Field(max_length=MAX_ATTRIBUTES)]
    hook_sender: Annotated[HookSender | None, Field(description=HOOK_SENDER)] = None


class Register(Answer):
    """A register."""

    register_id: RegisterId
    register_mnemonic: str
    register_purpose: RegisterPurpose
    attributes: AttributeTypes
    hook_sender: str | None = Field(description=HOOK_SENDER)
    created_at: datetime


class Registers(Answer):
    """A page of registers; `next` continues it."""

    registers: list[Register]
    next: str | None


class Record(Answer):
    """A record as last approved."""

    internal_record_id: RecordId
    register_id: RegisterId
    attributes: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


class Records(Answer):
    """A page of records; `next` continues it."""

    records: list[Record]
    next: str | None


class SearchRecords(Body):
    """Words that a record's values, or its id, begin with: all of them."""

    search_text: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$", examples=["amina ouma"])]
    limit: Annotated[int, Field(ge=1, le=500, description="Rows a page")] = 50
    after: Annotated[Identifier | None, Field(description="`next` of the page before")] = None


class RecordVersion(Answer):
    """A record after one approved change request."""

    version: int
    attributes: dict[str, Any]
    change_request_id: str
    created_at: datetime


class RecordHistory(Answer):
    """A page of a record's versions, newest first; `next` continues it."""

    history: list[RecordVersion]
    next: int | None


class CreateChangeRequest(Body):
    """A change to a record; without `internal_record_id` its approval creates one."""

    register_id: RegisterId
    internal_record_id: RecordId | None = None
    change_payload: NewPayload
    change_request_id: Annotated[Identifier | None, Field(examples=["CR-00123"])] = None


class ChangeRequest(Answer):
    """A change request; approving one that creates a record fills in `internal_record_id`."""

    change_request_id: str
    register_id: RegisterId
    internal_record_id: RecordId | None
    change_payload: Payload
    status: ChangeRequestStatus
    created_at: datetime
    decided_at: datetime | None


class ScoreRequest(Answer):
    """Where the computation of one score type stands."""

    score_type: ScoreType
    compute_status: ComputeStatus
    change_request_id: str
    submission_id: str = Field(description="Instead of the change request's, where an intake submission asked for it")
    definition_version: int
    sequence: int
    signaled_sequence: int
    computed_sequence: int
    compute_latest_timestamp: datetime
    compute_latest_error_code: str | None
    compute_latest_error_message: str | None
    workflow_id: str | None = Field(description=WORKFLOW_ID)


class ScoreRequests(Answer):
    """A record's score requests, by score type."""

    score_requests: list[ScoreRequest]
