"""The sweeper's column and index, and the audit log.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import NOW, json_column, text_column, time_column

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

QUEUE = "g2p_score_compute_queue"
AUDIT = "audit_log"


def upgrade() -> None:
    """Apply."""
    op.add_column(QUEUE, time_column("processing_since", nullable=True))
    op.create_index(
        "ix_g2p_score_compute_queue_stray",
        QUEUE,
        ["due_at"],
        postgresql_where="compute_status = 'PROCESSING' AND NOT on_record_road AND batch_id IS NULL",
    )
    op.create_table(
        AUDIT,
        sa.Column("audit_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        time_column("occurred_at", server_default=NOW),
        *(text_column(name) for name in ("actor", "source", "action", "subject")),
        json_column("details"),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_subject", AUDIT, ["subject", "occurred_at"])


def downgrade() -> None:
    """Take back."""
    op.drop_table(AUDIT)
    op.drop_index("ix_g2p_score_compute_queue_stray", QUEUE)
    op.drop_column(QUEUE, "processing_since")
