"""Builders' scores, computed and stored as a worker does it, without Temporal; and rings of people who vouch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, text

from builders.records import RECORDS, WRITE_BACK
from builders.register import BUILDER_SCORE, BUILDERS, FACTS
from builders.tables import CollaboratorStatus, Project, ProjectCollaborator, User
from objects import AN_ACTOR, an_id
from scoring.compute import call_service, find_compute_service, require_score
from scoring.messages import ComputedScore, ScoreOutcomes, ScoreRequest
from store.database import Session, SessionFactory
from store.definition_tables import G2PRegisterScoreDefinition
from store.definitions import DefinitionChange, to_debounce, update_definition
from store.recomputation_pages import request_page
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation
from store.scores import save_outcomes
from store.write_backs import written_back

_TAKE = text("""
UPDATE g2p_score_compute_queue AS request SET compute_status = 'PROCESSING' FROM (
    SELECT queue_id FROM g2p_score_compute_queue WHERE compute_status = 'PENDING' AND register_id = :register_id
    ORDER BY internal_record_id FOR UPDATE SKIP LOCKED
) AS waiting
WHERE request.queue_id = waiting.queue_id
RETURNING request.*
""")


@dataclass(frozen=True)
class ScoredBuilders:
    """The builders of a database."""

    sessions: SessionFactory

    async def score(self) -> None:
        """Compute and store whatever waits."""
        async with self.sessions.begin() as session:
            taken = (await session.execute(_TAKE, {"register_id": BUILDERS})).all()
        for row in taken:
            async with self.sessions.begin() as session:
                await store_score_of(session, row)

    async def recompute(self, *, only_stale: bool = False) -> None:
        """As `steadyscore recompute builders` does, to the end."""
        async with self.sessions.begin() as session:
            await ask_for_recomputation(session, FACTS, RecomputationWanted([BUILDER_SCORE], only_stale))
        looked_at = limit = 100
        while looked_at == limit:
            async with self.sessions.begin() as session:
                looked_at = await request_page(session, BUILDERS, BUILDER_SCORE, RECORDS, limit)
        await self.score()
        await self.execute("UPDATE g2p_score_recomputations SET status = 'COMPLETED', completed_at = now()")

    async def definition(self) -> G2PRegisterScoreDefinition:
        """The one that the migration made, as it is now."""
        definition = G2PRegisterScoreDefinition
        async with self.sessions() as session:
            return (await session.scalars(select(definition).where(definition.register_id == BUILDERS))).one()

    async def change_definition(self, **changes: Any) -> G2PRegisterScoreDefinition:
        """As update_score_definition does; what became of it."""
        async with self.sessions.begin() as session:
            return await self.change_definition_in(session, **changes)

    async def change_definition_in(self, session: Session, **changes: Any) -> G2PRegisterScoreDefinition:
        """The same without a commit."""
        score_definition_id = (await self.definition()).score_definition_id
        return await update_definition(session, AN_ACTOR, score_definition_id, DefinitionChange(**changes), FACTS)

    async def scores(self) -> dict[str, int]:
        """`users.builder_score` by user."""
        async with self.sessions() as session:
            return {user.user_id: user.builder_score for user in await session.scalars(select(User))}

    async def execute(self, statement: str, **parameters: Any) -> None:
        """Change something behind everybody's back."""
        async with self.sessions.begin() as session:
            await session.execute(text(statement), parameters)


async def store_score_of(session: Session, row: Any) -> None:
    """Compute the score that a row of the queue asks for and store it with its copy, as the persist activity does."""
    request, user_id = as_request(row), row.internal_record_id
    service = find_compute_service(BUILDER_SCORE, request.score_config)
    result = await call_service(service, user_id, request.contributing_attribute_values, request.score_config)
    score = ComputedScore(request, require_score(result, BUILDER_SCORE), "builders.score.BuilderScore", "1")
    async with written_back(session, WRITE_BACK, [user_id]):
        await save_outcomes(session, ScoreOutcomes(BUILDERS, user_id, [score]))


def as_request(row: Any) -> ScoreRequest:
    """A row of the queue as it is sent."""
    return ScoreRequest(
        row.score_type,
        row.sequence,
        row.change_request_id,
        row.contributing_attribute_values,
        row.score_definition_id,
        row.definition_version,
        row.score_config,
        to_debounce(row.debounce),
    )


async def a_ring(session: Session, size: int, projects_each: int = 1) -> list[str]:
    """So many people, each of whom has shipped projects on which all the others have confirmed; nobody was told."""
    users = [User(subject=an_id(), username=f"ring-{number}", display_name="R") for number in range(size)]
    session.add_all(users)
    await session.flush()
    ids = [user.user_id for user in users]
    await add_ring_projects(session, ids, projects_each)
    return ids


async def add_ring_projects(session: Session, ids: Sequence[str], projects_each: int) -> None:
    """More projects of the same people with the same people."""
    owned = [Project(owner_id=one, title="P", status="shipped") for one in ids for _ in range(projects_each)]
    session.add_all(owned)
    await session.flush()
    rows = [
        {"project_id": project.project_id, "user_id": user_id}
        for project in owned
        for user_id in ids
        if user_id != project.owner_id
    ]
    confirmed = {"status": CollaboratorStatus.CONFIRMED.value, "confirmed_at": func.now()}
    await session.execute(insert(ProjectCollaborator).values(confirmed), rows)
