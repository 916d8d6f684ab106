"""Runs as a played Temporal has them: the real state of a record's run, and the order in which a run goes on."""

from dataclasses import dataclass, field
from datetime import datetime

from protocol.steps import REGISTER, SCORE_TYPES, Fate, Fates, Write, reason_of, score_of
from scoring.batch_messages import BatchGivenBack
from scoring.messages import (
    ComputedScore,
    FailedScore,
    PendingScore,
    ScoreOutcomes,
    ScoreRequest,
    ScoresGivenBack,
)
from scoring.pending import PendingScores


@dataclass
class RecordRun:
    """One record's ScoreRecordWorkflow: `PendingScores` is the real one, the rest follows its `run`."""

    internal_record_id: str
    pending: PendingScores = field(default_factory=PendingScores)
    signals: list[list[ScoreRequest]] = field(default_factory=list)
    """Accepted, not read yet."""
    in_hand: list[ScoreRequest] = field(default_factory=list)
    retried: dict[str, ScoreRequest] = field(default_factory=dict)
    writing: ScoreOutcomes | ScoresGivenBack | None = None
    is_cancelled: bool = False
    highest: dict[str, int] = field(default_factory=dict)
    """The highest sequence it was told of, by score type."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do: Temporal lets no run complete that has a signal to read."""
        return not (self.signals or self.pending or self.in_hand or self.retried or self.writing)

    @property
    def sequences(self) -> set[int]:
        """What it has, in whatever state."""
        unread = [request for signal in self.signals for request in signal]
        waiting = [score.request for score in self.pending.waiting]
        return {request.sequence for request in [*unread, *waiting, *self.in_hand, *self.retried.values()]}

    def read(self, requests: list[ScoreRequest], now: datetime) -> None:
        """Take in a signal; I3: what is not newer changes nothing, whatever comes in holds the highest sequence."""
        for request in requests:
            before = self.pending.waiting, self.pending.taken
            is_newer = request.sequence > self.highest.get(request.score_type, 0)
            self.highest[request.score_type] = max(request.sequence, self.highest.get(request.score_type, 0))
            self.pending.add(request, now)
            assert is_newer or (self.pending.waiting, self.pending.taken) == before, (
                "I3: an older one changed something"
            )
        assert self._known() == self.highest, "I3: not the highest sequence"

    def _known(self) -> dict[str, int]:
        waiting = {score.request.score_type: score.request.sequence for score in self.pending.waiting}
        return self.pending.taken | waiting

    def read_all(self, now: datetime) -> None:
        """Signals come before everything else."""
        while self.signals:
            self.read(self.signals.pop(0), now)

    def take(self, now: datetime, fates: Fates) -> None:
        """Take into hand what retries have an outcome for, else what is due; a cancelled run takes everything."""
        if self.writing:
            return
        if self.is_cancelled:
            self.in_hand += [*self.retried.values(), *self.pending.take_all()]
            self.retried = {}
        elif not self.in_hand:
            ended = [one for one in self.retried.values() if _fate(fates, one) is not Fate.FAILED_FOR_NOW]
            self.in_hand = ended or self.pending.take_due(now)
            for request in self.in_hand:
                self.retried.pop(request.score_type, None)

    def compute(self, fates: Fates) -> None:
        """Make what is in hand the next write; what may succeed later goes into retries."""
        if self.writing or not self.in_hand:
            return
        if self.is_cancelled:
            self.writing = ScoresGivenBack(self.internal_record_id, self.in_hand)
            return
        self.retried |= {one.score_type: one for one in self.in_hand if _fate(fates, one) is Fate.FAILED_FOR_NOW}
        self.in_hand = [one for one in self.in_hand if one.score_type not in self.retried]
        if self.in_hand:
            self.writing = self._outcomes(fates)

    def _outcomes(self, fates: Fates) -> ScoreOutcomes:
        scored = [one for one in self.in_hand if _fate(fates, one) is Fate.SCORED]
        failed = [one for one in self.in_hand if _fate(fates, one) is Fate.FAILED]
        return ScoreOutcomes(
            REGISTER,
            self.internal_record_id,
            [ComputedScore(one, score_of(one.contributing_attribute_values), "score_of", "1") for one in scored],
            [FailedScore(one, "ScoreInputError", reason_of(one.sequence)) for one in failed],
        )

    def written(self, now: datetime) -> None:
        """It has heard that the write is done."""
        if isinstance(self.writing, ScoreOutcomes):
            self.pending.stored([one.request.score_type for one in self.writing.computed], now)
            self.pending.failed([one.request.score_type for one in self.writing.failed])
        self.writing, self.in_hand = None, []

    def continue_as_new(self, now: datetime) -> None:
        """Carry over what waits and what is in retries, as the workflow does."""
        waiting = {score.request.score_type: score for score in self.pending.waiting}
        for request in self.retried.values():
            waiting.setdefault(request.score_type, PendingScore(request, now, now))
        self.pending, self.retried = PendingScores(waiting.values(), self.pending.taken, self.pending.taken_at), {}


@dataclass
class BatchRun:
    """One ScoreBatchWorkflow: each score type by itself, with the write that it has come to."""

    batch_id: str
    register_id: str
    parts: dict[str, Write | None]

    def cancel(self) -> None:
        """All that is left is to give back the whole batch."""
        self.parts = {"": BatchGivenBack(self.batch_id)}

    def give_up_computing(self) -> None:
        """What no attempt could compute as a batch is left to the record road."""
        for score_type, write in self.parts.items():
            if write is None:
                self.parts[score_type] = BatchGivenBack(self.batch_id, [score_type], to_record_road=True)


def _fate(fates: Fates, request: ScoreRequest) -> Fate:
    return fates[SCORE_TYPES.index(request.score_type)]
