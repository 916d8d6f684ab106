"""How a score request gets into its row: the one upsert that approvals and recomputations share."""

# One statement with one parameter for any number of rows: the driver prepares it once a connection.
# Row locks are taken in the order (internal_record_id, score_type), as everywhere.
_UPSERT = """
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset(:rows) AS wanted(
        register_id text, internal_record_id text, score_definition_id text, score_type text, change_request_id text,
        submission_id text, contributing_attribute_values jsonb, definition_version integer, score_config jsonb,
        debounce jsonb, priority smallint, fairness_key text)
    {wanted_where}
), requested AS (
    INSERT INTO g2p_score_compute_queue AS request (
        register_id, internal_record_id, score_definition_id, score_type, change_request_id, submission_id,
        contributing_attribute_values, definition_version, score_config, debounce, priority, fairness_key,
        reason, due_at)
    SELECT register_id, internal_record_id, score_definition_id, score_type, change_request_id, submission_id,
        contributing_attribute_values, definition_version, score_config, debounce, priority, fairness_key,
        :reason,
        now() + make_interval(secs => (debounce ->> 'quiet_period')::float8)
    FROM wanted ORDER BY internal_record_id, score_type
    ON CONFLICT ON CONSTRAINT uq_g2p_score_compute_queue_record_type DO UPDATE SET
        register_id = excluded.register_id, score_definition_id = excluded.score_definition_id,
        change_request_id = excluded.change_request_id, submission_id = excluded.submission_id,
        contributing_attribute_values = excluded.contributing_attribute_values,
        definition_version = excluded.definition_version, score_config = excluded.score_config,
        debounce = excluded.debounce, reason = excluded.reason,
        -- drawn here, not taken from `excluded`: PostgreSQL evaluates this under the row's lock
        sequence = nextval('g2p_score_request_sequence'),
        -- nor is the time: while this waited for the lock a score may have been stored
        (pending_since, due_at, compute_latest_timestamp, priority, fairness_key) = (
            SELECT began_at,
                -- scoring.debounce.DebouncePolicy.due_at
                least(
                    locked_at + make_interval(secs => (excluded.debounce ->> 'quiet_period')::float8),
                    began_at + make_interval(secs => (excluded.debounce ->> 'max_wait')::float8)),
                locked_at,
                -- what waits is as urgent as the most urgent that asked, and no later storm draws it in
                CASE WHEN waits AND request.priority <= excluded.priority
                    THEN request.priority ELSE excluded.priority END,
                CASE WHEN waits AND request.priority <= excluded.priority
                    THEN request.fairness_key ELSE excluded.fairness_key END
            FROM (SELECT clock_timestamp() AS locked_at) AS clock CROSS JOIN LATERAL (
                -- what leaves a batch has waited out its window: no trigger after trigger keeps it from being computed
                SELECT CASE WHEN request.compute_status = 'PENDING' OR request.batch_id IS NOT NULL
                        THEN request.pending_since ELSE locked_at END AS began_at,
                    -- in its row, in a batch, or in a run that waits out its window
                    request.compute_status = 'PENDING' OR request.batch_id IS NOT NULL
                        OR request.compute_status = 'PROCESSING' AND request.due_at > locked_at AS waits
            ) AS burst),
        compute_status = 'PENDING', requested_at = now(),
        batch_id = NULL, batch_failed = false, compute_latest_error_code = NULL, compute_latest_error_message = NULL
    {request_where}
    RETURNING register_id, internal_record_id
)
"""


def upsert_requests(*, wanted_where: str = "", request_where: str = "") -> str:
    """The upsert as a CTE `requested`, with parameters `rows` (JSON) and `reason`.

    `wanted_where` restricts the rows, `request_where` the requests there already are that may be replaced.
    """
    return _UPSERT.format(wanted_where=wanted_where, request_where=request_where)
