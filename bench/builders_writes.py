"""What the copies of 500 scores on the users' own rows cost, beside storing the scores, which a batch does at once."""

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg  # type: ignore[import-untyped]

from activities.batch import BatchActivities
from activities.services import ServiceRunner
from builders.records import WRITE_BACK, lock_users
from builders.register import BUILDER_SCORE, BUILDERS
from builders.score import BuilderScore
from builders.triggers import BuilderEvent, Trigger, request_builder_scores
from scoring.batch_messages import ComputedBatch, ScoresOfBatch
from store.database import SessionFactory

RECORDS = 500

# spread over the table and its indexes, as a real batch is
_CHOOSE = """
SELECT user_id FROM (
    SELECT user_id, row_number() OVER (ORDER BY user_id) AS number, count(*) OVER () AS users FROM users
) AS numbered
WHERE number % greatest(users / $1, 1) = 0 LIMIT $1
"""
_ASSIGN = """
UPDATE g2p_score_compute_queue SET compute_status = 'PROCESSING', batch_id = $1
WHERE register_id = $2 AND compute_status = 'PENDING'
RETURNING internal_record_id, sequence, contributing_attribute_values, score_config
"""
_STORED = "SELECT internal_record_id, computed_score FROM g2p_register_scores WHERE score_type = $1"
_DIFFERING = """
SELECT count(*) FROM g2p_register_scores JOIN users ON user_id = internal_record_id
WHERE computed_score <> builder_score
"""


@dataclass(frozen=True)
class Kind:
    """What is stored, and whether it is copied to the users."""

    name: str
    is_changed: bool
    is_copied: bool


# in this order: the last leaves all copies equal to the scores, as the first two want them
KINDS = (
    Kind("the same scores, not copied", is_changed=False, is_copied=False),
    Kind("the same scores, compared with the copies", is_changed=False, is_copied=True),
    Kind("other scores, not copied", is_changed=True, is_copied=False),
    Kind("other scores, copied", is_changed=True, is_copied=True),
)


class Writes:
    """Batches of the same users, persisted by the activity of the worker."""

    def __init__(self, sessions: SessionFactory, connection: asyncpg.Connection) -> None:
        self._sessions = sessions
        self._connection = connection

    async def measure(self, rounds: int) -> dict[Kind, list[float]]:
        """Milliseconds: each kind once a round, so that what the machine does besides meets all alike."""
        user_ids = [row[0] for row in await self._connection.fetch(_CHOOSE, RECORDS)]
        measured: dict[Kind, list[float]] = {kind: [] for kind in KINDS}
        for kind in (KINDS[-1], *KINDS):
            await self._persist(user_ids, kind)
        for _ in range(rounds):
            for kind, milliseconds in measured.items():
                milliseconds.append(await self._persist(user_ids, kind))
        return measured

    async def _persist(self, user_ids: Sequence[str], kind: Kind) -> float:
        batch = await self._batch(user_ids, kind)
        write_backs = {BUILDERS: WRITE_BACK} if kind.is_copied else {}
        activities = BatchActivities(self._sessions, ServiceRunner(1), write_backs)
        began = time.perf_counter()
        await activities.persist_batch(batch)
        return 1000 * (time.perf_counter() - began)

    async def _batch(self, user_ids: Sequence[str], kind: Kind) -> ComputedBatch:
        """Scores that were asked for and computed, though by no formula: what is stored, or one more."""
        async with self._sessions.begin() as session:
            await lock_users(session, user_ids)
            await request_builder_scores(session, Trigger(BuilderEvent.PROFILE_CREATED, "bench", "bench"), user_ids)
        batch_id = str(uuid.uuid4())
        rows = await self._connection.fetch(_ASSIGN, batch_id, BUILDERS)
        stored = dict(await self._connection.fetch(_STORED, BUILDER_SCORE))
        service = BuilderScore()
        computed = ScoresOfBatch(
            f"{BuilderScore.__module__}.{BuilderScore.__name__}",
            BuilderScore.formula_version,
            [row["sequence"] for row in rows],
            [stored.get(row["internal_record_id"], 0.0) + kind.is_changed for row in rows],
            [service.break_down(*(json.loads(value) for value in tuple(row)[2:])) for row in rows],
        )
        return ComputedBatch(batch_id, [computed], register_id=BUILDERS)

    async def count_differing(self) -> int:
        """Users whose copy is not their stored score."""
        return int(await self._connection.fetchval(_DIFFERING))
