"""What both roads from PostgreSQL to Temporal have in common: whose turn it is, how much is let in, how late it is."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, text

from store.database import Session


@dataclass(frozen=True)
class RoadLimits:
    """How much may be under way on each road, all relays together; `batch_size` in records."""

    max_open_records: int = 32
    max_open_batches: int = 4
    batch_size: int = 500
    records_per_tick: int = 100


# From one register to the next on the index: whatever the number of pending rows, one look a register.
PENDING_REGISTERS = """
WITH RECURSIVE step AS (
    (SELECT register_id FROM g2p_score_compute_queue
    WHERE compute_status = 'PENDING' ORDER BY register_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT register_id FROM g2p_score_compute_queue
        WHERE compute_status = 'PENDING' AND register_id > step.register_id ORDER BY register_id LIMIT 1)
    FROM step WHERE register_id IS NOT NULL
), pending_register AS (
    SELECT register_id FROM step WHERE register_id IS NOT NULL
)"""

_NEXT_TURN = text(
    PENDING_REGISTERS
    + """
, awaited AS (
    SELECT signal_after AS at FROM g2p_score_compute_queue WHERE on_record_road AND compute_status = 'PENDING'
    UNION ALL
    SELECT start_after FROM g2p_score_compute_batches
    UNION ALL
    SELECT start_after FROM g2p_score_recomputations WHERE start_after IS NOT NULL
    UNION ALL
    SELECT next.due_at FROM pending_register CROSS JOIN LATERAL (
        SELECT due_at FROM g2p_score_compute_queue AS request
        WHERE request.register_id = pending_register.register_id AND compute_status = 'PENDING'
            AND NOT batch_failed AND due_at > now()
        ORDER BY due_at LIMIT 1
    ) AS next
)
SELECT CASE WHEN count(*) > 0 THEN greatest(min(at) - now(), interval '0') END FROM awaited"""
)

_LAG = text(
    PENDING_REGISTERS
    + """
SELECT greatest(coalesce(now() - min(first.due_at), interval '0'), interval '0')
FROM pending_register CROSS JOIN (VALUES (false), (true)) AS either(batch_failed) CROSS JOIN LATERAL (
    SELECT due_at FROM g2p_score_compute_queue AS request
    WHERE request.register_id = pending_register.register_id AND request.batch_failed = either.batch_failed
        AND compute_status = 'PENDING'
    ORDER BY due_at LIMIT 1
) AS first"""
)


async def take_turn(session: Session) -> bool:
    """Whether the caller may claim, until its transaction ends: relays claim one at a time.

    So the requests of one record stay together, and the limits hold for all relays together.
    """
    turn = select(func.pg_try_advisory_xact_lock(func.hashtext("steadyscore relay claim")))
    return bool(await session.scalar(turn))


async def next_turn_in(session: Session) -> timedelta | None:
    """How long until there is something to claim that no notification tells of, at least 0; None when nothing is known.

    What waits for room on a road is not in it: the end of a batch is notified, and the relay looks now and then.
    """
    wait: timedelta | None = await session.scalar(_NEXT_TURN)
    return wait


async def relay_lag(session: Session) -> timedelta:
    """For how long the oldest request has been due without a run that has it."""
    lag: timedelta = (await session.execute(_LAG)).scalar_one()
    return lag
