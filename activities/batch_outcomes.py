"""What became of the rows of a batch, collected into one message that Temporal takes."""

import json

from temporalio.exceptions import ApplicationError

from activities.services import Computed
from scoring.batch_messages import ComputedBatch, FailedInBatch, ScoresOfBatch
from scoring.messages import MAX_MESSAGE_BYTES

MAX_TEXT_BYTES = MAX_MESSAGE_BYTES // 2
"""Of reasons and breakdowns together."""
FEWEST_ROWS_OF_AN_OUTAGE = 10


class BatchOutcomes:
    """Collects outcomes by sequence; what would make the message too large is left to the record road.

    That are scores whose breakdowns find no room any more, and failures whose reasons find none.
    """

    def __init__(self, batch_id: str, register_id: str = "") -> None:
        self._batch_id = batch_id
        self._register_id = register_id
        self._computed: dict[tuple[str, str], dict[int, Computed]] = {}
        self._failed: dict[tuple[str, str], list[int]] = {}
        self._failed_for_now: list[int] = []
        self._left_over: list[int] = []
        self._room = MAX_TEXT_BYTES

    def add(self, sequence: int, computed: Computed) -> None:
        """A row has its score."""
        if computed.breakdown is not None and not self._takes(computed.breakdown):
            self._left_over.append(sequence)
            return
        formula = (computed.formula_name, computed.formula_version)
        self._computed.setdefault(formula, {})[sequence] = computed

    def add_failure(self, sequence: int, error: ApplicationError) -> None:
        """A row has none: for good, with a reason, or for now."""
        reason = (error.type or "ApplicationError", error.message)
        if not error.non_retryable:
            self._failed_for_now.append(sequence)
        elif reason in self._failed or self._takes(reason):
            self._failed.setdefault(reason, []).append(sequence)
        else:
            self._left_over.append(sequence)

    def _takes(self, text: object) -> bool:
        """Whether there is room for it, which is then taken."""
        size = len(json.dumps(text))
        if size > self._room:
            return False
        self._room -= size
        return True

    def is_outage(self) -> bool:
        """Whether so much failed for now that it is rather the service than the rows."""
        ended = (self._failed_for_now, self._left_over, *self._computed.values(), *self._failed.values())
        rows = sum(len(some) for some in ended)
        return rows >= FEWEST_ROWS_OF_AN_OUTAGE and len(self._failed_for_now) > rows / 2

    def as_message(self) -> ComputedBatch:
        """All of it, in the order of sequences."""
        return ComputedBatch(
            self._batch_id,
            [_scores(formula, computed) for formula, computed in sorted(self._computed.items())],
            [FailedInBatch(sorted(sequences), *reason) for reason, sequences in sorted(self._failed.items())],
            sorted(self._failed_for_now + self._left_over),
            self._register_id,
        )


def _scores(formula: tuple[str, str], computed: dict[int, Computed]) -> ScoresOfBatch:
    sequences = sorted(computed)
    breakdowns = [computed[sequence].breakdown for sequence in sequences]
    told = breakdowns if any(one is not None for one in breakdowns) else []
    return ScoresOfBatch(*formula, sequences, [computed[sequence].score for sequence in sequences], told)
