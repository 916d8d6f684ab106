"""Recomputations of a register's scores.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import NOW, text_column, time_column

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE = "g2p_score_recomputations"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        TABLE,
        sa.Column(
            "recomputation_id",
            sa.String(),
            server_default=sa.text("('recompute:'::text || (gen_random_uuid())::text)"),
            nullable=False,
        ),
        *(text_column(name) for name in ("register_id", "score_type", "score_definition_id")),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("only_stale", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("rate", sa.Double(), nullable=True),
        sa.Column("status", sa.String(), server_default=sa.text("'REQUESTED'"), nullable=False),
        sa.Column("total_records", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
            for name in ("looked_at", "requested", "failed")
        ),
        sa.Column("last_record_id", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("all_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        time_column("requested_at", server_default=NOW),
        time_column("updated_at", server_default=NOW),
        time_column("completed_at", nullable=True),
        time_column("start_after", server_default=NOW, nullable=True),
        sa.CheckConstraint(
            "status IN ('REQUESTED', 'RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED', 'FAILED')",
            name=op.f("ck_g2p_score_recomputations_status"),
        ),
        sa.PrimaryKeyConstraint("recomputation_id", name=op.f("pk_g2p_score_recomputations")),
    )
    _create_indexes()


def downgrade() -> None:
    """Take back."""
    op.drop_table(TABLE)


def _create_indexes() -> None:
    active = "status IN ('REQUESTED', 'RUNNING', 'PAUSED')"
    columns = ["register_id", "score_type"]
    op.create_index("uq_g2p_score_recomputations_active", TABLE, columns, unique=True, postgresql_where=active)
    op.create_index("ix_g2p_score_recomputations_register", TABLE, ["register_id", "requested_at"])
    op.create_index(
        "ix_g2p_score_recomputations_start", TABLE, ["start_after"], postgresql_where="start_after IS NOT NULL"
    )
