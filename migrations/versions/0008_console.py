"""What the console looks for: records by words, a record's change requests, what is pending page by page.

Revision: 0008, after 0007.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHANGE_REQUESTS = "change_requests"
QUEUE = "g2p_score_compute_queue"
DUE = "ix_g2p_score_compute_queue_due"
DUE_BEFORE = "ix_g2p_score_compute_queue_due_before"
DUE_COLUMNS = ["register_id", "batch_failed", "due_at"]
IS_PENDING = "compute_status = 'PENDING'"

SEARCHED = """(
CASE
    WHEN octet_length(attributes::text) <= 100000 \
    THEN jsonb_to_tsvector('simple'::regconfig, attributes, '["string", "numeric"]'::jsonb)
    ELSE ''::tsvector
END || array_to_tsvector(ARRAY[' '::text || register_id::text, internal_record_id::text]))"""


def upgrade() -> None:
    """Apply.

    Writers wait from the first index on, readers only at the end: what closes a table to them comes last. In one
    transaction with all that was not migrated yet, so no index can be built concurrently.
    """
    op.execute(f"CREATE INDEX ix_records_search ON records USING gin ({SEARCHED})")
    op.create_index(
        "ix_change_requests_record", CHANGE_REQUESTS, ["internal_record_id", "created_at", "change_request_id"]
    )
    op.execute(f"ALTER INDEX {DUE} RENAME TO {DUE_BEFORE}")
    op.create_index(DUE, QUEUE, [*DUE_COLUMNS, "queue_id"], postgresql_where=IS_PENDING)
    op.drop_index("ix_change_requests_internal_record_id", CHANGE_REQUESTS)
    op.drop_index(DUE_BEFORE, QUEUE)


def downgrade() -> None:
    """Take back."""
    op.drop_index(DUE, QUEUE)
    op.create_index(DUE, QUEUE, DUE_COLUMNS, postgresql_where=IS_PENDING)
    op.create_index("ix_change_requests_internal_record_id", CHANGE_REQUESTS, ["internal_record_id"])
    op.drop_index("ix_change_requests_record", CHANGE_REQUESTS)
    op.drop_index("ix_records_search", "records")
