"""A register that another registry's hooks feed, in a database of its own: what tests ask of it, a line each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from objects import FARMER, FARMER_ATTRIBUTES, a_stored_definition
from postgres_sessions import requests_of
from registry.received_changes import ChangeElsewhere, Receipt, receive_change
from registry.registers import create_register, get_record
from registry.tables import ReceivedChange, ReceivedKind, Record, RegisterPurpose
from store.audit import Actor
from store.database import SessionFactory

SENDER = Actor("farmer-registry", "hook", address="192.0.2.7")


@dataclass(frozen=True)
class Fed:
    """A register of farmers with both score types; nothing in it was ever approved here."""

    sessions: SessionFactory
    register_id: str

    def change(self, sequence: int, income: float = 5000, **fields: Any) -> ChangeElsewhere:
        """An approved change of record A's income, the so-manieth of that record."""
        change = ChangeElsewhere(
            register_id=self.register_id,
            kind=ReceivedKind.CHANGE_REQUEST,
            change_id=f"CR-{sequence}",
            internal_record_id="A",
            source_sequence=sequence,
            items=[{"income": income}],
            record_attributes=FARMER | {"income": income},
        )
        return replace(change, **fields)

    async def receive(self, change: ChangeElsewhere, sender: Actor = SENDER) -> Receipt:
        """Receive and commit."""
        async with self.sessions.begin() as session:
            return await receive_change(session, change, sender)

    async def record(self, internal_record_id: str = "A") -> Record:
        """The record as it is committed."""
        async with self.sessions() as session:
            return await get_record(session, internal_record_id)

    async def asked(self, internal_record_id: str = "A") -> Mapping[str, tuple[str, Any]]:
        """By score type, the change that its request names, and the income that it would compute with."""
        requests = await requests_of(self.sessions, internal_record_id)
        return {
            name: (row.submission_id or row.change_request_id, row.contributing_attribute_values.get("income"))
            for name, row in requests.items()
        }

    async def received(self) -> list[tuple[str, str, int]]:
        """Every change that was received, in the order of the other registry."""
        statement = select(ReceivedChange).order_by(ReceivedChange.source_sequence, ReceivedChange.change_id)
        async with self.sessions() as session:
            rows = await session.scalars(statement)
            return [(row.change_id, row.internal_record_id, row.source_sequence) for row in rows]


async def a_fed_register(sessions: SessionFactory, sender: str | None = SENDER.name) -> Fed:
    """A register with definitions of PMT_SCORE and FSF_SCORE."""
    async with sessions.begin() as session:
        register = await create_register(session, "Farmer", RegisterPurpose.REGISTER, FARMER_ATTRIBUTES, sender)
        for score_type in ("FSF_SCORE", "PMT_SCORE"):
            await a_stored_definition(session, score_type, register.register_id)
    return Fed(sessions, register.register_id)
