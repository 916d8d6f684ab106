"""Bodies of the lists: each has its rows and `next`, which continues it and is null at its end only."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.registry_schemas import WORKFLOW_ID, ChangeRequest
from api.schemas import Answer, RecordId, ScoreType
from store.score_states import ScoreStatus
from store.tables import ComputeStatus, RequestReason

Next = Annotated[str | None, Field(description="Send it as `after` for the next page; null: there is none")]


class ListedScore(Answer):
    """A score of a register, and what stands in the way of it."""

    internal_record_id: RecordId
    score_type: ScoreType
    computed_score: float = Field(examples=[1401.83])
    computed_at: datetime
    triggered_by_cr_id: str = Field(examples=["CR-00123"])
    triggered_by_submission_id: str
    definition_version: int
    status: ScoreStatus
    reason: str | None = Field(description="Why the latest computation failed")


class ScoreList(Answer):
    """Scores of a register; with a filter that few pass, a page may be short and continue all the same."""

    scores: list[ListedScore]
    next: Next


class FailedRequest(Answer):
    """A score that could not be computed; `retry_scores` asks for it again."""

    internal_record_id: RecordId
    score_type: ScoreType
    error_code: str | None = Field(examples=["ScoreInputError"])
    reason: str | None = Field(examples=["income is missing"])
    failed_at: datetime
    change_request_id: str
    submission_id: str
    sequence: int
    definition_version: int
    workflow_id: str | None = Field(description=WORKFLOW_ID)


class FailedRequests(Answer):
    """A register's failed score requests, newest first."""

    failed_requests: list[FailedRequest]
    next: Next


class PendingRequest(Answer):
    """A score that is asked for and not computed yet."""

    internal_record_id: RecordId
    score_type: ScoreType
    change_request_id: str = Field(description="A recomputation's id, where that is the reason")
    submission_id: str
    requested_at: datetime
    due_at: datetime = Field(description="When its window ends")
    compute_status: ComputeStatus = Field(description="PENDING: waits; PROCESSING: Temporal has it")
    reason: RequestReason
    sequence: int
    definition_version: int
    workflow_id: str | None = Field(description=WORKFLOW_ID)


class PendingRequests(Answer):
    """A register's score requests that are not settled, by the time they are due."""

    pending_requests: list[PendingRequest]
    next: Next


class DefinitionEvent(Answer):
    """What somebody did to a score definition."""

    occurred_at: datetime
    action: str = Field(examples=["update_score_definition"])
    actor: str
    username: str | None
    source: str = Field(description="By which way in: api, cli or hook")
    details: dict[str, Any]


class DefinitionHistory(Answer):
    """What was done to a score definition, newest first."""

    score_definition_history: list[DefinitionEvent]
    next: Next


class AuditEntry(DefinitionEvent):
    """Who did what, to what, and from where."""

    audit_id: int
    subject: str = Field(description="The id of what was acted on")
    address: str | None


class AuditLog(Answer):
    """What was done, newest first."""

    entries: list[AuditEntry]
    next: Next


class ChangeRequests(Answer):
    """Change requests by the time they were made."""

    change_requests: list[ChangeRequest]
    next: Next
