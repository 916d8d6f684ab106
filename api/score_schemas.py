"""Bodies of the score routes: scores with their state, their history, and all it takes to compute one again."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.schemas import Answer, RecordChoice, ScoreType
from store.score_states import ScoreStatus

MAX_SEQUENCE = 2**63 - 1

ChangeRequestId = Annotated[str, Field(examples=["CR-00123"], description="Empty for an intake submission")]
SubmissionId = Annotated[str, Field(examples=[""], description="Of an intake submission; else empty")]
Sequence = Annotated[int, Field(ge=1, le=MAX_SEQUENCE, examples=[4711])]
StorableScoreType = Annotated[ScoreType, Field(pattern=r"^[^\x00]+$")]
Reason = Annotated[str | None, Field(examples=[None], description="Why the latest computation failed; else null")]


class GetScores(RecordChoice):
    """Which record's scores."""


class Score(Answer):
    """The latest score of one score type; a newer one is to come (`pending`), has `failed`, or is due (`stale`)."""

    score_type: ScoreType
    computed_score: float = Field(examples=[1401.83])
    computed_at: datetime
    triggered_by_cr_id: ChangeRequestId
    triggered_by_submission_id: SubmissionId
    status: ScoreStatus
    reason: Reason
    definition_version: int = Field(examples=[1], description="Of the definition that computed it")
    sequence: Sequence


class WithoutScore(Answer):
    """A score type that has no score yet: the first is `pending` or has `failed`."""

    score_type: ScoreType
    status: ScoreStatus
    reason: Reason
    triggered_by_cr_id: ChangeRequestId
    triggered_by_submission_id: SubmissionId
    requested_at: datetime


class Scores(Answer):
    """A record's score types, each in one of both lists; none for a record that has none or that nobody knows."""

    scores: list[Score]
    # apart, since OpenG2P's clients need a number in each item of `scores`
    without_score: list[WithoutScore]


class GetScoreHistory(RecordChoice):
    """Which record's history, of which score type; `before`: the `next` of the page before."""

    score_type: StorableScoreType
    limit: Annotated[int, Field(ge=1, le=500)] = 500
    before: Sequence | None = None


class PastScore(Answer):
    """A score and the change request that caused it."""

    computed_score: float = Field(examples=[1401.83])
    computed_at: datetime
    triggered_by_cr_id: ChangeRequestId
    triggered_by_submission_id: SubmissionId
    sequence: Sequence
    definition_version: int = Field(examples=[1])


class ScoreHistory(Answer):
    """Scores, newest first; `next` is null on the last page."""

    history: list[PastScore]
    next: int | None = Field(examples=[None])


class ExplainScore(RecordChoice):
    """Which score; without `sequence` the latest."""

    score_type: StorableScoreType
    sequence: Sequence | None = None


class ExplainedScore(PastScore):
    """All it takes to compute the number again: the formula in this version, over these values, with this config."""

    register_id: str
    internal_record_id: str
    score_type: ScoreType
    score_definition_id: str
    contributing_attribute_values: dict[str, Any] = Field(examples=[{"income": 3500, "assets.land_area": 2.1}])
    score_config: dict[str, Any] = Field(examples=[{}])
    formula_name: str = Field(examples=["scoring.formulas.PmtScore"])
    formula_version: str = Field(examples=["1"])
    breakdown: dict[str, Any] | None = Field(
        examples=[None], description="What the score is made of, where its compute service tells; else null"
    )
