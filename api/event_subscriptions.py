"""What one client of a record has seen, and the next thing for it to see; bounded, however slow the client."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from api.event_ids import Mark, event_id, mark_of
from store.score_states import ScoreState


class EventKind(StrEnum):
    """What an event tells of."""

    PENDING = "pending"
    COMPUTED = "computed"
    FAILED = "failed"


@dataclass(frozen=True)
class ScoreEvent:
    """The state of a score type that its client has not seen; `event_id` is what it has seen with it."""

    kind: EventKind
    state: ScoreState
    event_id: str


def kind_of(mark: Mark, seen: Mark | None) -> EventKind:
    """A new score is `computed` even where a newer one is pending; who has seen nothing is told the state."""
    if mark.letter == "f":
        return EventKind.FAILED
    is_new = seen is not None and seen.computed != mark.computed
    return EventKind.COMPUTED if mark.letter == "c" or is_new else EventKind.PENDING


class Subscription:
    """What one client of a record has seen, and what there is to see."""

    def __init__(self, internal_record_id: str, seen: Mapping[str, Mark]) -> None:
        self.internal_record_id = internal_record_id
        self.is_over = False
        self._seen = dict(seen)
        self._states: Sequence[ScoreState] = ()
        self._news = asyncio.Event()

    def offer(self, states: Sequence[ScoreState]) -> None:
        """What holds now, in place of what was offered before."""
        self._states = states
        self._news.set()

    def end(self) -> None:
        """Nothing more comes."""
        self.is_over = True
        self._news.set()

    def next_event(self) -> ScoreEvent | None:
        """Something the client has not seen; from now on it has."""
        for state in self._states:
            mark, seen = mark_of(state), self._seen.get(state.score_type)
            if mark != seen:
                # at the end of the dict: what was seen last
                self._seen.pop(state.score_type, None)
                self._seen[state.score_type] = mark
                return ScoreEvent(kind_of(mark, seen), state, event_id(self._seen))
        return None

    async def wait(self, seconds: float) -> bool:
        """Until something is offered or it ends; whether that was within the time."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True
