"""What became of the rows of a batch, collected into one message that Temporal takes."""

from temporalio.exceptions import ApplicationError

from activities.services import Computed
from scoring.batch_messages import ComputedBatch, FailedInBatch
from scoring.messages import MAX_MESSAGE_BYTES

MAX_REASON_BYTES = MAX_MESSAGE_BYTES // 2


class BatchOutcomes:
    """Collects outcomes by sequence; reasons that would make the message too large are left to the record road."""

    def __init__(self, batch_id: str, score_type: str) -> None:
        self._batch_id = batch_id
        self._score_type = score_type
        self._formula = ("", "")
        self._scores: dict[int, float] = {}
        self._failed: dict[tuple[str, str], list[int]] = {}
        self._unsettled: list[int] = []
        self._room = MAX_REASON_BYTES

    def add(self, sequence: int, computed: Computed) -> None:
        """A row has its score."""
        self._formula = (computed.formula_name, computed.formula_version)
        self._scores[sequence] = computed.score

    def add_failure(self, sequence: int, error: ApplicationError) -> None:
        """A row has none: for good, with a reason, or for now."""
        reason = (error.type or "ApplicationError", error.message)
        size = 0 if reason in self._failed else len("".join(reason).encode())
        if not error.non_retryable or size > self._room:
            self._unsettled.append(sequence)
            return
        self._room -= size
        self._failed.setdefault(reason, []).append(sequence)

    def as_message(self) -> ComputedBatch:
        """All of it, in the order of sequences."""
        formula_name, formula_version = self._formula
        sequences = sorted(self._scores)
        return ComputedBatch(
            self._batch_id,
            self._score_type,
            formula_name,
            formula_version,
            sequences,
            [self._scores[sequence] for sequence in sequences],
            [FailedInBatch(sorted(of), *reason) for reason, of in sorted(self._failed.items())],
            sorted(self._unsettled),
        )
