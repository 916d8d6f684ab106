"""A played Temporal: it keeps runs and what they are told, loses them when told to, and repeats what they write."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from temporalio.exceptions import ApplicationError

from activities.batch_outcomes import BatchOutcomes
from activities.services import Computed
from protocol.runs import BatchRun, RecordRun
from protocol.steps import RECORDS, Fate, Fates, Stop, Write, reason_of, score_of
from scoring.batch_messages import ComputedBatch
from scoring.messages import ScoreOutcomes
from store.batches import Batch, BatchRow
from store.outbox import RecordRequests


class PlayedTemporal:
    """Open runs by record and by batch, and the writes whose attempts nobody waits for any more."""

    def __init__(self, write: Callable[[Write], None], load: Callable[[str, str], list[BatchRow]]) -> None:
        self._write = write
        self._load = load
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.record_runs: dict[str, RecordRun] = {}
        self.batch_runs: dict[str, BatchRun] = {}
        self.late: list[Write] = []
        self.lost: set[int] = set()
        """The sequences of runs that did not come to their end: only the sweeper finds them."""
        self.astray: set[int] = set()
        """The sequences that were written for runs that had ended by then."""

    @property
    def sequences(self) -> set[int]:
        """What its record runs have, in whatever state."""
        return {sequence for run in self.record_runs.values() for sequence in run.sequences}

    def let_pass(self, seconds: int) -> None:
        """Move the workflows' clock."""
        self.now += timedelta(seconds=seconds)

    def receive(self, message: RecordRequests | Batch) -> None:
        """Signal-with-start, or the start of a batch; an open run goes on, unless it is to be started anew."""
        if isinstance(message, Batch):
            parts: dict[str, Write | None] = dict.fromkeys(message.score_types)
            self.batch_runs.setdefault(message.batch_id, BatchRun(message.batch_id, message.register_id, parts))
            return
        if message.restart and message.internal_record_id in self.record_runs:
            self.lose_record(self.record_runs[message.internal_record_id])
        run = self.record_runs.setdefault(message.internal_record_id, RecordRun(message.internal_record_id))
        run.signals.append(message.requests)

    def record_goes_on(self, run: RecordRun, fates: Fates, stop: Stop) -> None:
        """Read, take what is due, compute and write it: up to the stop."""
        run.read_all(self.now)
        run.take(self.now, fates)
        if stop is Stop.TAKEN:
            return
        run.compute(fates)
        if run.writing and self._attempt(run.writing, stop):
            run.written(self.now)
        if run.is_over:
            del self.record_runs[run.internal_record_id]

    def batch_goes_on(self, run: BatchRun, score_type: str, fates: Fates, stop: Stop) -> None:
        """Compute and write one score type: up to the stop."""
        if stop is Stop.TAKEN:
            return
        write = run.parts[score_type] or self._compute(run, score_type, fates)
        run.parts[score_type] = write
        if self._attempt(write, stop):
            del run.parts[score_type]
        if not run.parts:
            del self.batch_runs[run.batch_id]

    def _compute(self, run: BatchRun, score_type: str, fates: Fates) -> ComputedBatch:
        outcomes = BatchOutcomes(run.batch_id, run.register_id)
        for row in self._load(run.batch_id, score_type):
            fate = fates[RECORDS.index(row.internal_record_id)]
            if fate is Fate.SCORED:
                outcomes.add(row.sequence, Computed(score_of(row.contributing_attribute_values), "score_of", "1"))
            else:
                error = ApplicationError(
                    reason_of(row.sequence), type="ScoreInputError", non_retryable=fate is Fate.FAILED
                )
                outcomes.add_failure(row.sequence, error)
        return outcomes.as_message()

    def _attempt(self, write: Write, stop: Stop) -> bool:
        """Whether the run hears that the write is done."""
        if stop in {Stop.TIMED_OUT, Stop.WRITTEN_LATE}:
            self.late.append(write)
        if stop in {Stop.WRITTEN, Stop.WRITTEN_LATE, Stop.UNNOTICED}:
            self._write(write)
        return stop in {Stop.WRITTEN, Stop.WRITTEN_LATE}

    def get_through(self, which: int) -> None:
        """An attempt that nobody waits for any more writes after all; it may have a twin."""
        write = self.late[which]
        if isinstance(write, ScoreOutcomes) and not self._goes_on_with(write):
            self.astray |= {computed.request.sequence for computed in write.computed}
        self._write(write)

    def _goes_on_with(self, write: ScoreOutcomes) -> bool:
        run = self.record_runs.get(write.internal_record_id)
        return run is not None and run.writing is write

    def cancel_record(self, run: RecordRun) -> None:
        """The run gives back what it has; an attempt that is under way may still get through."""
        self.late += [run.writing] if run.writing else []
        self.lost |= run.sequences
        run.writing, run.is_cancelled = None, True

    def lose_record(self, run: RecordRun) -> None:
        """Terminated: nothing more happens, but an attempt that is under way may still get through."""
        self.late += [run.writing] if run.writing else []
        self.lost |= run.sequences
        del self.record_runs[run.internal_record_id]

    def cancel_batch(self, run: BatchRun) -> None:
        """The run gives back the batch; attempts that are under way may still get through."""
        self.late += [write for write in run.parts.values() if write]
        run.cancel()

    def lose_batch(self, run: BatchRun) -> None:
        """Terminated: nothing more happens, but attempts that are under way may still get through."""
        self.late += [write for write in run.parts.values() if write]
        del self.batch_runs[run.batch_id]

    def lose_everything(self) -> None:
        """Wiped clean of data."""
        for run in list(self.record_runs.values()):
            self.lose_record(run)
        for batch_run in list(self.batch_runs.values()):
            self.lose_batch(batch_run)
