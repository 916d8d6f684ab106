"""What `bench.api` reads: records with their scores and history as if they had been computed, and change requests."""

import asyncpg  # type: ignore[import-untyped]

SCORE_TYPES = 2

_RECORD = "md5('record ' || one)"
_ATTRIBUTES = """jsonb_build_object('income', 1000 + one % 9000,
    'assets', jsonb_build_object('land_area', (one % 60 + 1) / 10.0),
    'household', jsonb_build_object('member_count', one % 9 + 1, 'meals_per_day', one % 3 + 1))"""

_RECORDS = f"""
INSERT INTO records (internal_record_id, register_id, attributes)
SELECT {_RECORD}, $1::text, {_ATTRIBUTES} FROM generate_series(1, $2::integer) AS one
"""  # noqa: S608 - constants

_QUEUE = f"""
INSERT INTO g2p_score_compute_queue (register_id, internal_record_id, score_type, score_definition_id,
    change_request_id, contributing_attribute_values, score_config, definition_version, debounce, compute_status,
    signaled_sequence, computed_sequence)
SELECT $1::text, {_RECORD}, score_type, score_definition_id, 'CR-before-' || one, {_ATTRIBUTES}, score_config, version,
    debounce, 'COMPLETED', 0, 0
FROM generate_series(1, $2::integer) AS one, g2p_register_score_definitions WHERE register_id = $1::text
"""  # noqa: S608 - constants

_SEQUENCES = "UPDATE g2p_score_compute_queue SET signaled_sequence = sequence, computed_sequence = sequence"

_COLUMNS = """register_id, internal_record_id, score_type, score_definition_id, triggered_by_cr_id, computed_score,
    computed_at, sequence, definition_version"""

_COMPUTED = "register_id, internal_record_id, score_type, score_definition_id, change_request_id,"
_COMPUTED += " abs(hashtext(internal_record_id)) % 100000 / 100.0, now(), sequence, definition_version"

_SCORES = f"INSERT INTO g2p_register_scores ({_COLUMNS}) SELECT {_COMPUTED} FROM g2p_score_compute_queue"  # noqa: S608

_HISTORY = f"""
INSERT INTO g2p_register_score_history ({_COLUMNS},
    contributing_attribute_values, score_config, formula_name, formula_version)
SELECT {_COMPUTED}, contributing_attribute_values, score_config, 'bench', '1' FROM g2p_score_compute_queue
"""  # noqa: S608 - constants

_CHANGE_REQUESTS = f"""
INSERT INTO change_requests (change_request_id, register_id, internal_record_id, change_payload)
SELECT 'CR-bench-' || one, $1::text, {_RECORD}, jsonb_build_object('income', 500 + one)
FROM generate_series(1, $2::integer) AS one
"""  # noqa: S608 - constants

_SETTLED = """
SELECT count(*) FROM change_requests JOIN g2p_register_scores ON triggered_by_cr_id = change_request_id
WHERE change_request_id LIKE 'CR-bench-%' AND status = 'APPROVED'
"""


async def fill(connection: asyncpg.Connection, register_id: str, records: int, change_requests: int) -> list[str]:
    """Fill a register whose definitions are there; the ids of its records."""
    await connection.execute(_RECORDS, register_id, records)
    await connection.execute(_QUEUE, register_id, records)
    for statement in (_SEQUENCES, _SCORES, _HISTORY):
        await connection.execute(statement)
    await connection.execute(_CHANGE_REQUESTS, register_id, change_requests)
    await connection.execute("VACUUM ANALYZE")
    rows = await connection.fetch("SELECT internal_record_id FROM records WHERE register_id = $1", register_id)
    return [row[0] for row in rows]


async def count_scores_of_approvals(connection: asyncpg.Connection) -> int:
    """How many scores there are of the change requests that were approved."""
    return int(await connection.fetchval(_SETTLED))
