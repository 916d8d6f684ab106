"""The messages that cross Temporal.

Their field names are data in running workflows: fields are only ever added, with defaults.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from scoring.debounce import MAX_SECONDS, DebouncePolicy
from scoring.errors import ScoringError
from scoring.json_values import require_storable
from scoring.priorities import RequestPriority, fairness_key_or_none, priority_or_high

T = TypeVar("T")

# Temporal fails a run for a payload beyond 2 MB; continue-as-new must be able to carry a record's requests together
MAX_REQUEST_BYTES = 200_000
MAX_MESSAGE_BYTES = 1_000_000
# what in_messages groups is a little larger with the brackets and commas around it
MAX_SIGNAL_BYTES = MAX_MESSAGE_BYTES + 100_000
# what PostgreSQL's bigint and integer hold
MAX_SEQUENCE, MAX_VERSION = 2**63 - 1, 2**31 - 1


@dataclass(frozen=True)
class ScoreRequest:
    """One score type to compute: the snapshot and the definition as they stood when the approval committed.

    `pending_for` and `quiet_for` are the seconds since the first and the last approval of its burst when the relay
    claimed it: its window does not start anew. `instantaneous` is what the compute service says of itself. An intake
    submission has a `submission_id` and an empty `change_request_id`. `priority` and `fairness_key` are Temporal's.
    """

    score_type: str
    sequence: int
    change_request_id: str
    contributing_attribute_values: dict[str, Any]
    score_definition_id: str
    definition_version: int
    score_config: dict[str, Any]
    debounce: DebouncePolicy
    pending_for: float = 0.0
    quiet_for: float = 0.0
    instantaneous: bool = False
    submission_id: str = ""
    priority: int = RequestPriority.HIGH.value
    fairness_key: str = ""


@dataclass(frozen=True)
class ScoresRequested:
    """The signal: the latest requests of one record."""

    requests: list[ScoreRequest]


@dataclass(frozen=True)
class PendingScore:
    """A request that waits, with the times at which its burst began and last went on."""

    request: ScoreRequest
    first_requested_at: datetime
    last_requested_at: datetime

    def due_at(self) -> datetime:
        """When its burst is over."""
        return self.request.debounce.due_at(self.first_requested_at, self.last_requested_at)


@dataclass(frozen=True)
class ComputePolicy:
    """How a computation is tried; durations in seconds, maximum_attempts 0 for no end."""

    timeout: float = 30.0
    initial_interval: float = 1.0
    backoff_coefficient: float = 2.0
    maximum_interval: float = 60.0
    maximum_attempts: int = 20

    def longest(self) -> float:
        """Seconds that all attempts and the waits between them take at most; 0 for a policy without end."""
        wait, waits, remaining = self.initial_interval, 0.0, self.maximum_attempts
        while remaining and self.backoff_coefficient > 1 and wait < self.maximum_interval:
            waits += wait
            wait = min(wait * self.backoff_coefficient, self.maximum_interval)
            remaining -= 1
        return self.maximum_attempts * self.timeout + waits + remaining * wait


@dataclass(frozen=True)
class RecordScoring:
    """What a ScoreRecordWorkflow starts with; pending, taken and taken_at are carried over by continue-as-new."""

    register_id: str
    internal_record_id: str
    compute_policy: ComputePolicy
    pending: list[PendingScore] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)
    taken_at: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class ScoreToCompute:
    """The compute activity's input."""

    register_id: str
    internal_record_id: str
    request: ScoreRequest
    timeout: float


@dataclass(frozen=True)
class ComputedScore:
    """The compute activity's output: a finite score, its formula and, where that tells, what the score is made of."""

    request: ScoreRequest
    computed_score: float
    formula_name: str
    formula_version: str
    breakdown: dict[str, Any] | None = None


@dataclass(frozen=True)
class FailedScore:
    """A request that no further attempt will serve, with the error's class name and a reason for people."""

    request: ScoreRequest
    error_code: str
    reason: str


