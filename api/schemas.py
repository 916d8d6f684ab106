"""What bodies have in common."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

RECORD_ID = "3f0e7c9a-6a37-4c55-9a3e-0f6f6f1f9b11"
REGISTER_ID = "a2f1b0de-0f5c-4f1e-8a3b-6f2f6f1f9b22"


class Body(BaseModel):
    """What is sent: no unknown fields, no coercion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Answer(BaseModel):
    """What is answered, read from rows."""

    model_config = ConfigDict(from_attributes=True)


MAX_ATTRIBUTES = 1_000
"""A register or a definition has at most, where it is made over HTTP."""
MAX_NAMES = 10_000
"""An object that is sent has at most, at its top."""

IDENTIFIER = r"^[\w.:\-]+$"
Identifier = Annotated[str, Field(min_length=1, max_length=128, pattern=IDENTIFIER)]
ScoreType = Annotated[str, Field(min_length=1, max_length=64, examples=["PMT_SCORE"])]
RecordId = Annotated[Identifier, Field(examples=[RECORD_ID])]
RegisterId = Annotated[Identifier, Field(examples=[REGISTER_ID])]


def _one_record_key(schema: dict[str, Any]) -> None:
    # what `_known_by_either_name` accepts, in the terms of JSON Schema
    properties = schema["properties"]
    name, other = "internal_record_id", "link_internal_record_id"
    properties[other] = properties[name] | {"description": f"OpenG2P's newer name for {name}"}
    schema["required"] = [field for field in schema["required"] if field != name]
    schema["oneOf"] = [{"required": [name]}, {"required": [other]}]


class RecordChoice(Body):
    """Which record, by either of OpenG2P's names for its key."""

    model_config = ConfigDict(json_schema_extra=_one_record_key)

    internal_record_id: RecordId

    @model_validator(mode="before")
    @classmethod
    def _known_by_either_name(cls, fields: Any) -> Any:
        if not isinstance(fields, dict) or "link_internal_record_id" not in fields:
            return fields
        linked = fields["link_internal_record_id"]
        if fields.get("internal_record_id", linked) != linked:
            raise ValueError("internal_record_id and link_internal_record_id name different records; send one of them")
        rest = {name: value for name, value in fields.items() if name != "link_internal_record_id"}
        return rest | {"internal_record_id": linked}
