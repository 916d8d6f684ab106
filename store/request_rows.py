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
        -- what waits is as urgent as the most urgent that asked, and no later storm draws it in
        (priority, fairness_key) = (
            SELECT request.priority, request.fairness_key
            WHERE request.compute_status = 'PENDING' AND request.priority <= excluded.priority
            UNION ALL
            SELECT excluded.priority, excluded.fairness_key
            WHERE request.compute_status <> 'PENDING' OR request.priority > excluded.priority),
        -- drawn here, not taken from `excluded`: PostgreSQL evaluates this under the row's lock
        sequence = nextval('g2p_score_request_sequence'),
        compute_status = 'PENDING', requested_at = now(),
        pending_since = CASE WHEN request.compute_status = 'PENDING' THEN request.pending_since ELSE now() END,
        -- scoring.debounce.DebouncePolicy.due_at
        due_at = least(
            excluded.due_at,
            CASE WHEN request.compute_status = 'PENDING' THEN request.pending_since ELSE now() END
                + make_interval(secs => (excluded.debounce ->> 'max_wait')::float8)),
        batch_id = NULL, batch_failed = false,
        compute_latest_timestamp = now(), compute_latest_error_code = NULL, compute_latest_error_message = NULL
    {request_where}
    RETURNING register_id, internal_record_id
)
"""


def upsert_requests(*, wanted_where: str = "", request_where: str = "") -> str:
    """The upsert as a CTE `requested`, with parameters `rows` (JSON) and `reason`.

    `wanted_where` restricts the rows, `request_where` the requests there already are that may be replaced.
    """
    return _UPSERT.format(wanted_where=wanted_where, request_where=request_where)
