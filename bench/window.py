"""The debounce rule as the benchmark understands it: when the window of a record's last approval ended."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """Seconds of quiet that end a burst, and seconds after which a burst is cut."""

    quiet: float = 1.0
    max_wait: float = 5.0

    def last_end(self, committed_at: Iterable[float]) -> float:
        """When the last burst of these approvals of one record was due."""
        first = last = due = float("-inf")
        for moment in sorted(committed_at):
            # an approval that comes when the window is over opens the next one
            first = moment if moment >= due else first
            last = moment
            due = min(last + self.quiet, first + self.max_wait)
        return due
