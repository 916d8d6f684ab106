"""Recomputing a register: where it stands, and the messages of its run. None of them holds a record's id or attribute.

Field names are data in running workflows: fields are only ever added, with defaults.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class RecomputationStatus(StrEnum):
    """Where a recomputation stands; three of these are ends."""

    REQUESTED = "REQUESTED"
    """No page has been requested yet."""
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self in {self.REQUESTED, self.RUNNING, self.PAUSED}


@dataclass(frozen=True)
class RecomputationProgress:
    """How far it is, in records; `page` is what the latest step looked at, `rate` the records a second it may request.

    `requested` of the records `looked_at` were asked for, `outstanding` of these wait for their score, `failed` got
    none. `status` is empty where nobody ever asked for a recomputation.
    """

    recomputation_id: str = ""
    status: str = ""
    total: int | None = None
    looked_at: int = 0
    requested: int = 0
    outstanding: int = 0
    failed: int = 0
    rate: float | None = None
    page: int = 0
    all_requested: bool = False
    reason: str | None = None


@dataclass(frozen=True)
class RegisterRecomputation:
    """What a RecomputeRegisterWorkflow starts with; `progress` is carried over by continue-as-new."""

    register_id: str
    score_type: str
    progress: RecomputationProgress = field(default_factory=RecomputationProgress)
    steps_a_run: int = 100


@dataclass(frozen=True)
class RecomputationStep:
    """One step of the recomputation that a register and score type have."""

    register_id: str
    score_type: str


@dataclass(frozen=True)
class RecomputationChange:
    """A status that somebody, or a failure, gives to the recomputation that a register and score type have."""

    register_id: str
    score_type: str
    status: str
    reason: str | None = None
