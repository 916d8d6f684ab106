"""The tables of the document's design (its section 4), as they stand there: their columns, their many indexes."""

TABLES = """
CREATE TABLE g2p_register_score_definitions (
    score_definition_id text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    register_id text NOT NULL,
    score_type text NOT NULL,
    contributing_attributes json NOT NULL,
    score_config json,
    is_enabled boolean NOT NULL DEFAULT true,
    UNIQUE (register_id, score_type)
);
CREATE TABLE g2p_score_compute_queue (
    queue_id text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    register_id text NOT NULL,
    internal_record_id text NOT NULL,
    score_definition_id text NOT NULL,
    score_type text NOT NULL,
    change_request_id text NOT NULL,
    contributing_attribute_values json NOT NULL,
    compute_status text NOT NULL DEFAULT 'PENDING',
    compute_no_of_attempts integer NOT NULL DEFAULT 0,
    compute_latest_timestamp timestamptz,
    compute_latest_error_code text
);
CREATE TABLE g2p_register_scores (
    score_id text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    register_id text NOT NULL,
    internal_record_id text NOT NULL,
    score_type text NOT NULL,
    score_definition_id text NOT NULL,
    triggered_by_cr_id text NOT NULL,
    computed_score double precision NOT NULL,
    computed_at timestamptz NOT NULL,
    UNIQUE (internal_record_id, score_type)
);
CREATE TABLE g2p_register_score_history (
    history_id text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    register_id text NOT NULL,
    internal_record_id text NOT NULL,
    score_type text NOT NULL,
    score_definition_id text NOT NULL,
    triggered_by_cr_id text NOT NULL,
    computed_score double precision NOT NULL,
    computed_at timestamptz NOT NULL
);
"""

_INDEXED = {
    "g2p_register_score_definitions": ("register_id", "score_type"),
    "g2p_score_compute_queue": (
        "register_id",
        "internal_record_id",
        "score_definition_id",
        "score_type",
        "change_request_id",
        "compute_status",
    ),
    "g2p_register_scores": (
        "register_id",
        "internal_record_id",
        "score_type",
        "score_definition_id",
        "triggered_by_cr_id",
    ),
    "g2p_register_score_history": (
        "register_id",
        "internal_record_id",
        "score_type",
        "score_definition_id",
        "triggered_by_cr_id",
    ),
}

INDEXES = "\n".join(f"CREATE INDEX ON {table} ({column});" for table, columns in _INDEXED.items() for column in columns)
