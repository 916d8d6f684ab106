"""Bodies of asking again for failed scores."""

from pydantic import Field

from api.schemas import Answer, RecordChoice, ScoreType
from api.score_schemas import ChangeRequestId, SubmissionId


class RetryScores(RecordChoice):
    """Which record's failed scores, of one score type or all."""

    score_type: ScoreType | None = None


class RetriedScore(Answer):
    """A failed request that is pending again, and what it had failed with."""

    score_type: ScoreType
    change_request_id: ChangeRequestId
    submission_id: SubmissionId
    error_code: str = Field(examples=["ScoreInputError"])


class RetriedScores(Answer):
    """What is asked for again; empty where nothing had failed."""

    retried: list[RetriedScore]
