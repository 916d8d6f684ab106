"""Who did what, and when: entries that are written in the transaction of what they tell of, and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, String, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from store.database import Base, Session
from store.tables import NOW


@dataclass(frozen=True)
class Actor:
    """Who acts (a token's subject), by which way in (`api`, `cli`, `hook`), and from which address."""

    name: str
    source: str
    username: str | None = None
    """What people call the actor, where the token tells."""
    address: str | None = None


class AuditEntry(Base):
    """Append-only: one action of one actor on one record."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_subject", "subject", "occurred_at", "audit_id"),
        Index("ix_audit_log_actor", "actor", "occurred_at", "audit_id"),
        Index("ix_audit_log_occurred_at", "occurred_at", "audit_id"),
    )

    audit_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    actor: Mapped[str] = mapped_column(String)
    username: Mapped[str | None] = mapped_column(String)
    source: Mapped[str] = mapped_column(String)
    address: Mapped[str | None] = mapped_column(String)
    action: Mapped[str] = mapped_column(String)
    subject: Mapped[str] = mapped_column(String)
    """The id of what was acted on."""
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


async def append_audit(
    session: Session, actor: Actor, action: str, subject: str, details: Mapping[str, object]
) -> None:
    """Write an entry; ids and names only, never a record's values."""
    entry = {"actor": actor.name, "username": actor.username, "source": actor.source, "address": actor.address}
    acted = {"action": action, "subject": subject, "details": dict(details)}
    await session.execute(insert(AuditEntry).values(**entry, **acted))


async def list_audit(session: Session, subject: str) -> list[AuditEntry]:
    """What was done to it, newest first."""
    statement = select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.audit_id.desc())
    return list(await session.scalars(statement))
