"""Builder Scores on their last step: what a run brings to its persist activity on either road, and what is stored."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from sqlalchemy import select, text
from temporalio.testing import ActivityEnvironment

from activities.batch import BatchActivities
from activities.persist import PersistActivities
from activities.services import ServiceRunner
from builders.register import BUILDER_SCORE, BUILDERS
from builders.tables import User
from postgres_sessions import claim_due, requests_of, rows_in, set_requests, stored_scores
from scored_builders import as_request
from scoring.batch_messages import ComputedBatch, ScoresOfBatch
from scoring.messages import ComputedScore, ScoreOutcomes
from steadyscore.domains import WRITE_BACKS
from store.database import SessionFactory
from store.scores import list_history
from store.tables import G2PRegisterScoreHistory
from store.write_backs import WriteBacks

Computed: TypeAlias = ScoreOutcomes | ComputedBatch
Compute: TypeAlias = Callable[..., Awaitable[list[Computed]]]
"""What runs bring to the persist activity, given sessions and scores by user."""

FORMULA = ("a formula", "1")


async def by_record(
    sessions: SessionFactory, scores: Mapping[str, float], breakdown: dict[str, Any] | None = None
) -> list[Computed]:
    """The record road, a run for each user."""
    requests = {user_id: as_request((await requests_of(sessions, user_id))[BUILDER_SCORE]) for user_id in scores}
    return [
        ScoreOutcomes(BUILDERS, user_id, [ComputedScore(requests[user_id], score, *FORMULA, breakdown)])
        for user_id, score in scores.items()
    ]


async def by_batch(
    sessions: SessionFactory, scores: Mapping[str, float], breakdown: dict[str, Any] | None = None
) -> list[Computed]:
    """The batch road, one run for all."""
    for user_id in scores:
        await set_requests(sessions, user_id, due_at=text("now()"))
    [batch] = await claim_due(sessions)
    rows = {row.internal_record_id: row.sequence for row in await rows_in(sessions, batch, BUILDER_SCORE)}
    assert rows.keys() == scores.keys()
    sequences = [rows[user_id] for user_id in scores]
    part = ScoresOfBatch(*FORMULA, sequences, list(scores.values()), [breakdown] * len(sequences))
    return [ComputedBatch(batch.batch_id, [part], register_id=BUILDERS)]


async def persist(sessions: SessionFactory, *brought: Computed, write_backs: WriteBacks = WRITE_BACKS) -> None:
    """Store it by the activities, as a worker does."""
    of_records = PersistActivities(sessions, timedelta(0), write_backs)
    of_batches = BatchActivities(sessions, ServiceRunner(1), write_backs)
    for one in brought:
        if isinstance(one, ScoreOutcomes):
            await ActivityEnvironment().run(of_records.persist_scores, one)
        else:
            await ActivityEnvironment().run(of_batches.persist_batch, one)


async def copies(sessions: SessionFactory) -> dict[str, int]:
    """`users.builder_score` by user."""
    async with sessions() as session:
        return {user.user_id: user.builder_score for user in await session.scalars(select(User))}


async def score_of(sessions: SessionFactory, user_id: str) -> float | None:
    """The score that is stored, where one is."""
    async with sessions() as session:
        scores = {row.score_type: row.computed_score for row in await stored_scores(session, user_id)}
    return scores.get(BUILDER_SCORE)


async def history_of(sessions: SessionFactory, user_id: str) -> list[G2PRegisterScoreHistory]:
    """Every Builder Score of the user, newest first."""
    async with sessions() as session:
        return await list_history(session, user_id, BUILDER_SCORE)
