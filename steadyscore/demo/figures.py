"""Durations as the story tells them."""

import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from steadyscore.demo.registry_client import Approval


def seconds_beyond_window(approval: Approval, score: dict[str, Any], quiet_period: float) -> float:
    """From the end of the approval's debounce window to the stored score, both by PostgreSQL's clock."""
    due_at = approval.decided_at + timedelta(seconds=quiet_period)
    return (datetime.fromisoformat(score["computed_at"]) - due_at).total_seconds()


def median_and_p95(seconds: Sequence[float]) -> str:
    """Both in milliseconds, with the number of values."""
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    return f"median {statistics.median(seconds) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms ({len(seconds)} measured)"
