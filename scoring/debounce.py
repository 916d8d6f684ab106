"""The debounce rule: when a burst of approvals is over, or has lasted long enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scoring.errors import InvalidDefinition

MAX_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class DebouncePolicy:
    """Seconds of quiet that end a burst, and seconds after which a burst is cut; equal: a fixed window.

    Raises:
        InvalidDefinition: not finite, negative, over 30 days, or max_wait below quiet_period.
    """

    quiet_period: float
    max_wait: float

    def __post_init__(self) -> None:
        for name in ("quiet_period", "max_wait"):
            _require_seconds(getattr(self, name), f"debounce.{name}")
        if self.max_wait < self.quiet_period:
            raise InvalidDefinition(
                "debounce.max_wait must not be below debounce.quiet_period", field="debounce.max_wait"
            )

    def due_at(self, first_requested_at: datetime, last_requested_at: datetime) -> datetime:
        """`min(last + quiet_period, first + max_wait)`."""
        quiet = last_requested_at + timedelta(seconds=self.quiet_period)
        return min(quiet, first_requested_at + timedelta(seconds=self.max_wait))


def _require_seconds(value: object, field: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidDefinition(f"{field} must be a number of seconds", field=field)
    if not 0 <= value <= MAX_SECONDS:
        raise InvalidDefinition(f"{field} must lie between 0 and {MAX_SECONDS} seconds", field=field)
