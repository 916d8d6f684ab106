"""What must hold after every step, whatever crashed: I1, I4, I5, the fixed window and the copy, as stored rows show."""

import re
from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any

from protocol.database import Key, Stored, key_of
from protocol.steps import FIXED, FIXED_WINDOW


class Oracle:
    """Knows which approvals committed and what each would score, and what was stored before."""

    def __init__(self) -> None:
        self._expected: dict[Key, dict[int, float]] = {}
        self._scores: dict[Key, int] = {}
        self._history: dict[Key, list[int]] = {}
        self._hurried: set[int] = set()
        self.stored_at: dict[Key, datetime] = {}
        """When the newest score was."""
        self.statuses: set[str] = set()

    def expect(self, key: Key, sequence: int, score: float) -> None:
        """A request has committed."""
        self._expected.setdefault(key, {})[sequence] = score

    def expect_at_once(self, key: Key, sequence: int) -> None:
        """Somebody has asked for what failed: that waits out no window."""
        self.expect(key, sequence, self.score_of_latest(key))
        self._hurried.add(sequence)

    def score_of_latest(self, key: Key) -> float:
        """What the newest request would score."""
        return self._expected[key][self._latest(key)]

    def _latest(self, key: Key) -> int:
        return max(self._expected[key])

    def check(self, stored: Stored, with_temporal: Set[int], astray: Set[int], now: datetime) -> None:
        """All of it; `with_temporal` are the sequences that Temporal has, or has had and lost.

        An attempt that gets through when its run has ended (`astray`) promises no window to who follows that run.
        """
        assert stored.requests.keys() == self._expected.keys(), "I1: each request has its row"
        self.statuses = {request["compute_status"] for request in stored.requests.values()}
        for key, request in stored.requests.items():
            self._check_request(key, request, stored, with_temporal)
        self._check_windows(stored, astray, now)
        self._check_scores(stored)
        self._check_history(stored)
        copied = {record: score["computed_score"] for (record, of), score in stored.scores.items() if of == FIXED}
        assert stored.copies == copied, "the copies are not the stored scores"

    def _check_request(self, key: Key, request: dict[str, Any], stored: Stored, with_temporal: Set[int]) -> None:
        assert request["sequence"] == self._latest(key), f"I1: {key} has forgotten its newest request"
        match request["compute_status"]:
            case "COMPLETED":
                score = stored.scores.get(key, {"sequence": None})
                assert score["sequence"] == request["sequence"], f"I1: {key} is COMPLETED without its score"
            case "FAILED":
                assert request["compute_latest_error_code"], f"I1: {key} is FAILED without a reason"
                sequences = re.findall(r"\d+", request["compute_latest_error_message"])
                assert str(request["sequence"]) in sequences, f"I1: {key} is FAILED for another request's reason"
            case "PROCESSING" if request["batch_id"]:
                assert request["batch_id"] in stored.batches, f"I1: {key} is in a batch that nobody starts"
            case "PROCESSING":
                assert request["sequence"] in with_temporal, f"I1: {key} is PROCESSING, and no run was told"

    def _check_windows(self, stored: Stored, astray: Set[int], now: datetime) -> None:
        """To be called before what was stored is forgotten."""
        for key, score in stored.scores.items():
            before = self._scores.get(key)
            if score["sequence"] == before:
                continue
            if before is not None and key[1] == FIXED and not self._may_hurry(before, score["sequence"], astray):
                gap = now - self.stored_at[key]
                assert gap >= timedelta(seconds=FIXED_WINDOW), f"{key} was computed twice within a window: {gap}"
            self.stored_at[key] = now

    def _may_hurry(self, before: int, sequence: int, astray: Set[int]) -> bool:
        return bool({before, sequence} & astray) or any(before < hurried <= sequence for hurried in self._hurried)

    def _check_scores(self, stored: Stored) -> None:
        assert stored.scores.keys() >= self._scores.keys(), "I4: a score is gone"
        for key, score in stored.scores.items():
            assert score["sequence"] >= self._scores.get(key, 0), f"I4: {key} went back to an older approval"
            assert self._is_of_its_snapshot(score), f"I4: {key} is not the score of its snapshot"
            self._scores[key] = score["sequence"]

    def _is_of_its_snapshot(self, score: dict[str, Any]) -> bool:
        return bool(self._expected[key_of(score)].get(score["sequence"]) == score["computed_score"])

    def _check_history(self, stored: Stored) -> None:
        history: dict[Key, list[int]] = {key: [] for key in stored.scores}
        for past in stored.history:
            assert self._is_of_its_snapshot(past), f"I5: {key_of(past)} has history that nobody asked for"
            history[key_of(past)].append(past["sequence"])
        for key, sequences in history.items():
            known = self._history.get(key, [])
            assert len(sequences) == len(set(sequences)), f"I5: {key} has history twice"
            assert sequences[: len(known)] == known, f"I5: {key} got history older than it had, or lost some"
            assert sequences[-1:] == [stored.scores[key]["sequence"]], f"I5: {key} has a score without history"
        self._history = history

    def check_settled(self, stored: Stored) -> None:
        """I1 and I2 in the end: each newest approval is in its score, or FAILED; nobody holds room on a road."""
        for key, request in stored.requests.items():
            status = request["compute_status"]
            assert status in {"COMPLETED", "FAILED"}, f"I1: {key} is left {status}"
            assert not request["on_record_road"], f"{key} has ended and holds room on the record road"
            if status == "COMPLETED":
                assert stored.scores[key]["computed_score"] == self.score_of_latest(key), f"I2: {key} is of yesterday"