@dataclass(frozen=True)
class ScoreOutcomes:
    """The persist activity's input: everything of one record that has ended."""

    register_id: str
    internal_record_id: str
    computed: list[ComputedScore] = field(default_factory=list)
    failed: list[FailedScore] = field(default_factory=list)


@dataclass(frozen=True)
class ScoresGivenBack:
    """Requests that a cancelled run leaves to a later one."""

    internal_record_id: str
    requests: list[ScoreRequest]


def size_of(request: ScoreRequest) -> int:
    """The request's size in a message, in bytes."""
    # vars and not asdict, which copies deeply: this is asked of every signal
    return len(json.dumps(vars(request) | {"debounce": vars(request.debounce)}))


def in_messages(items: Sequence[T], request_of: Callable[[T], ScoreRequest]) -> list[list[T]]:
    """The items in the same order, in as few groups as make messages that Temporal takes."""
    groups: list[list[T]] = []
    room = 0
    for item in items:
        size = size_of(request_of(item))
        if isinstance(item, ComputedScore) and item.breakdown:
            size += len(json.dumps(item.breakdown))
        if size > room:
            groups.append([])
            room = MAX_MESSAGE_BYTES
        groups[-1].append(item)
        room -= size
    return groups


def read_signal(message: object) -> list[ScoreRequest]:
    """The requests in a signal's argument, whatever it is; what does not read as a request is left out.

    Anyone may signal a workflow from the CLI, and an exception in a signal handler would wedge the run.
    """
    requests = message.get("requests") if isinstance(message, Mapping) else None
    if not isinstance(requests, list) or _is_larger_than_a_signal(message):
        return []
    return [request for request in map(_read_request, requests) if request is not None]


def _is_larger_than_a_signal(message: object) -> bool:
    """Measured first, in C: looking at each of a million values takes longer than a workflow task may."""
    try:
        return len(json.dumps(message)) > MAX_SIGNAL_BYTES
    except (TypeError, ValueError, RecursionError):
        return True


def _read_request(message: object) -> ScoreRequest | None:
    try:
        return _request_of(message)
    except (KeyError, TypeError, ScoringError):
        return None


def _request_of(message: object) -> ScoreRequest:
    fields = _typed(message, dict)
    debounce = _typed(fields["debounce"], dict)
    request = ScoreRequest(
        score_type=_typed(fields["score_type"], str),
        sequence=_typed(fields["sequence"], int),
        change_request_id=_typed(fields["change_request_id"], str),
        contributing_attribute_values=_typed(fields["contributing_attribute_values"], dict),
        score_definition_id=_typed(fields["score_definition_id"], str),
        definition_version=_typed(fields["definition_version"], int),
        score_config=_typed(fields["score_config"], dict),
        debounce=DebouncePolicy(debounce["quiet_period"], debounce["max_wait"]),
        pending_for=_seconds(fields.get("pending_for", 0.0)),
        quiet_for=_seconds(fields.get("quiet_for", 0.0)),
        instantaneous=fields.get("instantaneous") is True,
        submission_id=_typed(fields.get("submission_id", ""), str),
        priority=priority_or_high(fields.get("priority")),
        fairness_key=fairness_key_or_none(fields.get("fairness_key")),
    )
    _require_persistable(request)
    return request


def _require_persistable(request: ScoreRequest) -> None:
    if not 0 < request.sequence <= MAX_SEQUENCE:
        raise TypeError("sequence")
    if not 0 < request.definition_version <= MAX_VERSION:
        raise TypeError("definition_version")
    require_storable(vars(request) | {"debounce": None}, "request")
    # only now: what is nested without end cannot be measured
    if size_of(request) > MAX_REQUEST_BYTES:
        raise TypeError("size")


def _seconds(value: object) -> float:
    match value:
        case bool():
            pass
        case int() | float() if 0 <= value < math.inf:
            # in this order: an integer may be larger than any float
            return float(min(value, MAX_SECONDS))
    raise TypeError("seconds")


def _typed(value: object, expected: type[T]) -> T:
    # JSON has no subclasses, and True is no int here
    if type(value) is not expected:
        raise TypeError(expected.__name__)
    return value
