"""Columns as all tables have them. Only ever added to: migrations that were run do not change."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

NOW = sa.text("now()")


def id_column(name: str) -> sa.Column[Any]:
    """A text id that PostgreSQL makes."""
    return sa.Column(name, sa.String(), server_default=sa.text("(gen_random_uuid())::text"), nullable=False)


def text_column(name: str, *, server_default: sa.TextClause | None = None, nullable: bool = False) -> sa.Column[Any]:
    """A text."""
    return sa.Column(name, sa.String(), server_default=server_default, nullable=nullable)


def json_column(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """A JSON value."""
    return sa.Column(name, JSONB(), nullable=nullable)


def time_column(name: str, *, server_default: sa.TextClause | None = None, nullable: bool = False) -> sa.Column[Any]:
    """A point in time."""
    return sa.Column(name, sa.DateTime(timezone=True), server_default=server_default, nullable=nullable)
