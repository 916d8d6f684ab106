"""Registers, records with their history, and change requests.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import NOW, id_column, json_column, text_column, time_column

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _create_registers()
    _create_records()
    _create_change_requests()
    _create_record_history()


def downgrade() -> None:
    """Take back."""
    op.drop_table("record_history")
    op.drop_table("change_requests")
    op.drop_table("records")
    op.drop_table("registers")


def _create_registers() -> None:
    op.create_table(
        "registers",
        id_column("register_id"),
        text_column("register_mnemonic"),
        text_column("register_purpose"),
        json_column("attributes"),
        time_column("created_at", server_default=NOW),
        sa.CheckConstraint(
            "register_purpose IN ('REGISTER', 'PROGRAM_REGISTER', 'TABLE')", name=op.f("ck_registers_register_purpose")
        ),
        sa.PrimaryKeyConstraint("register_id", name=op.f("pk_registers")),
    )


def _create_records() -> None:
    op.create_table(
        "records",
        id_column("internal_record_id"),
        text_column("register_id"),
        json_column("attributes"),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        time_column("created_at", server_default=NOW),
        time_column("updated_at", server_default=NOW),
        sa.ForeignKeyConstraint(["register_id"], ["registers.register_id"], name=op.f("fk_records_register_id")),
        sa.PrimaryKeyConstraint("internal_record_id", name=op.f("pk_records")),
    )
    op.create_index(
        "ix_records_register_id_internal_record_id", "records", ["register_id", "internal_record_id"], unique=False
    )


def _create_change_requests() -> None:
    op.create_table(
        "change_requests",
        text_column("change_request_id"),
        text_column("register_id"),
        sa.Column("internal_record_id", sa.String(), nullable=True),
        json_column("change_payload"),
        sa.Column("status", sa.String(), server_default=sa.text("'PENDING'"), nullable=False),
        time_column("created_at", server_default=NOW),
        time_column("decided_at", nullable=True),
        sa.CheckConstraint("status IN ('PENDING', 'APPROVED', 'REJECTED')", name=op.f("ck_change_requests_status")),
        sa.ForeignKeyConstraint(
            ["internal_record_id"], ["records.internal_record_id"], name=op.f("fk_change_requests_internal_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["register_id"], ["registers.register_id"], name=op.f("fk_change_requests_register_id")
        ),
        sa.PrimaryKeyConstraint("change_request_id", name=op.f("pk_change_requests")),
    )
    op.create_index("ix_change_requests_internal_record_id", "change_requests", ["internal_record_id"], unique=False)


def _create_record_history() -> None:
    op.create_table(
        "record_history",
        id_column("history_id"),
        text_column("internal_record_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        json_column("attributes"),
        text_column("change_request_id"),
        time_column("created_at", server_default=NOW),
        sa.ForeignKeyConstraint(
            ["change_request_id"],
            ["change_requests.change_request_id"],
            name=op.f("fk_record_history_change_request_id"),
        ),
        sa.ForeignKeyConstraint(
            ["internal_record_id"], ["records.internal_record_id"], name=op.f("fk_record_history_internal_record_id")
        ),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_record_history")),
        sa.UniqueConstraint("internal_record_id", "version", name="uq_record_history_record_version"),
    )
