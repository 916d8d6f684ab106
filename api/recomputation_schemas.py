"""Bodies of the recomputations' routes."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.schemas import Answer, Body, Identifier, RegisterId, ScoreType
from scoring.recompute_messages import RecomputationStatus
from store.recomputation_requests import MAX_RATE, MIN_RATE
from store.recomputations import Recomputation as StoredRecomputation

RECOMPUTATION_ID = "recompute:0b8a3c6e-6f0d-4b5a-9a3e-0f6f6f1f9b44"

RecomputationId = Annotated[Identifier, Field(examples=[RECOMPUTATION_ID])]
Rate = Annotated[float, Field(ge=MIN_RATE, le=MAX_RATE, description="Records a second at most", examples=[100])]


class RecomputeScores(Body):
    """Which register's scores, of which types (every enabled one where none is named), and how fast."""

    register_id: RegisterId
    score_types: Annotated[list[ScoreType], Field(min_length=1, max_length=100)] | None = None
    only_stale: bool = Field(default=False, description="Leave alone what the definition's latest version has computed")
    rate: Rate | None = None


class StartedRecomputation(Answer):
    """A recomputation that was started, or `joined` as it is under way already."""

    recomputation_id: RecomputationId
    score_type: ScoreType
    status: RecomputationStatus
    joined: bool
    workflow_id: str = Field(description="The id of its run in Temporal")


class StartedRecomputations(Answer):
    """One for each score type, by score type."""

    recomputations: list[StartedRecomputation]


class ChooseRecomputation(Body):
    """Which recomputation."""

    recomputation_id: RecomputationId


class Recomputation(Answer):
    """How far a recomputation is, in records."""

    recomputation_id: RecomputationId
    register_id: RegisterId
    score_type: ScoreType
    status: RecomputationStatus
    only_stale: bool
    rate: float | None
    total: int | None = Field(description="Records of the register; counted when it begins")
    looked_at: int
    requested: int = Field(description="Of those looked at, the ones whose score was asked for")
    outstanding: int = Field(description="Of those requested, the ones that wait for their score")
    failed: int = Field(description="Of those requested, the ones that got none")
    reason: str | None = Field(description="Why it FAILED")
    requested_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    workflow_id: str = Field(description="The id of its run in Temporal")


class Recomputations(Answer):
    """The latest recomputations of a register, newest first."""

    recomputations: list[Recomputation]


def recomputation_answer(stored: StoredRecomputation) -> Recomputation:
    """The recomputation as it is answered."""
    names = Recomputation.model_fields.keys()
    parts = vars(stored.progress) | vars(stored) | {"workflow_id": stored.workflow_id}
    return Recomputation.model_validate({name: parts[name] for name in names})
