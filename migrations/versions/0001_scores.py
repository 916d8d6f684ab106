"""The four score tables of the source document.

Revision: 0001, after None.
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import NOW, id_column, json_column, text_column, time_column

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute(sa.schema.CreateSequence(sa.Sequence("g2p_score_request_sequence", cache=1)))
    _create_register_score_definitions()
    _create_score_compute_queue()
    _create_register_scores()
    _create_register_score_history()


def downgrade() -> None:
    """Take back."""
    op.drop_table("g2p_register_score_history")
    op.drop_table("g2p_register_scores")
    op.drop_table("g2p_score_compute_queue")
    op.drop_table("g2p_register_score_definitions")
    op.execute(sa.schema.DropSequence(sa.Sequence("g2p_score_request_sequence")))


def _create_register_score_definitions() -> None:
    op.create_table(
        "g2p_register_score_definitions",
        id_column("score_definition_id"),
        text_column("register_id"),
        text_column("score_type"),
        json_column("contributing_attributes"),
        json_column("score_config"),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        json_column("debounce"),
        time_column("created_at", server_default=NOW),
        time_column("updated_at", server_default=NOW),
        sa.PrimaryKeyConstraint("score_definition_id", name=op.f("pk_g2p_register_score_definitions")),
        sa.UniqueConstraint("register_id", "score_type", name="uq_g2p_register_score_definitions_register_type"),
    )


def _create_score_compute_queue() -> None:
    op.create_table(
        "g2p_score_compute_queue",
        id_column("queue_id"),
        text_column("register_id"),
        text_column("internal_record_id"),
        text_column("score_definition_id"),
        text_column("score_type"),
        text_column("change_request_id"),
        json_column("contributing_attribute_values"),
        sa.Column("compute_status", sa.String(), server_default=sa.text("'PENDING'"), nullable=False),
        time_column("compute_latest_timestamp", server_default=NOW),
        sa.Column("compute_latest_error_code", sa.String(), nullable=True),
        sa.Column("compute_latest_error_message", sa.String(), nullable=True),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        json_column("score_config"),
        json_column("debounce"),
        sa.Column(
            "sequence", sa.BigInteger(), server_default=sa.text("nextval('g2p_score_request_sequence')"), nullable=False
        ),
        sa.Column("signaled_sequence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("computed_sequence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        time_column("pending_since", server_default=NOW),
        time_column("signal_after", server_default=NOW),
        sa.CheckConstraint(
            "compute_status IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED')",
            name=op.f("ck_g2p_score_compute_queue_status"),
        ),
        sa.PrimaryKeyConstraint("queue_id", name=op.f("pk_g2p_score_compute_queue")),
        sa.UniqueConstraint("internal_record_id", "score_type", name="uq_g2p_score_compute_queue_record_type"),
    )
    op.create_index(
        "ix_g2p_score_compute_queue_pending",
        "g2p_score_compute_queue",
        ["signal_after"],
        unique=False,
        postgresql_where="compute_status = 'PENDING'",
    )


def _create_register_scores() -> None:
    op.create_table(
        "g2p_register_scores",
        id_column("score_id"),
        text_column("register_id"),
        text_column("internal_record_id"),
        text_column("score_type"),
        text_column("score_definition_id"),
        text_column("triggered_by_cr_id"),
        sa.Column("computed_score", sa.Double(), nullable=False),
        time_column("computed_at"),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("score_id", name=op.f("pk_g2p_register_scores")),
        sa.UniqueConstraint("internal_record_id", "score_type", name="uq_g2p_register_scores_record_type"),
    )


def _create_register_score_history() -> None:
    op.create_table(
        "g2p_register_score_history",
        id_column("history_id"),
        json_column("contributing_attribute_values"),
        json_column("score_config"),
        text_column("formula_name"),
        text_column("formula_version"),
        text_column("register_id"),
        text_column("internal_record_id"),
        text_column("score_type"),
        text_column("score_definition_id"),
        text_column("triggered_by_cr_id"),
        sa.Column("computed_score", sa.Double(), nullable=False),
        time_column("computed_at"),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_g2p_register_score_history")),
        sa.UniqueConstraint(
            "internal_record_id", "score_type", "sequence", name="uq_g2p_register_score_history_record_type_sequence"
        ),
    )
