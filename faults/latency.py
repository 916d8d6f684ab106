"""How long scores took after their approval, by the database's clock."""

from dataclasses import dataclass

from faults.load_definitions import DEBOUNCE
from faults.oracle_database import connected

# only of approvals that became a score by themselves: of a burst, the last one
_SECONDS = """
SELECT extract(epoch FROM history.computed_at - change.decided_at)::float8
FROM g2p_register_score_history AS history
JOIN change_requests AS change ON change.change_request_id = history.triggered_by_cr_id
WHERE history.register_id = $1 ORDER BY 1
"""


_WINDOW = DEBOUNCE["quiet_period"]


@dataclass(frozen=True)
class Latency:
    """Seconds from an approval to its score, the window included."""

    median: float
    p95: float

    def times(self, other: "Latency") -> tuple[float, float]:
        """How many times as long as another p50 and p95 are, without the least that every window takes."""
        return (self.median - _WINDOW) / (other.median - _WINDOW), (self.p95 - _WINDOW) / (other.p95 - _WINDOW)


async def latency_of(database_url: str, register_id: str) -> Latency:
    """Of a register's scores; NaN where there are none."""
    async with connected(database_url) as connection:
        seconds = [row[0] for row in await connection.fetch(_SECONDS, register_id)]
    if not seconds:
        return Latency(float("nan"), float("nan"))
    return Latency(seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.95)])
