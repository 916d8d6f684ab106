"""What a record's run still has to compute: one request per score type, the highest sequence wins."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from scoring.messages import PendingScore, ScoreRequest


class PendingScores:
    """Collapses requests by sequence, whatever order they arrive in and however often; knows what is due."""

    def __init__(
        self,
        waiting: Iterable[PendingScore] = (),
        taken: Mapping[str, int] | None = None,
        taken_at: Mapping[str, datetime] | None = None,
    ) -> None:
        self._waiting = {score.request.score_type: score for score in waiting}
        self._taken = dict(taken or {})
        self._taken_at = dict(taken_at or {})

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def waiting(self) -> list[PendingScore]:
        """What waits, by score type."""
        return [self._waiting[score_type] for score_type in sorted(self._waiting)]

    @property
    def taken(self) -> dict[str, int]:
        """The highest sequence taken, by score type."""
        return dict(self._taken)

    @property
    def taken_at(self) -> dict[str, datetime]:
        """When the last score that did not fail was taken or, later, stored, by score type: no burst begins before."""
        return dict(self._taken_at)

    def add(self, request: ScoreRequest, now: datetime) -> None:
        """Take in a request; one that is not newer than what is known changes nothing, not even the deadline."""
        if request.sequence <= self._known_sequence(request.score_type):
            return
        waiting = self._waiting.get(request.score_type)
        began_at = now - timedelta(seconds=request.pending_for)
        began_at = max(began_at, self._taken_at.get(request.score_type, began_at))
        if waiting:
            began_at = min(began_at, waiting.first_requested_at)
            request = _as_urgent(request, waiting.request)
        last_at = max(began_at, now - timedelta(seconds=request.quiet_for))
        self._waiting[request.score_type] = PendingScore(request, began_at, last_at)

    def _known_sequence(self, score_type: str) -> int:
        waiting = self._waiting.get(score_type)
        return waiting.request.sequence if waiting else self._taken.get(score_type, 0)

    def next_due_at(self) -> datetime | None:
        """When the first of what waits is due; None when nothing waits."""
        return min((score.due_at() for score in self._waiting.values()), default=None)

    def take_due(self, now: datetime) -> list[ScoreRequest]:
        """Remove and return what is due, by score type."""
        requests = self._take([score for score in self.waiting if score.due_at() <= now])
        self._taken_at |= {request.score_type: now for request in requests}
        return requests

    def take_all(self) -> list[ScoreRequest]:
        """Remove and return everything, due or not, by score type."""
        return self._take(self.waiting)

    def stored(self, score_types: Iterable[str], now: datetime) -> None:
        """Scores were stored: what is newer and waits begins its burst now, as its row does."""
        for score_type in score_types:
            self._taken_at[score_type] = now
            if waiting := self._waiting.get(score_type):
                self._waiting[score_type] = PendingScore(waiting.request, now, now)

    def failed(self, score_types: Iterable[str]) -> None:
        """Nothing was stored of these: who asks again waits for no window that began with them."""
        for score_type in score_types:
            self._taken_at.pop(score_type, None)

    def _take(self, scores: Iterable[PendingScore]) -> list[ScoreRequest]:
        requests = [score.request for score in scores]
        for request in requests:
            del self._waiting[request.score_type]
            self._taken[request.score_type] = request.sequence
        return requests


def _as_urgent(request: ScoreRequest, waiting: ScoreRequest) -> ScoreRequest:
    """What waits is as urgent as the most urgent that asked, and no later storm draws it in."""
    keys = request.priority, request.fairness_key
    # mostly they are the same, and a copy takes time: a run reads up to 2,000 signals within one workflow task
    if request.priority < waiting.priority or keys == (waiting.priority, waiting.fairness_key):
        return request
    return replace(request, priority=waiting.priority, fairness_key=waiting.fairness_key)
