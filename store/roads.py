"""What both roads from PostgreSQL to Temporal have in common: whose turn it is, how much is let in, how late it is."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, text

from store.database import Session


@dataclass(frozen=True)
class RoadLimits:
    """How much may be under way on each road, all relays together.

    `batch_size` in records. A register's next batch that is not full waits until the one before has ended, or for
    `batch_gap` seconds: a small batch costs about as much as a large one. The run of a batch that is open for
    `batch_restart_after` seconds, much longer than batches take, is started anew.
    """

    max_open_records: int = 32
    max_open_batches: int = 2
    batch_size: int = 500
    batch_gap: float = 0.5
    batch_restart_after: float = 6 * 3600.0
    records_per_tick: int = 100


FULL_PLACE_QUIET = 10.0
"""Seconds. A run with a longer window takes 10 s / `quiet_period` of a place while it waits, as it sleeps and comes due
no more often; once it is due, a whole one."""

SMALLEST_PLACE = 0.01
"""Whatever the window: each record on the road is looked at in every turn, and is an open run."""

_PLACE_OF_A_WAIT = f"""greatest(
        {SMALLEST_PLACE}, {FULL_PLACE_QUIET} / greatest({FULL_PLACE_QUIET}, (debounce ->> 'quiet_period')::float8))"""
_PLACE = f"CASE WHEN due_at > now() THEN {_PLACE_OF_A_WAIT} ELSE 1 END"


@dataclass(frozen=True)
class Outlook:
    """What a register with pending requests finds on the roads.

    It is flooded when not all of its waiting records find room (`record_room`, of records that wait out their window);
    then they go by batches. What failed in a batch has `failed_room`. Something `is_due` for a batch, and there is room
    for so many (`batch_room`).
    """

    register_id: str
    record_room: int
    failed_room: int
    is_flooded: bool
    is_due: bool
    batch_room: int


STILL_PENDING = "compute_status || '' = 'PENDING'"
"""For rows that are found by their key: no partial index fits it.

With the statistics of before an import the planner takes what is pending for a few rows, and reads all of it instead.
"""

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

# How much each register has waiting and finds room for. The relay decides by it once a turn: what is approved between
# two of its statements must not take the road that it would not have taken before or after.
_OUTLOOK = text(
    PENDING_REGISTERS
    + f"""
, under_way AS (
    SELECT register_id, sum(places) AS places FROM (
        SELECT register_id, max({_PLACE}) AS places
        FROM g2p_score_compute_queue WHERE on_record_road GROUP BY register_id, internal_record_id
    ) AS record GROUP BY register_id
), open_batch AS (
    SELECT register_id, count(*) AS batches, max(created_at) AS newest FROM g2p_score_compute_batches AS batch
    WHERE EXISTS (SELECT FROM g2p_score_compute_queue AS request WHERE request.batch_id = batch.batch_id)
    GROUP BY register_id
), in_all AS (
    SELECT (SELECT coalesce(sum(places), 0) FROM under_way) AS places,
        (SELECT coalesce(sum(batches), 0) FROM open_batch) AS batches
), room AS (
    SELECT register_id, in_all.places = 0 AS is_road_empty,
        :max_open_batches - in_all.batches - coalesce(open_batch.batches, 0) AS batches,
        coalesce(open_batch.newest <= now() - make_interval(secs => :batch_gap), true) AS is_batch_awaited,
        -- each register may use as much as is left to the others: a flood of one leaves half of the road free
        greatest(0, (:max_open_records - in_all.places - coalesce(under_way.places, 0)) / (count(*) OVER () + 1))
            AS places,
        (SELECT coalesce(max({_PLACE_OF_A_WAIT}), 1) FROM g2p_register_score_definitions AS definition
            WHERE definition.register_id = pending_register.register_id AND is_enabled) AS place_of_a_record
    FROM pending_register LEFT JOIN under_way USING (register_id) LEFT JOIN open_batch USING (register_id)
        CROSS JOIN in_all
), room_of_records AS (
    SELECT *, ceil(places / place_of_a_record)::bigint AS records FROM room
)
SELECT register_id, room.records AS record_room,
    -- it has no other road, even where there is room for nobody
    greatest(ceil(room.places), CASE WHEN is_road_empty THEN 1 ELSE 0 END)::bigint AS failed_room,
    waiting.places > room.records * place_of_a_record AS is_flooded,
    -- small batches go one after the other, as each costs much the same
    due.requests > 0 AND (is_batch_awaited OR due.requests >= :batch_size) AS is_due, room.batches AS batch_room
FROM room_of_records AS room CROSS JOIN LATERAL (
    SELECT coalesce(sum(places), 0) AS places FROM (SELECT max(place) AS places FROM (
        SELECT internal_record_id, {_PLACE} AS place FROM g2p_score_compute_queue AS request
        WHERE request.register_id = room.register_id AND compute_status = 'PENDING' AND reason = 'APPROVAL'
            AND signal_after <= now() AND NOT on_record_road AND NOT batch_failed
        ORDER BY due_at LIMIT (room.records + 1) * (
            SELECT greatest(count(*), 1) FROM g2p_register_score_definitions AS definition
            WHERE definition.register_id = room.register_id)
    ) AS oldest GROUP BY internal_record_id) AS record
) AS waiting CROSS JOIN LATERAL (
    SELECT count(*) AS requests, min(due_at) AS first_at FROM (
        SELECT due_at FROM g2p_score_compute_queue AS request
        WHERE request.register_id = room.register_id AND compute_status = 'PENDING' AND NOT batch_failed
            AND due_at <= now()
        ORDER BY due_at LIMIT CASE WHEN room.is_batch_awaited THEN 1 ELSE :batch_size END
    ) AS oldest
) AS due
ORDER BY due.first_at"""
)

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


async def list_outlooks(session: Session, limits: RoadLimits) -> list[Outlook]:
    """Each register with pending requests, the longest due first; call it in one's turn."""
    parameters = {
        "max_open_records": limits.max_open_records,
        "max_open_batches": limits.max_open_batches,
        "batch_size": limits.batch_size,
        "batch_gap": limits.batch_gap,
    }
    return [Outlook(*row) for row in await session.execute(_OUTLOOK, parameters)]


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
