"""What an oracle can find, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """A promise that was broken."""

    APPROVAL_LOST = "an acknowledged approval is not in the registry"
    APPROVAL_TWICE = "an approval was applied more than once"
    APPROVAL_HALVED = "an approval happened in part"
    RECORD_NOT_ITS_HISTORY = "a record is not what its approved changes make of it"
    TRIGGER_LOST = "an approval asked for no score that it touches"
    REQUEST_OUTDATED = "a request does not hold the record's latest approved attributes"
    SCORE_LOST = "a request is completed and its score is not there"
    SCORE_WRONG = "a score is not what the formula makes of the latest approved attributes"
    FAILED_NEEDLESSLY = "a request failed that has a score"
    FAILED_WITHOUT_REASON = "a failed request says not why"
    HISTORY_MISSING = "a computed sequence has no row in the history"
    HISTORY_DOUBLE = "a computed sequence has more than one row in the history"
    COMPUTED_TWICE = "one approval was computed under two sequences"
    HISTORY_WRONG = "a row of the history does not compute to its own number"
    HISTORY_UNAPPROVED = "a row of the history holds what was never approved"
    SEQUENCE_FELL = "a later approval has a lower sequence"
    SCORE_ID_CHANGED = "a score has another id than before"
    SCORE_WENT_BACK = "a stored score went back to an older sequence"
    RECOMPUTATION_LOST = "a recomputation ended before all was computed again"
    EVENT_LOST = "an acknowledged event of a builder is not in the data"
    COPY_WRONG = "a builder's own score is not the stored one"
    BREAKDOWN_WRONG = "a row of the history is not explained by its breakdown"
    COMPUTED_TOO_SOON = "two scores of a builder are closer than the window"
    NOT_SETTLED = "something is still pending"


@dataclass(frozen=True)
class Finding:
    """A broken promise: where, what was expected, what was seen. `where` is ids; nothing here is a record's value."""

    kind: Kind
    where: str
    expected: object
    seen: object

    def __str__(self) -> str:
        return f"{self.kind} ({self.where}): expected {self.expected}, seen {self.seen}"


Findings: TypeAlias = Iterator[Finding]
