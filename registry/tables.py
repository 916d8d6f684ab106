"""Registers, records with their history, and change requests."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
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

SEARCHED = """(
CASE
    WHEN octet_length(attributes::text) <= 100000 \
    THEN jsonb_to_tsvector('simple'::regconfig, attributes, '["string", "numeric"]'::jsonb)
    ELSE ''::tsvector
END || array_to_tsvector(ARRAY[' '::text || register_id::text, internal_record_id::text]))"""
"""A record's words for a search, its register (as no word begins: with a space) and its id, both as they are written.

A tsvector has room for 1 MiB, and beyond it the record could not be stored. Written as PostgreSQL writes it: so Alembic
finds the index to be the same.
"""


class RegisterPurpose(StrEnum):
    """What a register is for; only REGISTER has scores."""

    REGISTER = "REGISTER"
    PROGRAM_REGISTER = "PROGRAM_REGISTER"
    TABLE = "TABLE"


class AttributeType(StrEnum):
    """What an attribute holds."""

    NUMBER = "number"
    INTEGER = "integer"
    TEXT = "text"
    BOOLEAN = "boolean"
    LIST = "list"


class ChangeRequestStatus(StrEnum):
    """Where a change request stands; it leaves PENDING once."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class Register(Base):
    """A register, with its attributes' types by dot path."""

    __tablename__ = "registers"
    __table_args__ = (
        CheckConstraint("register_purpose IN ('REGISTER', 'PROGRAM_REGISTER', 'TABLE')", name="register_purpose"),
    )

    register_id: Mapped[str] = mapped_column(String, primary_key=True, server_default=NEW_ID)
    register_mnemonic: Mapped[str] = mapped_column(String)
    register_purpose: Mapped[str] = mapped_column(String)
    attributes: Mapped[dict[str, str]] = mapped_column(JSONB)
    hook_sender: Mapped[str | None] = mapped_column(String)
    """Whose hooks feed it: its change requests are approved in another registry, and none can be made here."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)


class Record(Base):
    """A record's attributes as last approved."""

    __tablename__ = "records"
    __table_args__ = (
        Index("ix_records_register_id_internal_record_id", "register_id", "internal_record_id"),
        Index("ix_records_search", text(SEARCHED), postgresql_using="gin"),
    )

    internal_record_id: Mapped[str] = mapped_column(String, primary_key=True, server_default=NEW_ID)
    register_id: Mapped[str] = mapped_column(ForeignKey("registers.register_id"))
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    source_sequence: Mapped[int | None] = mapped_column(BigInteger)
    """Where hooks feed it: the place of the latest change in the order of the registry it comes from."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)


class ChangeRequest(Base):
    """What somebody asks to change in a record; without a record, it creates one."""

    __tablename__ = "change_requests"
    __table_args__ = (
        CheckConstraint("status IN ('PENDING', 'APPROVED', 'REJECTED')", name="status"),
        # lists: of a record, of a register, and of what waits for its approval, in any and in one
        Index("ix_change_requests_record", "internal_record_id", "created_at", "change_request_id"),
        Index("ix_change_requests_register", "register_id", "created_at", "change_request_id"),
        Index("ix_change_requests_pending", "created_at", "change_request_id", postgresql_where="status = 'PENDING'"),
        Index(
            "ix_change_requests_register_pending",
            "register_id",
            "created_at",
            "change_request_id",
            postgresql_where="status = 'PENDING'",
        ),
    )

    change_request_id: Mapped[str] = mapped_column(String, primary_key=True)
    register_id: Mapped[str] = mapped_column(ForeignKey("registers.register_id"))
    internal_record_id: Mapped[str | None] = mapped_column(ForeignKey("records.internal_record_id"))
    change_payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(String, server_default=text("'PENDING'"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RecordHistory(Base):
    """Append-only: a record after each approved change request."""

    __tablename__ = "record_history"
    __table_args__ = (UniqueConstraint("internal_record_id", "version", name="uq_record_history_record_version"),)

    history_id: Mapped[str] = mapped_column(String, primary_key=True, server_default=NEW_ID)
    internal_record_id: Mapped[str] = mapped_column(ForeignKey("records.internal_record_id"))
    version: Mapped[int] = mapped_column(Integer)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    change_request_id: Mapped[str] = mapped_column(ForeignKey("change_requests.change_request_id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)


class ReceivedKind(StrEnum):
    """What another registry approved."""

    CHANGE_REQUEST = "CHANGE_REQUEST"
    SUBMISSION = "SUBMISSION"


class ReceivedChange(Base):
    """Append-only: an approval that another registry told of; its key makes a repeated hook harmless.

    A change request changes one record of a register; a submission may fill several.
    """

    __tablename__ = "received_changes"
    __table_args__ = (
        CheckConstraint("kind IN ('CHANGE_REQUEST', 'SUBMISSION')", name="kind"),
        Index(
            "uq_received_changes_change_request",
            "register_id",
            "change_id",
            unique=True,
            postgresql_where="kind = 'CHANGE_REQUEST'",
        ),
    )

    register_id: Mapped[str] = mapped_column(ForeignKey("registers.register_id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String, primary_key=True)
    change_id: Mapped[str] = mapped_column(String, primary_key=True)
    """The id of the change request or of the submission, over there."""
    internal_record_id: Mapped[str] = mapped_column(ForeignKey("records.internal_record_id"), primary_key=True)
    source_sequence: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
