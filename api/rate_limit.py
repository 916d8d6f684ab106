"""How many writes one identity may ask of this process: N processes allow N times as many.

A sliding window counter: two numbers an identity however high the limit, and no double burst where two windows meet.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

if TYPE_CHECKING:
    # settings read a limit, and workers read settings: they do without FastAPI
    from fastapi import Request

DEFAULT_WRITE_LIMIT = "6000/minute"


def parse_write_limit(text: str) -> RateLimitItem:
    """Read NUMBER/UNIT, or NUMBER/COUNT UNIT; raise ValueError that does not show it."""
    try:
        [limit] = parse_many(text)
    except ValueError:
        raise ValueError(f"must be NUMBER/UNIT, such as {DEFAULT_WRITE_LIMIT}") from None
    if limit.amount < 1 or limit.get_expiry() < 1:
        raise ValueError("must allow at least one write")
    return limit


class TooManyWrites(Exception):
    """The identity has used up what it may ask for; `retry_after` in seconds."""

    def __init__(self, limit: RateLimitItem, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"more than {limit} by this identity; ask again in {retry_after} s")


@dataclass(frozen=True)
class WriteLimiter:
    """Counts writes by subject; what has not been heard of for two windows is forgotten."""

    limit: RateLimitItem = field(default_factory=lambda: parse_write_limit(DEFAULT_WRITE_LIMIT))
    _counter: SlidingWindowCounterRateLimiter = field(
        default_factory=lambda: SlidingWindowCounterRateLimiter(MemoryStorage())
    )

    def admit(self, subject: str) -> None:
        """Count one write; raise TooManyWrites where there have been too many."""
        if not self._counter.hit(self.limit, subject):
            raise TooManyWrites(self.limit, self._seconds_until_reset(subject))

    def headers(self, subject: str) -> Mapping[str, str]:
        """What is left, as the IETF's draft of RateLimit header fields has it."""
        window, left = self.limit.get_expiry(), self._counter.get_window_stats(self.limit, subject).remaining
        return {
            "RateLimit-Policy": f'"writes";q={self.limit.amount};w={window}',
            "RateLimit": f'"writes";r={left};t={self._seconds_until_reset(subject)}',
        }

    def _seconds_until_reset(self, subject: str) -> int:
        return max(1, math.ceil(self._counter.get_window_stats(self.limit, subject).reset_time - time.time()))


def count_write(request: "Request", subject: str) -> None:
    """Count a write of this subject, and say in the answer's headers what is left; raise TooManyWrites."""
    writes: WriteLimiter = request.app.state.services.writes
    # for `api.security_headers`, which every answer passes
    try:
        writes.admit(subject)
    finally:
        request.state.headers = writes.headers(subject)
