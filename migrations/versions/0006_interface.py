"""What the HTTP interface needs: weighted attributes, submissions, hooks, who acted from where, lists.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import NOW, id_column, json_column, text_column, time_column

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DEFINITIONS = "g2p_register_score_definitions"
ATTRIBUTES = "g2p_register_score_contributing_attributes"
QUEUE = "g2p_score_compute_queue"
SCORES = "g2p_register_scores"
HISTORY = "g2p_register_score_history"
RECEIVED = "received_changes"

NO_ID = sa.text("''")


def upgrade() -> None:
    """Apply.

    Writers wait from the first index on, readers only at the end: what closes a table to them comes last.
    """
    _create_contributing_attributes()
    _create_received_changes()
    _index_scores()
    _index_lists()
    op.drop_index("ix_audit_log_subject_before", "audit_log")
    _add_columns()


def _add_columns() -> None:
    op.add_column(QUEUE, text_column("submission_id", server_default=NO_ID))
    op.add_column(QUEUE, time_column("requested_at", server_default=NOW))
    op.execute(f"UPDATE {QUEUE} SET requested_at = pending_since WHERE compute_status <> 'COMPLETED'")  # noqa: S608
    for table in (SCORES, HISTORY):
        op.add_column(table, text_column("triggered_by_submission_id", server_default=NO_ID))
    for name in ("username", "address"):
        op.add_column("audit_log", text_column(name, nullable=True))
    op.add_column("registers", text_column("hook_sender", nullable=True))
    op.add_column("records", sa.Column("source_sequence", sa.BigInteger()))


def _index_scores() -> None:
    op.create_index(
        "ix_g2p_score_compute_queue_failed",
        QUEUE,
        ["register_id", "compute_latest_timestamp", "queue_id"],
        postgresql_where="compute_status = 'FAILED'",
    )
    op.create_index(
        "ix_g2p_register_scores_by_score", SCORES, ["register_id", "score_type", "computed_score", "score_id"]
    )
    op.create_index("ix_g2p_register_scores_by_time", SCORES, ["register_id", "computed_at", "score_id"])


def _index_lists() -> None:
    op.execute("ALTER INDEX ix_audit_log_subject RENAME TO ix_audit_log_subject_before")
    op.create_index("ix_audit_log_subject", "audit_log", ["subject", "occurred_at", "audit_id"])
    op.create_index("ix_audit_log_actor", "audit_log", ["actor", "occurred_at", "audit_id"])
    op.create_index("ix_audit_log_occurred_at", "audit_log", ["occurred_at", "audit_id"])
    op.create_index(
        "ix_change_requests_register", "change_requests", ["register_id", "created_at", "change_request_id"]
    )
    op.create_index(
        "ix_change_requests_pending",
        "change_requests",
        ["created_at", "change_request_id"],
        postgresql_where="status = 'PENDING'",
    )
    op.create_index(
        "ix_change_requests_register_pending",
        "change_requests",
        ["register_id", "created_at", "change_request_id"],
        postgresql_where="status = 'PENDING'",
    )


def _create_contributing_attributes() -> None:
    op.create_table(
        ATTRIBUTES,
        id_column("contributing_attribute_id"),
        text_column("score_definition_id"),
        text_column("attribute_name"),
        sa.Column("attribute_computation_required", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        json_column("attribute_computation_value", nullable=True),
        sa.Column("attribute_weightage", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("contributing_attribute_id", name=op.f(f"pk_{ATTRIBUTES}")),
        sa.UniqueConstraint("score_definition_id", "attribute_name", name=f"uq_{ATTRIBUTES}_name"),
        sa.ForeignKeyConstraint(
            ["score_definition_id"],
            [f"{DEFINITIONS}.score_definition_id"],
            name="fk_contributing_attributes_definition",
            ondelete="CASCADE",
        ),
    )


def _create_received_changes() -> None:
    op.create_table(
        RECEIVED,
        *(text_column(name) for name in ("register_id", "kind", "change_id", "internal_record_id")),
        sa.Column("source_sequence", sa.BigInteger(), nullable=False),
        time_column("received_at", server_default=NOW),
        sa.PrimaryKeyConstraint(
            "register_id", "kind", "change_id", "internal_record_id", name=op.f("pk_received_changes")
        ),
        sa.ForeignKeyConstraint(
            ["register_id"], ["registers.register_id"], name=op.f("fk_received_changes_register_id")
        ),
        sa.ForeignKeyConstraint(
            ["internal_record_id"],
            ["records.internal_record_id"],
            name=op.f("fk_received_changes_internal_record_id"),
        ),
        sa.CheckConstraint("kind IN ('CHANGE_REQUEST', 'SUBMISSION')", name=op.f("ck_received_changes_kind")),
    )
    op.create_index(
        "uq_received_changes_change_request",
        RECEIVED,
        ["register_id", "change_id"],
        unique=True,
        postgresql_where="kind = 'CHANGE_REQUEST'",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_change_requests_register_pending", "change_requests")
    op.drop_index("ix_change_requests_pending", "change_requests")
    op.drop_index("ix_change_requests_register", "change_requests")
    op.drop_index("ix_audit_log_occurred_at", "audit_log")
    op.drop_index("ix_audit_log_actor", "audit_log")
    op.drop_index("ix_audit_log_subject", "audit_log")
    op.create_index("ix_audit_log_subject", "audit_log", ["subject", "occurred_at"])
    op.drop_index("ix_g2p_register_scores_by_time", SCORES)
    op.drop_index("ix_g2p_register_scores_by_score", SCORES)
    op.drop_index("ix_g2p_score_compute_queue_failed", QUEUE)
    op.drop_table(RECEIVED)
    op.drop_column("records", "source_sequence")
    op.drop_column("registers", "hook_sender")
    for name in ("address", "username"):
        op.drop_column("audit_log", name)
    for table in (HISTORY, SCORES):
        op.drop_column(table, "triggered_by_submission_id")
    for name in ("requested_at", "submission_id"):
        op.drop_column(QUEUE, name)
    op.drop_table(ATTRIBUTES)
