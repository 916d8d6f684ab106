"""Bodies of asking again for failed scores."""

from typing import Annotated

from pydantic import Field

from api.schemas import Answer, Body, RecordId, ScoreType

NAME = r"^[\w.:@+' \-]+$"


class RetryScores(Body):
    """Which record's failed scores, of one score type or all, and who asks."""

    internal_record_id: RecordId
    score_type: ScoreType | None = None
    requested_by: Annotated[str, Field(min_length=1, max_length=128, pattern=NAME, examples=["officer.kamau"])] = Field(
        description="Kept in the audit log"
    )


class RetriedScore(Answer):
    """A failed request that is pending again, and what it had failed with."""

    score_type: ScoreType
    change_request_id: str = Field(examples=["CR-00123"])
    error_code: str = Field(examples=["ScoreInputError"])


class RetriedScores(Answer):
    """What is asked for again; empty where nothing had failed."""

    retried: list[RetriedScore]
