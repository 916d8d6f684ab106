"""How urgent a score is, in the terms of Temporal's priority keys: under a backlog, the lower number goes first."""

from enum import IntEnum


class RequestPriority(IntEnum):
    """What a request is marked with by who asks."""

    HIGH = 2
    """Somebody waits: an approval of a change request."""
    MEDIUM = 3
    LOW = 4
    BULK = 5
    """Nobody waits: batches, recomputations."""
