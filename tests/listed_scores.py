"""Rows for lists: scores, requests, audit entries, by the few columns that a list looks at."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from objects import an_id
from store.audit import AuditEntry
from store.database import Session
from store.tables import ComputeStatus, G2PRegisterScore, G2PScoreComputeQueue

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(minutes: int) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


async def a_score(session: Session, register_id: str, computed_score: float = 1.0, **columns: Any) -> str:
    """A score of a record of its own, computed at noon; the record's id."""
    record = columns.setdefault("internal_record_id", an_id())
    row = {
        "register_id": register_id,
        "score_type": "PMT_SCORE",
        "score_definition_id": "definition",
        "triggered_by_cr_id": "CR-1",
        "computed_score": computed_score,
        "computed_at": NOON,
        "sequence": 1,
        "definition_version": 1,
    }
    await session.execute(insert(G2PRegisterScore).values(row | columns))
    return str(record)


async def a_score_request(session: Session, register_id: str, status: ComputeStatus, **columns: Any) -> str:
    """A request for a score of a record of its own; the record's id."""
    record = columns.setdefault("internal_record_id", an_id())
    row = {
        "register_id": register_id,
        "score_type": "PMT_SCORE",
        "score_definition_id": "definition",
        "change_request_id": "CR-1",
        "contributing_attribute_values": {},
        "score_config": {},
        "definition_version": 1,
        "debounce": {"quiet_period": 0, "max_wait": 0},
        "compute_status": status.value,
        "compute_latest_timestamp": NOON,
    }
    await session.execute(insert(G2PScoreComputeQueue).values(row | columns))
    return str(record)


async def an_audit_entry(session: Session, subject: str, **columns: Any) -> None:
    """An officer's approval at noon, through the API."""
    row = {
        "subject": subject,
        "occurred_at": NOON,
        "actor": "officer",
        "username": "Officer Kamau",
        "source": "api",
        "address": "10.0.0.7",
        "action": "approve_change_request",
        "details": {},
    }
    await session.execute(insert(AuditEntry).values(row | columns))
