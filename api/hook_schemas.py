"""Bodies of hooks: an approval in another registry, and what became of it here."""

from typing import Annotated, Any

from pydantic import Field

from api.registry_schemas import NewPayload
from api.schemas import MAX_NAMES, Answer, Identifier, RecordChoice, RecordId, RegisterId, ScoreType

MAX_SEQUENCE = 2**63 - 1

Items = Annotated[
    list[Annotated[dict[str, Any], Field(max_length=MAX_NAMES)]],
    Field(
        max_length=1_000,
        description="OpenG2P's items; `edit_action` tells what happened to each, and NO_CHANGE touches nothing",
    ),
]


class ApprovedElsewhere(RecordChoice):
    """An approval that was committed in another registry."""

    register_id: RegisterId
    source_sequence: int = Field(
        ge=1,
        le=MAX_SEQUENCE,
        description="Rises in the order in which the changes of a record are committed over there",
        examples=[7],
    )
    record_attributes: dict[str, Any] = Field(
        max_length=MAX_NAMES,
        description="The record's attributes after the change, all of them; nested or by dot path",
        examples=[{"income": 3500, "assets": {"land_area": 2.1}, "household": {"member_count": 4}}],
    )
    section: str | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="Where in the record the changed attributes lie, by dot path, such as `members`; none: at its top",
        examples=[None],
    )


class ChangeRequestApproved(ApprovedElsewhere):
    """An approved change request."""

    change_request_id: Annotated[Identifier, Field(examples=["CR-00123"])]
    change_payload: Annotated[
        NewPayload | Items,
        Field(
            description="What it changes: an object, nested or by dot path, or a list of items",
            examples=[{"income": 3500}],
        ),
    ]


class SubmissionApproved(ApprovedElsewhere):
    """An approved intake submission; one that fills several records is told once for each."""

    submission_id: Annotated[Identifier, Field(examples=["SUB-00042"])]
    change_payload: Annotated[
        NewPayload | Items | None,
        Field(description="What it changes; without it, all of `record_attributes`", examples=[None]),
    ] = None


class Received(Answer):
    """It is committed; nothing of it is left for the sender to do."""

    internal_record_id: RecordId
    duplicate: bool = Field(description="It was received before, and nothing was done this time")
    is_latest: bool = Field(
        description="No later change of the record has arrived; else its attributes stay as they are"
    )
    requested_score_types: list[ScoreType]
    ignored_attributes: list[str] = Field(
        description="What the register does not declare, which is not stored", examples=[["photo"]]
    )


class ChangeRequestReceived(Received):
    """What became of an approved change request."""

    change_request_id: Identifier


class SubmissionReceived(Received):
    """What became of an approved submission."""

    submission_id: Identifier
