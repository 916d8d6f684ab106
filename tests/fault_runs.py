"""A load as it was driven, small, with its end state built through the product's own registry and store."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text

from faults.load import Acknowledged
from faults.oracle import Kind, Observed, check
from objects import AN_ACTOR, a_definition, a_farmer_register, an_approval, register_facts
from postgres_sessions import stored_scores
from registry.registers import count_records, lock_record_page
from scoring.compute import call_service, find_compute_service, formula_of
from scoring.errors import ScoreInputError
from scoring.messages import ComputedScore, FailedScore, ScoreOutcomes, ScoreRequest
from store.database import SessionFactory
from store.definitions import create_definition, to_debounce
from store.recomputation_pages import RegisterRecords, complete_recomputation, request_page
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation
from store.scores import save_outcomes
from store.tables import G2PScoreComputeQueue


@dataclass
class Run:
    """A load as it was driven, small: what was acknowledged, and where it is stored."""

    sessions: SessionFactory
    url: str
    register_id: str
    acknowledged: list[Acknowledged] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    """Ids that statements may use as parameters."""

    async def approve(self, payload: dict[str, Any], record: str | None = None) -> Acknowledged:
        """An approved change, of a new record where none is named."""
        async with self.sessions.begin() as session:
            row = await an_approval(session, self.register_id, payload, record)
        record_id = str(row.internal_record_id)
        self.acknowledged.append(Acknowledged(self.register_id, record_id, row.change_request_id, payload, 0.0))
        return self.acknowledged[-1]

    async def compute(self) -> None:
        """Settle every pending request, as workers do."""
        async with self.sessions.begin() as session:
            pending = select(G2PScoreComputeQueue).where(G2PScoreComputeQueue.compute_status == "PENDING")
            for row in (await session.scalars(pending)).all():
                await save_outcomes(session, await outcomes_of(row))

    async def recompute(self, score_type: str) -> None:
        """Compute the register's scores of this type again."""
        async with self.sessions.begin() as session:
            facts = register_facts(self.register_id)
            [asked] = await ask_for_recomputation(session, facts, RecomputationWanted([score_type]))
            records = RegisterRecords(lock_record_page, count_records)
            await request_page(session, self.register_id, score_type, records, 500)
        await self.compute()
        async with self.sessions.begin() as session:
            await complete_recomputation(session, asked.recomputation_id)

    async def plant(self, *statements: str) -> None:
        """Run these, behind the product's back."""
        async with self.sessions.begin() as session:
            for statement in statements:
                named = {name: value for name, value in self.named.items() if f":{name}" in statement}
                await session.execute(text(statement), named)

    async def a_score(self) -> int:
        """Name one of A's scores `score`; its sequence."""
        async with self.sessions() as session:
            [score, *_] = await stored_scores(session, self.named["a"])
        self.named["score"] = score.score_id
        return score.sequence

    async def kinds(self, observed: Observed | None = None) -> set[Kind]:
        """What the oracle finds."""
        verdict = await check(self.url, self.acknowledged, observed)
        return {finding.kind for finding in verdict.findings}


async def outcomes_of(row: G2PScoreComputeQueue) -> ScoreOutcomes:
    """What computing the request comes to."""
    values, config = row.contributing_attribute_values, row.score_config
    request = ScoreRequest(
        row.score_type,
        row.sequence,
        row.change_request_id,
        values,
        row.score_definition_id,
        row.definition_version,
        config,
        to_debounce(row.debounce),
    )
    service = find_compute_service(row.score_type, config)
    try:
        score = await call_service(service, row.internal_record_id, values, config)
    except ScoreInputError as error:
        failed = FailedScore(request, type(error).__name__, error.detail)
        return ScoreOutcomes(row.register_id, row.internal_record_id, failed=[failed])
    computed = ComputedScore(request, score, *formula_of(service))
    return ScoreOutcomes(row.register_id, row.internal_record_id, computed=[computed])


A = {"name": "A", "phone": "1", "income": 5000, "assets": {"land_area": 2.1}, "household": {"member_count": 4}}


async def a_settled_run(sessions: SessionFactory, database_url: str) -> Run:
    """Record A has a history and a last change that touches nothing, B a score that fails, all were recomputed once.

    Named are the records (`a`, `b`) and three change requests of A: its first, the last that touches a score, the last.
    """
    async with sessions.begin() as session:
        register_id = (await a_farmer_register(session)).register_id
        for score_type in ("PMT_SCORE", "FSF_SCORE"):
            await create_definition(
                session, AN_ACTOR, a_definition(score_type, register_id), register_facts(register_id)
            )
    run = Run(sessions, database_url, register_id)
    first = await run.approve(A)
    a = first.internal_record_id
    b = (await run.approve({**A, "name": "B"})).internal_record_id
    await run.approve({**A, "name": "C"})
    await run.compute()
    await run.approve({"income": 3500, "assets.land_area": None}, a)
    await run.approve({"household": {"member_count": None}}, b)
    await run.compute()
    await run.recompute("PMT_SCORE")
    await run.approve({"income": 5000}, a)
    touching = await run.approve({"income": 4200, "assets": {"land_area": 0.7}}, a)
    await run.compute()
    last = await run.approve({"name": "A", "phone": None}, a)
    changes = {"first_change": first, "touching_change": touching, "last_change": last}
    run.named = {"a": a, "b": b} | {name: change.change_request_id for name, change in changes.items()}
    return run
