"""The tables of score definitions and of their weighted attributes; `Ours:` as in tables.py."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, DateTime, Double, ForeignKey, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base
from store.tables import NEW_ID, NOW


class G2PRegisterScoreDefinition(Base):
    """What a score type of a register is computed from."""

    __tablename__ = "g2p_register_score_definitions"
    __table_args__ = (
        UniqueConstraint("register_id", "score_type", name="uq_g2p_register_score_definitions_register_type"),
    )

    score_definition_id: Mapped[str] = mapped_column(String, primary_key=True, server_default=NEW_ID)
    register_id: Mapped[str] = mapped_column(String)
    score_type: Mapped[str] = mapped_column(String)
    contributing_attributes: Mapped[list[str]] = mapped_column(JSONB)
    score_config: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_enabled: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    # Ours:
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    debounce: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)


class G2PRegisterScoreContributingAttribute(Base):
    """One weighted attribute of a definition: what OpenG2P's latest code keeps in place of `score_config`."""

    __tablename__ = "g2p_register_score_contributing_attributes"
    __table_args__ = (
        UniqueConstraint(
            "score_definition_id", "attribute_name", name="uq_g2p_register_score_contributing_attributes_name"
        ),
    )

    contributing_attribute_id: Mapped[str] = mapped_column(String, primary_key=True, server_default=NEW_ID)
    score_definition_id: Mapped[str] = mapped_column(
        # named here: the convention's name is longer than PostgreSQL takes
        ForeignKey(
            "g2p_register_score_definitions.score_definition_id",
            name="fk_contributing_attributes_definition",
            ondelete="CASCADE",
        )
    )
    attribute_name: Mapped[str] = mapped_column(String)
    attribute_computation_required: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """Whether the value is mapped to a number before it is weighed."""
    attribute_computation_value: Mapped[dict[str, float] | None] = mapped_column(JSONB(none_as_null=True))
    attribute_weightage: Mapped[float] = mapped_column(Double)
