"""Approved records in a real database, for tests of the relay and of the whole road."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from temporalio.client import Client, WorkflowHandle

from objects import AN_ACTOR, FARMER, FARMER_ATTRIBUTES, a_definition, an_approval
from postgres_sessions import stored_scores
from registry.registers import create_register
from registry.tables import RegisterPurpose
from relay.policy import RelayPolicy
from relay.relay import Relay
from relay.signals import SignalSender
from scoring.definitions import SCORED_PURPOSE, RegisterFacts
from scoring.messages import ComputePolicy
from scoring.names import score_record_workflow_id
from store.database import SessionFactory
from store.definitions import create_definition
from store.outbox import list_requests
from store.scores import list_history
from store.tables import G2PRegisterScore, G2PRegisterScoreHistory, G2PScoreComputeQueue
from temporal_fakes.activities import PATIENCE_SECONDS
from temporal_fakes.runs import counted

AN_HOUR_IN_SECONDS = 3600.0
THREE_QUICK_ATTEMPTS = ComputePolicy(initial_interval=0.05, maximum_interval=0.05, maximum_attempts=3)


@dataclass(frozen=True)
class Farmers:
    """A register of farmers in a database of its own, and the relay that serves it."""

    database_url: str
    sessions: SessionFactory
    client: Client
    register_id: str

    async def define(self, score_type: str, **changes: Any) -> None:
        """Store a definition, by default without a window."""
        async with self.sessions.begin() as session:
            definition = a_definition(score_type, self.register_id, **changes)
            await create_definition(session, AN_ACTOR, definition, RegisterFacts(self.register_id, SCORED_PURPOSE))

    async def approve(self, payload: dict[str, Any] | None = None, record_id: str | None = None) -> str:
        """Approve a change; returns the record, a new one where none is given."""
        async with self.sessions.begin() as session:
            approved = await an_approval(session, self.register_id, payload or FARMER, record_id)
        assert approved.internal_record_id is not None
        return approved.internal_record_id

    def relay(self, sender: SignalSender | None = None, **policy: Any) -> Relay:
        """A relay, with the real pace where nothing else is said."""
        return Relay(self.database_url, self.sessions, sender or self.sender(), RelayPolicy(**policy))

    def sender(self) -> SignalSender:
        """What sends the signals."""
        return SignalSender(self.client, THREE_QUICK_ATTEMPTS)

    async def requests(self, record_id: str) -> dict[str, G2PScoreComputeQueue]:
        """The record's requests by score type."""
        async with self.sessions() as session:
            return {request.score_type: request for request in await list_requests(session, record_id)}

    async def statuses(self, record_id: str) -> dict[str, str]:
        """Where the record's requests stand, by score type."""
        return {score_type: request.compute_status for score_type, request in (await self.requests(record_id)).items()}

    async def scores(self, record_id: str) -> dict[str, G2PRegisterScore]:
        """The record's scores by score type."""
        async with self.sessions() as session:
            return {score.score_type: score for score in await stored_scores(session, record_id)}

    async def history(self, record_id: str, score_type: str) -> list[G2PRegisterScoreHistory]:
        """Every score of the record and type."""
        async with self.sessions() as session:
            return await list_history(session, record_id, score_type)

    async def execute(self, statement: str) -> Any:
        """Run SQL and return its one value, if there is one."""
        async with self.sessions.begin() as session:
            result: Any = await session.execute(text(statement))
            return result.scalar() if result.returns_rows else None

    async def let_every_wait_end(self) -> None:
        """Claims, paces and delays of all requests are over."""
        await self.execute("UPDATE g2p_score_compute_queue SET signal_after = now()")

    def run_of(self, record_id: str) -> WorkflowHandle[Any, Any]:
        """The record's latest run."""
        return self.client.get_workflow_handle(score_record_workflow_id(self.register_id, record_id))

    async def signals(self, record_id: str) -> int:
        """How many signals the record's latest run got."""
        history = await self.run_of(record_id).fetch_history()
        return counted(history.events)["WORKFLOW_EXECUTION_SIGNALED"]

    async def until_statuses(self, record_id: str, **statuses: str) -> None:
        """Wait until the record's requests stand so."""

        async def stand_so() -> bool:
            return await self.statuses(record_id) == statuses

        await until(stand_so)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until this holds of something that tells of no change by itself."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await holds():
            await asyncio.sleep(0.05)


async def a_register_of_farmers(
    database_url: str, sessions: SessionFactory, client: Client, **attributes: str
) -> Farmers:
    """Farmers, with further attributes if need be."""
    async with sessions.begin() as session:
        declared = FARMER_ATTRIBUTES | attributes
        register = await create_register(session, "Farmer", RegisterPurpose.REGISTER, declared)
    return Farmers(database_url, sessions, client, register.register_id)
