"""OpenG2P's error codes, one for each kind of error; `"500"` stands for anything else."""

from collections.abc import Iterable, Mapping

from scoring.errors import (
    ComputeServiceNotFound,
    ContributingAttributeExists,
    ContributingAttributeNotFound,
    InvalidDefinition,
    RegisterPurposeConflict,
    ScoreDefinitionNotFound,
    ScoreNotFound,
    ScoreRequestNotFound,
    ScoringError,
)

DEFINITION_NOT_ALLOWED = "SC-ERR-001"
CONTRIBUTING_ATTRIBUTES_INVALID = "SC-ERR-002"
DEFINITION_NOT_FOUND = "SC-ERR-003"
SCORE_NOT_FOUND = "SC-ERR-004"
QUEUE_ITEM_NOT_FOUND = "SC-ERR-005"
COMPUTE_SERVICE_ERROR = "SC-ERR-006"
VALIDATION_ERROR = "SC-ERR-007"
CONTRIBUTING_ATTRIBUTE_NOT_FOUND = "SC-ERR-008"
ANYTHING_ELSE = "500"

CODES: Mapping[type[ScoringError], str] = {
    RegisterPurposeConflict: DEFINITION_NOT_ALLOWED,
    ContributingAttributeExists: CONTRIBUTING_ATTRIBUTES_INVALID,
    ScoreDefinitionNotFound: DEFINITION_NOT_FOUND,
    ScoreNotFound: SCORE_NOT_FOUND,
    ScoreRequestNotFound: QUEUE_ITEM_NOT_FOUND,
    ComputeServiceNotFound: COMPUTE_SERVICE_ERROR,
    ContributingAttributeNotFound: CONTRIBUTING_ATTRIBUTE_NOT_FOUND,
}

_ATTRIBUTE_FIELDS = ("contributing_attributes", "attribute_")


def code_of_fields(fields: Iterable[str]) -> str:
    """The code for what does not even have the form of a request."""
    are_attributes = all(field.startswith(_ATTRIBUTE_FIELDS) for field in fields)
    return CONTRIBUTING_ATTRIBUTES_INVALID if are_attributes else VALIDATION_ERROR


def code_of(error: ScoringError) -> str:
    """The code for what the core refuses."""
    if isinstance(error, InvalidDefinition) and (error.field or "").startswith(_ATTRIBUTE_FIELDS):
        return CONTRIBUTING_ATTRIBUTES_INVALID
    return next((code for kind, code in CODES.items() if isinstance(error, kind)), VALIDATION_ERROR)
