"""The batch road: due times and batches of score requests.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import NOW, text_column, time_column

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

QUEUE = "g2p_score_compute_queue"


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_g2p_score_compute_queue_pending", table_name=QUEUE)
    op.add_column(QUEUE, time_column("due_at", server_default=NOW))
    op.add_column(QUEUE, sa.Column("reason", sa.String(), server_default=sa.text("'APPROVAL'"), nullable=False))
    op.add_column(QUEUE, sa.Column("on_record_road", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column(QUEUE, sa.Column("batch_id", sa.String(), nullable=True))
    op.add_column(QUEUE, sa.Column("batch_failed", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute(f"UPDATE {QUEUE} SET on_record_road = true WHERE compute_status = 'PROCESSING'")  # noqa: S608 - a constant
    op.create_check_constraint(op.f("ck_g2p_score_compute_queue_reason"), QUEUE, "reason IN ('APPROVAL', 'RECOMPUTE')")
    _create_queue_indexes()
    _create_batches()
    op.create_index(
        "ix_g2p_register_scores_definition", "g2p_register_scores", ["score_definition_id", "definition_version"]
    )


def downgrade() -> None:
    """Take back; what a batch had is pending again."""
    op.drop_index("ix_g2p_register_scores_definition", table_name="g2p_register_scores")
    op.drop_table("g2p_score_compute_batches")
    for name in ("recomputation", "batch", "batch_failed", "record_road", "approved", "due"):
        op.drop_index(f"ix_g2p_score_compute_queue_{name}", table_name=QUEUE)
    op.execute(f"UPDATE {QUEUE} SET compute_status = 'PENDING' WHERE batch_id IS NOT NULL")  # noqa: S608 - a constant
    op.drop_constraint(op.f("ck_g2p_score_compute_queue_reason"), QUEUE)
    for name in ("batch_failed", "batch_id", "on_record_road", "reason", "due_at"):
        op.drop_column(QUEUE, name)
    op.create_index(
        "ix_g2p_score_compute_queue_pending", QUEUE, ["signal_after"], postgresql_where="compute_status = 'PENDING'"
    )


def _create_queue_indexes() -> None:
    for name, columns, predicate in (
        ("due", ["register_id", "batch_failed", "due_at"], "compute_status = 'PENDING'"),
        (
            "approved",
            ["register_id", "due_at"],
            "compute_status = 'PENDING' AND reason = 'APPROVAL' AND NOT batch_failed",
        ),
        ("record_road", ["register_id", "internal_record_id"], "on_record_road"),
        ("batch_failed", ["register_id", "signal_after"], "batch_failed"),
        ("batch", ["batch_id"], "batch_id IS NOT NULL"),
        ("recomputation", ["change_request_id"], "reason = 'RECOMPUTE' AND compute_status <> 'COMPLETED'"),
    ):
        op.create_index(f"ix_g2p_score_compute_queue_{name}", QUEUE, columns, postgresql_where=predicate)


def _create_batches() -> None:
    op.create_table(
        "g2p_score_compute_batches",
        text_column("batch_id"),
        text_column("register_id"),
        time_column("created_at", server_default=NOW),
        time_column("start_after"),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_g2p_score_compute_batches")),
    )
