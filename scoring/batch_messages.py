"""The messages of a batch. They hold no record's id, and of attributes only what a service tells in a breakdown:
activities load their rows by the batch's id.

Their field names are data in running workflows: fields are only ever added, with defaults.
"""

from dataclasses import dataclass, field
from typing import Any

from scoring.messages import ComputePolicy


@dataclass(frozen=True)
class BatchGroup:
    """Score types that are computed and stored together; `locally` where that takes no time."""

    score_types: list[str]
    locally: bool = False


@dataclass(frozen=True)
class BatchScoring:
    """What a ScoreBatchWorkflow starts with."""

    batch_id: str
    register_id: str
    groups: list[BatchGroup]
    compute_policy: ComputePolicy


@dataclass(frozen=True)
class BatchToCompute:
    """Some score types of a batch; `timeout` in seconds, for each record."""

    batch_id: str
    score_types: list[str]
    timeout: float
    register_id: str = ""


@dataclass(frozen=True)
class ScoresOfBatch:
    """The scores that one formula computed, in the order of `sequences`, each of which names one request.

    So are the `breakdowns`, unless the formula tells of none.
    """

    formula_name: str
    formula_version: str
    sequences: list[int]
    scores: list[float]
    breakdowns: list[dict[str, Any] | None] = field(default_factory=list)


@dataclass(frozen=True)
class FailedInBatch:
    """Requests, by sequence, that ended for the same reason and that no further attempt will serve."""

    sequences: list[int]
    error_code: str
    reason: str


@dataclass(frozen=True)
class ComputedBatch:
    """What became of some score types of a batch.

    `unsettled` are requests, by sequence, whose first attempt failed or whose outcome found no room in the message:
    the record road goes on with them.
    """

    batch_id: str
    computed: list[ScoresOfBatch] = field(default_factory=list)
    failed: list[FailedInBatch] = field(default_factory=list)
    unsettled: list[int] = field(default_factory=list)
    register_id: str = ""


@dataclass(frozen=True)
class BatchGivenBack:
    """What its run will not compute of a batch, all of it without score types; `to_record_road` when it could not."""

    batch_id: str
    score_types: list[str] | None = None
    to_record_road: bool = False
