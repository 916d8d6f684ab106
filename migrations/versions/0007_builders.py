"""Builders: users, projects, collaborations, and their score's definition; priorities, and why a score is what it is.

Revision: 0007, after 0006.
"""

import json

import sqlalchemy as sa
from alembic import op

from migrations.columns import NOW, id_column, json_column, text_column, time_column

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

QUEUE = "g2p_score_compute_queue"
SCORES = "g2p_register_scores"
HISTORY = "g2p_register_score_history"
DEFINITIONS = "g2p_register_score_definitions"
BATCHES = "g2p_score_compute_batches"
RECOMPUTATIONS = "g2p_score_recomputations"

REGISTER = "builders"
EMPTY = sa.text("''")
NONE = sa.text("0")

CONTRIBUTING_ATTRIBUTES = [
    "shipped_projects",
    "vouches",
    "impact.active_users",
    "impact.downloads",
    "impact.stars",
    "profile.key_fields",
]
SCORE_CONFIG = {
    "shipped_projects": {"points": 100, "cap": 1000},
    "vouches": {"points": 25, "cap": 500},
    "impact": {"points": {"active_users": 10, "downloads": 5, "stars": 10}, "cap": 500},
    "key_fields": {"points": 0, "cap": 0},
}
# a fixed window: one recalculation a user in five minutes
DEBOUNCE = {"quiet_period": 300, "max_wait": 300}


def upgrade() -> None:
    """Apply."""
    _create_users()
    _create_projects()
    _create_project_collaborators()
    _create_definition()
    op.add_column(QUEUE, sa.Column("priority", sa.SmallInteger(), nullable=False, server_default=sa.text("2")))
    op.add_column(QUEUE, text_column("fairness_key", server_default=EMPTY))
    op.add_column(HISTORY, json_column("breakdown", nullable=True))


def _create_users() -> None:
    op.create_table(
        "users",
        id_column("user_id"),
        *(text_column(name) for name in ("subject", "username", "display_name")),
        *(text_column(name, server_default=EMPTY) for name in ("headline", "bio", "location", "website")),
        sa.Column("skills", json_column("skills").type, nullable=False, server_default=sa.text("'[]'")),
        sa.Column("builder_score", sa.Integer(), nullable=False, server_default=NONE),
        time_column("created_at", server_default=NOW),
        time_column("updated_at", server_default=NOW),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name="uq_users_username"),
        sa.UniqueConstraint("subject", name="uq_users_subject"),
        sa.CheckConstraint("builder_score >= 0", name=op.f("ck_users_builder_score")),
    )
    op.create_index("idx_users_builder_score", "users", [sa.text("builder_score DESC"), sa.text("user_id DESC")])


def _create_projects() -> None:
    op.create_table(
        "projects",
        id_column("project_id"),
        *(text_column(name) for name in ("owner_id", "title")),
        text_column("summary", server_default=EMPTY),
        text_column("status", server_default=sa.text("'draft'")),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False, server_default=NONE)
            for name in ("active_users", "downloads", "stars")
        ),
        time_column("shipped_at", nullable=True),
        time_column("created_at", server_default=NOW),
        time_column("updated_at", server_default=NOW),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_projects")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.user_id"], name=op.f("fk_projects_owner_id")),
        sa.CheckConstraint("status IN ('draft', 'active', 'shipped', 'archived')", name=op.f("ck_projects_status")),
        sa.CheckConstraint("active_users >= 0 AND downloads >= 0 AND stars >= 0", name=op.f("ck_projects_impact")),
    )
    op.create_index("ix_projects_owner", "projects", ["owner_id", "project_id"])


def _create_project_collaborators() -> None:
    op.create_table(
        "project_collaborators",
        *(text_column(name) for name in ("project_id", "user_id")),
        text_column("status", server_default=sa.text("'invited'")),
        time_column("invited_at", server_default=NOW),
        time_column("confirmed_at", nullable=True),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_project_collaborators")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.project_id"], name=op.f("fk_project_collaborators_project_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_project_collaborators_user_id")),
        sa.CheckConstraint(
            "status IN ('invited', 'confirmed', 'declined', 'removed')", name=op.f("ck_project_collaborators_status")
        ),
        sa.CheckConstraint(
            "(status = 'confirmed') = (confirmed_at IS NOT NULL)",
            name=op.f("ck_project_collaborators_confirmed_at"),
        ),
    )
    op.create_index("ix_project_collaborators_user", "project_collaborators", ["user_id", "status", "project_id"])


def _create_definition() -> None:
    # as literals, for `alembic upgrade head --sql`
    statement = f"""
        INSERT INTO {DEFINITIONS} (register_id, score_type, contributing_attributes, score_config, debounce)
        VALUES ('{REGISTER}', 'BUILDER_SCORE', '{json.dumps(CONTRIBUTING_ATTRIBUTES)}', '{json.dumps(SCORE_CONFIG)}',
            '{json.dumps(DEBOUNCE)}')
    """  # noqa: S608 - constants
    # no driver takes the colons of JSON for parameters
    op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Take back, with all that was computed for builders."""
    op.drop_column(HISTORY, "breakdown")
    for name in ("fairness_key", "priority"):
        op.drop_column(QUEUE, name)
    for table in (HISTORY, SCORES, QUEUE, BATCHES, RECOMPUTATIONS, DEFINITIONS):
        op.execute(f"DELETE FROM {table} WHERE register_id = '{REGISTER}'")  # noqa: S608 - constants
    for table in ("project_collaborators", "projects", "users"):
        op.drop_table(table)
