"""The records that are approved: their table, and how far their scores have come."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg  # type: ignore[import-untyped]

from bench.approvals import WARM_UP_REGISTER, Approval, initial_attributes

SCORE_TYPES = 2

_TABLE = """
CREATE TABLE bench_records (
    record_id text PRIMARY KEY,
    register_id text NOT NULL,
    attributes jsonb NOT NULL,
    revision bigint NOT NULL DEFAULT 0,
    change_request_id text
)
"""
_SETTLED = """
SELECT count(*) FROM bench_records JOIN g2p_register_scores AS score
    ON score.internal_record_id = record_id AND score.triggered_by_cr_id = change_request_id
WHERE bench_records.register_id = ANY($1)
"""
_STORED_AT = """
SELECT record_id, score_type, extract(epoch FROM min(computed_at))::double precision
FROM bench_records JOIN g2p_register_score_history AS score
    ON score.internal_record_id = record_id AND score.triggered_by_cr_id = change_request_id
WHERE bench_records.register_id <> $1 GROUP BY record_id, score_type
"""
_COMPUTATIONS = """
SELECT count(*) FROM g2p_register_score_history AS score JOIN bench_records ON record_id = internal_record_id
WHERE bench_records.register_id <> $1
"""


@dataclass(frozen=True)
class FinalScore:
    """When the score of a record's last approved state was stored, in seconds since the epoch."""

    record_id: str
    score_type: str
    stored_at: float


async def create_records(connection: asyncpg.Connection, approvals: Iterable[Approval]) -> None:
    """Make the table, with the records as they are before their first approvals."""
    registers = {one.record_id: one.register_id for one in approvals}
    await connection.execute(_TABLE)
    await connection.copy_records_to_table(
        "bench_records",
        records=[(record, register, json.dumps(initial_attributes(record))) for record, register in registers.items()],
        columns=["record_id", "register_id", "attributes"],
    )
    await connection.execute("ANALYZE bench_records")


async def count_settled(connection: asyncpg.Connection, registers: Iterable[str]) -> int:
    """How many scores are those of their record's last approved state."""
    return int(await connection.fetchval(_SETTLED, list(registers)))


async def count_computations(connection: asyncpg.Connection) -> int:
    """How many scores were computed and recorded, warming up aside."""
    return int(await connection.fetchval(_COMPUTATIONS, WARM_UP_REGISTER))


async def list_final_scores(connection: asyncpg.Connection) -> list[FinalScore]:
    """When each final score was stored first."""
    return [FinalScore(*row) for row in await connection.fetch(_STORED_AT, WARM_UP_REGISTER)]
