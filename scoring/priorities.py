"""How urgent a score is, in the terms of Temporal's priority keys, and whose storm must not delay it: fairness keys."""

import hashlib
from enum import IntEnum

MAX_FAIRNESS_KEY = 64
"""Bytes; a server refuses a run whose key is longer."""


class RequestPriority(IntEnum):
    """What a request is marked with by who asks: under a backlog, the lower number goes first."""

    HIGH = 2
    """Somebody waits: an approval of a change request."""
    MEDIUM = 3
    LOW = 4
    BULK = 5
    """Nobody waits: batches, recomputations."""


LEVELS = range(1, RequestPriority.BULK + 1)
"""What servers know by default."""


def as_fairness_key(name: str) -> str:
    """The name, or its hash where it is too long for a key."""
    encoded = name.encode()
    return name if len(encoded) <= MAX_FAIRNESS_KEY else hashlib.sha256(encoded).hexdigest()


def priority_or_high(value: object) -> int:
    """The value, if it is a priority; a signal by hand need not bring one."""
    return value if type(value) is int and value in LEVELS else RequestPriority.HIGH.value


def fairness_key_or_none(value: object) -> str:
    """The value, if a server takes it and PostgreSQL does; else the empty key: activities then have their run's."""
    # in this order: half a surrogate pair, which is not printable, cannot be encoded
    is_key = isinstance(value, str) and value.isprintable() and len(value.encode()) <= MAX_FAIRNESS_KEY
    return str(value) if is_key else ""
