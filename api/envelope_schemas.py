"""OpenG2P's envelope: what goes around a payload, there and back."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=2048)]


class Sent(BaseModel):
    """Part of an envelope that was sent: what OpenG2P may add to it is let through."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class RequestHeader(Sent):
    """Who sends, and the id that the answer names."""

    sender_app_mnemonic: Text = Field(examples=["staff-portal"])
    sender_app_url: Text = Field(examples=["https://portal.example.org"])
    request_id: Text = Field(examples=["0f9d1b7e-2f0a-4d0c-9d43-3a8f4b6f1f60"])
    request_timestamp: datetime
    instance_id: Text | None = None


class PaginationRequest(Sent):
    """Which page of a list: sorted by a field (`-field`: downwards), of items that hold the text."""

    current_page: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] = 1
    page_size: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] = 10
    sort_by: Text | None = Field(default=None, examples=["score_type"])
    filter_by: Text | None = Field(default=None, description="`field=value`", examples=["is_enabled=true"])
    search_text: Text | None = Field(default=None, examples=["PMT"])


class RequestBody(Sent):
    """The payload is what the plain body would be."""

    pagination_request: PaginationRequest | None = None
    request_payload: Any


class Envelope(Sent):
    """What OpenG2P's front ends and registry send."""

    request_header: RequestHeader
    request_body: RequestBody


class ResponseStatus(StrEnum):
    """Whether the payload is what was asked for, or null."""

    SUCCESS = "SUCCESS"
    ERROR = "ERROR"


class ResponseHeader(BaseModel):
    """How it went; both error fields are empty after a success."""

    request_id: str
    response_status: ResponseStatus
    response_error_code: str = Field(default="", examples=["", "SC-ERR-003"])
    response_error_message: str = ""
    response_timestamp: datetime = Field(default_factory=lambda: datetime.now(UTC))


class PaginationResponse(BaseModel):
    """How much there is in all."""

    number_of_items: Annotated[int, Field(ge=0)]
    number_of_pages: Annotated[int, Field(ge=0)]


class ResponseBody(BaseModel):
    """The payload is what the plain answer would be; null after an error."""

    pagination_response: PaginationResponse | None = None
    response_payload: Any = None


class EnvelopedAnswer(BaseModel):
    """What OpenG2P's front ends and registry get."""

    response_header: ResponseHeader
    response_body: ResponseBody
