"""What a client has seen of a record, as the id of an event: enough to go on after it, without a table of events.

An id holds, for each score type seen so far, the latest request, the score and the state: `PMT_SCORE=12.11.p`. What
differs from it is news, whatever the order in which transactions commit.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from scoring.errors import InvalidInput
from store.score_states import ScoreState, ScoreStatus

HEADER = "Last-Event-ID"
MAX_LENGTH = 4096
"""Of an id; a score type for which there is no room is told again after a reconnection."""

_MARK = re.compile(r"([0-9]{1,19})\.([0-9]{1,19})\.([pcf])")


class Mark(NamedTuple):
    """What was seen of a score type: the sequences of its latest request and of its score, 0 without one."""

    requested: int
    computed: int
    letter: str


def mark_of(state: ScoreState) -> Mark:
    """What a client has seen who was sent this."""
    letter = {ScoreStatus.PENDING: "p", ScoreStatus.FAILED: "f"}.get(state.status, "c")
    return Mark(state.requested_sequence or 0, state.sequence or 0, letter)


def event_id(seen: Mapping[str, Mark]) -> str:
    """The id that says so; what was seen last is kept first where not all finds room."""
    parts = [urlencode({name: ".".join(map(str, mark))}) for name, mark in seen.items()]
    return "&".join(_fitting(reversed(parts)))


def _fitting(parts: Iterable[str]) -> Iterable[str]:
    room = MAX_LENGTH
    for part in parts:
        room -= len(part) + 1
        if room < 0:
            return
        yield part


def read_event_id(text: str) -> dict[str, Mark]:
    """What the id says was seen; raise InvalidInput where it is none of ours."""
    marks: dict[str, Mark] = {}
    # what was seen last comes first
    for name, value in reversed(_fields(text)):
        match = _MARK.fullmatch(value)
        if match is None:
            raise _no_id()
        marks[name] = Mark(int(match[1]), int(match[2]), match[3])
    return marks


def _fields(text: str) -> list[tuple[str, str]]:
    if len(text) > MAX_LENGTH:
        raise _no_id()
    try:
        return parse_qsl(text, keep_blank_values=True, strict_parsing=True) if text else []
    except ValueError:
        raise _no_id() from None


def _no_id() -> InvalidInput:
    detail = "is not the id of a score event; send one as it came, or none to begin with the current state"
    return InvalidInput(f"{HEADER} {detail}", field=HEADER)
