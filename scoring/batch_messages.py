"""The messages of a batch. They hold no attribute and no record's id: activities load their rows by the batch's id.

Their field names are data in running workflows: fields are only ever added, with defaults.
"""

from dataclasses import dataclass, field

from scoring.messages import ComputePolicy


@dataclass(frozen=True)
class BatchScoring:
    """What a ScoreBatchWorkflow starts with."""

    batch_id: str
    register_id: str
    score_types: list[str]
    compute_policy: ComputePolicy


@dataclass(frozen=True)
class BatchToCompute:
    """One score type of a batch; `timeout` in seconds, for each record."""

    batch_id: str
    score_type: str
    timeout: float


@dataclass(frozen=True)
class FailedInBatch:
    """Requests, by sequence, that ended for the same reason and that no further attempt will serve."""

    sequences: list[int]
    error_code: str
    reason: str


@dataclass(frozen=True)
class ComputedBatch:
    """What became of one score type of a batch; `scores` in the order of `sequences`, each of which names one request.

    `unsettled` are requests whose first attempt failed: their retries belong to the record road.
    """

    batch_id: str
    score_type: str
    formula_name: str = ""
    formula_version: str = ""
    sequences: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    failed: list[FailedInBatch] = field(default_factory=list)
    unsettled: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class BatchGivenBack:
    """A batch, or one score type of it, that its run will not compute; `to_record_road` when it could not."""

    batch_id: str
    score_type: str | None = None
    to_record_road: bool = False
