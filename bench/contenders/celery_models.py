"""The document's models, as SQLAlchemy maps them: columns alone, the tables are made by celery_tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NEW_ID = text("gen_random_uuid()::text")


class Base(DeclarativeBase):
    """All models."""


class ScoreDefinition(Base):
    """Section 4.1."""

    __tablename__ = "g2p_register_score_definitions"

    score_definition_id: Mapped[str] = mapped_column(primary_key=True)
    score_type: Mapped[str]
    score_config: Mapped[dict[str, Any]] = mapped_column(JSON)


class QueueItem(Base):
    """Section 4.2."""

    __tablename__ = "g2p_score_compute_queue"

    queue_id: Mapped[str] = mapped_column(primary_key=True)
    register_id: Mapped[str]
    internal_record_id: Mapped[str]
    score_definition_id: Mapped[str]
    score_type: Mapped[str]
    change_request_id: Mapped[str]
    contributing_attribute_values: Mapped[dict[str, Any]] = mapped_column(JSON)
    compute_status: Mapped[str]
    compute_no_of_attempts: Mapped[int]
    compute_latest_timestamp: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    compute_latest_error_code: Mapped[str | None]


class _ScoreColumns:
    register_id: Mapped[str]
    internal_record_id: Mapped[str]
    score_type: Mapped[str]
    score_definition_id: Mapped[str]
    triggered_by_cr_id: Mapped[str]
    computed_score: Mapped[float]
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Score(_ScoreColumns, Base):
    """Section 4.3."""

    __tablename__ = "g2p_register_scores"

    score_id: Mapped[str] = mapped_column(primary_key=True, server_default=_NEW_ID)


class ScoreHistory(_ScoreColumns, Base):
    """Section 4.4."""

    __tablename__ = "g2p_register_score_history"

    history_id: Mapped[str] = mapped_column(primary_key=True, server_default=_NEW_ID)
