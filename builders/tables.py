"""Users with their Builder Score, projects, and who collaborates on them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base
from store.tables import NEW_ID, NOW


class ProjectStatus(StrEnum):
    """Where a project stands; its owner may move it to any other."""

    DRAFT = "draft"
    """Seen by its owner and by whom that one has invited."""
    ACTIVE = "active"
    SHIPPED = "shipped"
    ARCHIVED = "archived"


class CollaboratorStatus(StrEnum):
    """Where a collaboration stands."""

    INVITED = "invited"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    """By who was invited; that one may still confirm."""
    REMOVED = "removed"
    """By the owner, or left; the owner may invite again."""


class User(Base):
    """A builder: who may sign in as it, its profile, and its score as last stored."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("username", name="uq_users_username"),
        UniqueConstraint("subject", name="uq_users_subject"),
        CheckConstraint("builder_score >= 0", name="builder_score"),
        # the ids keep the order of equal scores, and so pages, stable
        Index("idx_users_builder_score", text("builder_score DESC"), text("user_id DESC")),
    )

    user_id: Mapped[str] = mapped_column(String, primary_key=True, server_default=NEW_ID)
    subject: Mapped[str] = mapped_column(String)
    """Of the tokens that may change it."""
    username: Mapped[str] = mapped_column(String)
    display_name: Mapped[str] = mapped_column(String)
    headline: Mapped[str] = mapped_column(String, server_default=text("''"))
    bio: Mapped[str] = mapped_column(String, server_default=text("''"))
    skills: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))
    location: Mapped[str] = mapped_column(String, server_default=text("''"))
    website: Mapped[str] = mapped_column(String, server_default=text("''"))
    builder_score: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """A copy of the stored BUILDER_SCORE, written in the same transaction."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    """Of the profile; a new score does not touch it."""


class Project(Base):
    """A project and what its use amounts to."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'active', 'shipped', 'archived')", name="status"),
        CheckConstraint("active_users >= 0 AND downloads >= 0 AND stars >= 0", name="impact"),
        Index("ix_projects_owner", "owner_id", "project_id"),
    )

    project_id: Mapped[str] = mapped_column(String, primary_key=True, server_default=NEW_ID)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.user_id"))
    title: Mapped[str] = mapped_column(String)
    summary: Mapped[str] = mapped_column(String, server_default=text("''"))
    status: Mapped[str] = mapped_column(String, server_default=text("'draft'"))
    active_users: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    downloads: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    stars: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    shipped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it was shipped last; null where it is not shipped now."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)


class ProjectCollaborator(Base):
    """Somebody whom a project's owner has invited, and what became of it."""

    __tablename__ = "project_collaborators"
    __table_args__ = (
        CheckConstraint("status IN ('invited', 'confirmed', 'declined', 'removed')", name="status"),
        CheckConstraint("(status = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_at"),
        Index("ix_project_collaborators_user", "user_id", "status", "project_id"),
    )

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.project_id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id"), primary_key=True)
    status: Mapped[str] = mapped_column(String, server_default=text("'invited'"))
    invited_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
