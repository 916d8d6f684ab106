"""The table of recomputations: which register and score type, how far it is, and when a relay looks after its run."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, DateTime, Double, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base
from store.tables import NOW

# literal predicates: a bound one can fail from the sixth execution on a connection (asyncpg issue 1137)
IS_ACTIVE = "status IN ('REQUESTED', 'RUNNING', 'PAUSED')"


class G2PScoreRecomputation(Base):
    """One recomputation of a score type of a register; its id stands in place of a change request's."""

    __tablename__ = "g2p_score_recomputations"
    __table_args__ = (
        CheckConstraint(
            "status IN ('REQUESTED', 'RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED', 'FAILED')", name="status"
        ),
        Index(
            "uq_g2p_score_recomputations_active",
            "register_id",
            "score_type",
            unique=True,
            postgresql_where=IS_ACTIVE,
        ),
        Index("ix_g2p_score_recomputations_register", "register_id", "requested_at"),
        Index("ix_g2p_score_recomputations_start", "start_after", postgresql_where="start_after IS NOT NULL"),
    )

    recomputation_id: Mapped[str] = mapped_column(
        String, primary_key=True, server_default=text("('recompute:'::text || (gen_random_uuid())::text)")
    )
    register_id: Mapped[str] = mapped_column(String)
    score_type: Mapped[str] = mapped_column(String)
    score_definition_id: Mapped[str] = mapped_column(String)
    definition_version: Mapped[int] = mapped_column(Integer)
    """The version it was asked for, or joined, with: a newer one makes it begin again."""
    only_stale: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    rate: Mapped[float | None] = mapped_column(Double)
    """Records a second that it may request at most."""
    status: Mapped[str] = mapped_column(String, server_default=text("'REQUESTED'"))
    total_records: Mapped[int | None] = mapped_column(Integer)
    looked_at: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    requested: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    failed: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """How many ended FAILED; written at its end."""
    last_record_id: Mapped[str] = mapped_column(String, server_default=text("''"))
    """The cursor: the next page begins after this record."""
    all_requested: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """There is no record after the cursor: what is left is to wait for the scores."""
    reason: Mapped[str | None] = mapped_column(String)
    """Why it FAILED."""
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    start_after: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), server_default=NOW)
    """When a relay starts its run (again) or makes it look at this row; none when there is nothing to tell it."""
