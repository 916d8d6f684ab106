"""A register that is recomputed, in a database of its own: what tests ask of it, a line each."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from objects import AN_ACTOR, FARMER, FARMER_ATTRIBUTES, NO_WINDOW, PMT_ATTRIBUTES, a_definition
from objects import a_farmer_register as a_stored_register
from postgres_sessions import requests_of
from registry.registers import count_records, lock_record_page
from registry.tables import Record
from scoring.definitions import RegisterFacts
from scoring.messages import ComputedScore, ScoreOutcomes, ScoreRequest
from scoring.recompute_messages import RecomputationProgress
from store.database import Session, SessionFactory
from store.definitions import DefinitionChange, create_definition, to_debounce, update_definition
from store.recomputation_pages import RegisterRecords, request_page
from store.recomputation_requests import AskedRecomputation, RecomputationWanted, ask_for_recomputation
from store.recomputations import get_recomputation
from store.requests import ApprovedChange, request_scores
from store.scores import save_outcomes

RECORDS = RegisterRecords(lock_record_page, count_records)


@dataclass(frozen=True)
class Recomputed:
    """A register with a definition of PMT_SCORE; its records come without any request for it."""

    sessions: SessionFactory
    register_id: str
    score_definition_id: str

    @property
    def facts(self) -> RegisterFacts:
        """As the core sees it."""
        return RegisterFacts(self.register_id, "REGISTER", FARMER_ATTRIBUTES)

    async def records(self, count: int, attributes: dict[str, Any] | None = None) -> list[str]:
        """So many records, in the order of their ids, as if they had been imported before any score was defined."""
        async with self.sessions.begin() as session:
            rows = [Record(register_id=self.register_id, attributes=attributes or FARMER) for _ in range(count)]
            session.add_all(rows)
            await session.flush()
            return sorted(row.internal_record_id for row in rows)

    async def ask(self, **wanted: Any) -> str:
        """Ask for a recomputation of PMT_SCORE; its id."""
        return (await self.asked(**wanted)).recomputation_id

    async def asked(self, **wanted: Any) -> AskedRecomputation:
        """Ask for a recomputation of PMT_SCORE."""
        async with self.sessions.begin() as session:
            return await self.asked_in(session, **wanted)

    async def asked_in(self, session: Session, **wanted: Any) -> AskedRecomputation:
        """Ask for a recomputation of PMT_SCORE, without a commit."""
        [asked] = await ask_for_recomputation(session, self.facts, RecomputationWanted(["PMT_SCORE"], **wanted))
        return asked

    async def page(self, limit: int) -> int:
        """Request the next page and commit it."""
        async with self.sessions.begin() as session:
            return await self.page_in(session, limit)

    async def page_in(self, session: Session, limit: int) -> int:
        """Request the next page."""
        return await request_page(session, self.register_id, "PMT_SCORE", RECORDS, limit)

    async def progress(self, recomputation_id: str) -> RecomputationProgress:
        """How far it is."""
        async with self.sessions() as session:
            return (await get_recomputation(session, recomputation_id)).progress

    async def reasons(self, records: list[str]) -> list[tuple[str, str]]:
        """Why each record's score was asked for last, and by what."""
        rows = [(await requests_of(self.sessions, record))["PMT_SCORE"] for record in records]
        return [(row.reason, row.change_request_id) for row in rows]

    async def ask_for_score(self, record: str) -> None:
        """As an approval of it would."""
        change = ApprovedChange(self.register_id, "REGISTER", record, "CR-00001", {"income": 5000}, FARMER)
        async with self.sessions.begin() as session:
            await request_scores(session, change)

    async def settle(self, record: str) -> None:
        """Store a score for its latest request."""
        row = (await requests_of(self.sessions, record))["PMT_SCORE"]
        request = ScoreRequest(
            row.score_type,
            row.sequence,
            row.change_request_id,
            row.contributing_attribute_values,
            row.score_definition_id,
            row.definition_version,
            row.score_config,
            to_debounce(row.debounce),
        )
        async with self.sessions.begin() as session:
            score = ComputedScore(request, 1.0, "a formula", "1")
            await save_outcomes(session, ScoreOutcomes(self.register_id, record, [score]))

    async def change_definition(self, **changes: Any) -> None:
        """Change the definition of PMT_SCORE."""
        async with self.sessions.begin() as session:
            await update_definition(
                session, AN_ACTOR, self.score_definition_id, DefinitionChange(**changes), self.facts
            )

    async def execute(self, statement: str) -> Any:
        """Run SQL and return its one value, if there is one."""
        async with self.sessions.begin() as session:
            return await self.execute_in(session, statement)

    async def execute_in(self, session: Session, statement: str) -> Any:
        """Run SQL and return its one value, if there is one, without a commit."""
        result: Any = await session.execute(text(statement))
        return result.scalar() if result.returns_rows else None


async def a_recomputed_register(sessions: SessionFactory) -> Recomputed:
    """A register of farmers with a definition of PMT_SCORE."""
    async with sessions.begin() as session:
        register_id = (await a_stored_register(session)).register_id
        definition = a_definition(register_id=register_id, debounce=NO_WINDOW, contributing_attributes=PMT_ATTRIBUTES)
        facts = RegisterFacts(register_id, "REGISTER", FARMER_ATTRIBUTES)
        row = await create_definition(session, AN_ACTOR, definition, facts)
    return Recomputed(sessions, register_id, row.score_definition_id)
