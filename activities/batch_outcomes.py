"""What became of the rows of a batch, collected into one message that Temporal takes."""

import json

from temporalio.exceptions import ApplicationError

from activities.services import Computed
from scoring.batch_messages import ComputedBatch, FailedInBatch, ScoresOfBatch
from scoring.messages import MAX_MESSAGE_BYTES

MAX_REASON_BYTES = MAX_MESSAGE_BYTES // 2
FEWEST_ROWS_OF_AN_OUTAGE = 10


class BatchOutcomes:
    """Collects outcomes by sequence; reasons that would make the message too large are left to the record road."""

    def __init__(self, batch_id: str) -> None:
        self._batch_id = batch_id
        self._scores: dict[tuple[str, str], dict[int, float]] = {}
        self._failed: dict[tuple[str, str], list[int]] = {}
        self._unsettled: list[int] = []
        self._room = MAX_REASON_BYTES

    def add(self, sequence: int, computed: Computed) -> None:
        """A row has its score."""
        formula = (computed.formula_name, computed.formula_version)
        self._scores.setdefault(formula, {})[sequence] = computed.score

    def add_failure(self, sequence: int, error: ApplicationError) -> None:
        """A row has none: for good, with a reason, or for now."""
        reason = (error.type or "ApplicationError", error.message)
        size = 0 if reason in self._failed else len(json.dumps(reason))
        if not error.non_retryable or size > self._room:
            self._unsettled.append(sequence)
            return
        self._room -= size
        self._failed.setdefault(reason, []).append(sequence)

    def is_outage(self) -> bool:
        """Whether so much failed for now that it is rather the service than the rows."""
        rows = len(self._unsettled) + sum(len(some) for some in (*self._scores.values(), *self._failed.values()))
        return rows >= FEWEST_ROWS_OF_AN_OUTAGE and len(self._unsettled) > rows / 2

    def as_message(self) -> ComputedBatch:
        """All of it, in the order of sequences."""
        return ComputedBatch(
            self._batch_id,
            [_scores(formula, scores) for formula, scores in sorted(self._scores.items())],
            [FailedInBatch(sorted(sequences), *reason) for reason, sequences in sorted(self._failed.items())],
            sorted(self._unsettled),
        )


def _scores(formula: tuple[str, str], scores: dict[int, float]) -> ScoresOfBatch:
    sequences = sorted(scores)
    return ScoresOfBatch(*formula, sequences, [scores[sequence] for sequence in sequences])
