"""The tables of the source document (section 4) and of OpenG2P, with their names; `Ours:` marks what design adds."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Double,
    Index,
    Integer,
    Sequence,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base

NEW_ID = text("(gen_random_uuid())::text")
NOW = func.now()

# CACHE 1: a cached block would hand out lower numbers later
score_request_sequence = Sequence("g2p_score_request_sequence", metadata=Base.metadata, cache=1)


class ComputeStatus(StrEnum):
    """Where a score request stands."""

    PENDING = "PENDING"
    """To be signaled."""
    PROCESSING = "PROCESSING"
    """Temporal has it."""
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class RequestReason(StrEnum):
    """Why a score is asked for."""

    APPROVAL = "APPROVAL"
    RECOMPUTE = "RECOMPUTE"
    """A recomputation asked; its id stands in place of a change request's."""


class G2PScoreComputeQueue(Base):
    """The score request: the document's queue and the outbox to Temporal, one row a record and score type."""

    __tablename__ = "g2p_score_compute_queue"
    __table_args__ = (
        UniqueConstraint("internal_record_id", "score_type", name="uq_g2p_score_compute_queue_record_type"),
        CheckConstraint("compute_status IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED')", name="status"),
        CheckConstraint("reason IN ('APPROVAL', 'RECOMPUTE')", name="reason"),
        # literal predicates: a bound one can fail from the sixth execution on a connection (asyncpg issue 1137)
        Index(
            "ix_g2p_score_compute_queue_due",
            "register_id",
            "batch_failed",
            "due_at",
            "queue_id",
            postgresql_where="compute_status = 'PENDING'",
        ),
        Index(
            "ix_g2p_score_compute_queue_approved",
            "register_id",
            "due_at",
            postgresql_where="compute_status = 'PENDING' AND reason = 'APPROVAL' AND NOT batch_failed",
        ),
        Index(
            "ix_g2p_score_compute_queue_record_road",
            "register_id",
            "internal_record_id",
            postgresql_where="on_record_road",
        ),
        Index(
            "ix_g2p_score_compute_queue_batch_failed", "register_id", "signal_after", postgresql_where="batch_failed"
        ),
        Index("ix_g2p_score_compute_queue_batch", "batch_id", postgresql_where="batch_id IS NOT NULL"),
        # what neither road knows: there should be none, so it costs nothing
        Index(
            "ix_g2p_score_compute_queue_stray",
            "due_at",
            postgresql_where="compute_status = 'PROCESSING' AND NOT on_record_road AND batch_id IS NULL",
        ),
        Index(
            "ix_g2p_score_compute_queue_recomputation",
            "change_request_id",
            postgresql_where="reason = 'RECOMPUTE' AND compute_status <> 'COMPLETED'",
        ),
        Index(
            "ix_g2p_score_compute_queue_failed",
            "register_id",
            "compute_latest_timestamp",
            "queue_id",
            postgresql_where="compute_status = 'FAILED'",
        ),
    )

    queue_id: Mapped[str] = mapped_column(String, primary_key=True, server_default=NEW_ID)
    register_id: Mapped[str] = mapped_column(String)
    internal_record_id: Mapped[str] = mapped_column(String)
    score_definition_id: Mapped[str] = mapped_column(String)
    score_type: Mapped[str] = mapped_column(String)
    change_request_id: Mapped[str] = mapped_column(String)
    contributing_attribute_values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    compute_status: Mapped[str] = mapped_column(String, server_default=text("'PENDING'"))
    compute_latest_timestamp: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    compute_latest_error_code: Mapped[str | None] = mapped_column(String)
    # Ours:
    submission_id: Mapped[str] = mapped_column(String, server_default=text("''"))
    """Of the intake submission that asked, in place of a change request."""
    compute_latest_error_message: Mapped[str | None] = mapped_column(String)
    definition_version: Mapped[int] = mapped_column(Integer)
    score_config: Mapped[dict[str, Any]] = mapped_column(JSONB)
    debounce: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sequence: Mapped[int] = mapped_column(BigInteger, server_default=score_request_sequence.next_value())
    signaled_sequence: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    computed_sequence: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    """When it was asked for, the last time."""
    pending_since: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    """When its window began: earlier where approvals came close together, and after asking again."""
    signal_after: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    """No relay touches the row before: a relay's claim, the pace of signals, the wait after a refusal."""
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    """When the burst is over, by the row's own debounce: from then on a batch may take it."""
    reason: Mapped[str] = mapped_column(String, server_default=text("'APPROVAL'"))
    on_record_road: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """A ScoreRecordWorkflow has the record, or is about to."""
    processing_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when the record's run has had requests of this score type without a score of it being stored."""
    batch_id: Mapped[str | None] = mapped_column(String)
    """The batch that has the row; a newer approval takes it out."""
    batch_failed: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """It failed within a batch; its further attempts belong to the record road."""
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=text("2"))
    """Temporal's priority key; of what waits together, the most urgent one's."""
    fairness_key: Mapped[str] = mapped_column(String, server_default=text("''"))
    """Temporal's fairness key: whose storm must not delay others. Empty: the register's."""


class G2PScoreComputeBatch(Base):
    """A batch that is open: its rows name it. It is gone when none does."""

    __tablename__ = "g2p_score_compute_batches"

    batch_id: Mapped[str] = mapped_column(String, primary_key=True)
    register_id: Mapped[str] = mapped_column(String)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    start_after: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """When a relay starts its run (again): starting one that is open changes nothing."""


class _ScoreColumns:
    """What a score and each row of its history have in common."""

    register_id: Mapped[str] = mapped_column(String)
    internal_record_id: Mapped[str] = mapped_column(String)
    score_type: Mapped[str] = mapped_column(String)
    score_definition_id: Mapped[str] = mapped_column(String)
    triggered_by_cr_id: Mapped[str] = mapped_column(String)
    computed_score: Mapped[float] = mapped_column(Double)
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # Ours:
    triggered_by_submission_id: Mapped[str] = mapped_column(String, server_default=text("''"))
    sequence: Mapped[int] = mapped_column(BigInteger)
    definition_version: Mapped[int] = mapped_column(Integer)


class G2PRegisterScore(_ScoreColumns, Base):
    """The latest score of a record and score type; `score_id` never changes."""

    __tablename__ = "g2p_register_scores"
    __table_args__ = (
        UniqueConstraint("internal_record_id", "score_type", name="uq_g2p_register_scores_record_type"),
        # how many scores of a definition are stale
        Index("ix_g2p_register_scores_definition", "score_definition_id", "definition_version"),
        # lists of a register, by score and by time
        Index("ix_g2p_register_scores_by_score", "register_id", "score_type", "computed_score", "score_id"),
        Index("ix_g2p_register_scores_by_time", "register_id", "computed_at", "score_id"),
    )

    score_id: Mapped[str] = mapped_column(String, primary_key=True, server_default=NEW_ID)


class G2PRegisterScoreHistory(_ScoreColumns, Base):
    """Append-only: every score there was, with all it takes to compute it again."""

    __tablename__ = "g2p_register_score_history"
    __table_args__ = (
        UniqueConstraint(
            "internal_record_id", "score_type", "sequence", name="uq_g2p_register_score_history_record_type_sequence"
        ),
    )

    history_id: Mapped[str] = mapped_column(String, primary_key=True, server_default=NEW_ID)
    # Ours:
    contributing_attribute_values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    score_config: Mapped[dict[str, Any]] = mapped_column(JSONB)
    formula_name: Mapped[str] = mapped_column(String)
    formula_version: Mapped[str] = mapped_column(String)
    breakdown: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What each term of the formula contributed, where the compute service tells."""
