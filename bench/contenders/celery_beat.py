"""The document's design, as it is written: a queue table, Celery's beat that polls it, a task for each of its rows.

The processes are those that OpenG2P deploys: one `worker --beat` for the producer, one `worker` for the scores.
"""

import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from bench.approvals import REGISTERS, Approval
from bench.contenders.celery_tables import INDEXES, TABLES
from bench.contenders.contender import Contender, Place, Trigger
from bench.contenders.scores import FSF_WEIGHTS, PMT_WEIGHTS
from bench.processes import ROLE
from bench.servers import find_redis, plain_url, redis_version, start_redis
from bench.workloads import WORKLOADS
from steadyscore.processes import ChildProcess

ROWS = 2_000
"""A tick takes so many rows. The document names no number; OpenG2P's configuration has this one as `batch_size`."""
ROWS_AS_SHIPPED = 4
"""What OpenG2P's configuration has as `no_of_tasks_to_process`, which the document's producer reads."""

_PMT_ATTRIBUTES = ("income", "assets.land_area", "household.member_count")
_DEFINITIONS = (("PMT_SCORE", _PMT_ATTRIBUTES, PMT_WEIGHTS), ("FSF_SCORE", tuple(FSF_WEIGHTS), FSF_WEIGHTS))

_ENABLED = text("""
SELECT score_definition_id, score_type, contributing_attributes FROM g2p_register_score_definitions
WHERE register_id = :register_id AND is_enabled
""")
# in one statement what the document describes as find, then update or insert: the record's row lock keeps others out
_UPSERT = text("""
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset(:wanted) AS wanted(
        register_id text, internal_record_id text, score_definition_id text, score_type text, change_request_id text,
        contributing_attribute_values json)
), updated AS (
    UPDATE g2p_score_compute_queue AS queue SET change_request_id = wanted.change_request_id,
        contributing_attribute_values = wanted.contributing_attribute_values
    FROM wanted
    WHERE queue.internal_record_id = wanted.internal_record_id AND queue.score_type = wanted.score_type
        AND queue.compute_status = 'PENDING'
    RETURNING queue.score_type
)
INSERT INTO g2p_score_compute_queue (register_id, internal_record_id, score_definition_id, score_type,
    change_request_id, contributing_attribute_values)
SELECT * FROM wanted WHERE score_type NOT IN (SELECT score_type FROM updated)
""").bindparams(bindparam("wanted", type_=JSONB))


class EnqueueScoreComputations(Trigger):
    """Section 5 of the document."""

    async def within_transaction(self, session: AsyncSession, approval: Approval) -> None:
        """Find the definitions that the change touches, and upsert a row for each."""
        wanted = []
        for definition in await session.execute(_ENABLED, {"register_id": approval.register_id}):
            attributes = definition.contributing_attributes
            if any(path.split(".")[0] in approval.payload for path in attributes):
                wanted.append(
                    {
                        "register_id": approval.register_id,
                        "internal_record_id": approval.record_id,
                        "score_definition_id": definition.score_definition_id,
                        "score_type": definition.score_type,
                        "change_request_id": approval.change_request_id,
                        "contributing_attribute_values": {path: _at(approval.attributes, path) for path in attributes},
                    }
                )
        if wanted:
            await session.execute(_UPSERT, {"wanted": wanted})


def _at(attributes: Any, path: str) -> Any:
    for name in path.split("."):
        attributes = attributes[name]
    return attributes


def _starting(beat_seconds: int, rows: int) -> Callable[[Place], AbstractAsyncContextManager[Trigger]]:
    @asynccontextmanager
    async def start(place: Place) -> AsyncIterator[Trigger]:
        await _create_tables(place)
        environment = {
            ROLE: "worker",
            "BENCH_DATABASE_URL": place.database_url.replace("+asyncpg", "+psycopg"),
            "BENCH_BROKER_URL": await start_redis(place),
            "BENCH_BEAT_SECONDS": str(beat_seconds),
            "BENCH_ROWS": str(rows),
        }
        celery = [sys.executable, "-m", "celery", "-A", "bench.contenders.celery_app", "worker"]
        # as many children as cores, which is its default; no talk among workers, of which there is one a queue
        celery += ["--concurrency", str(os.cpu_count() or 1), "--without-gossip", "--without-mingle", "-l", "WARNING"]
        scores = [*celery, "-n", "scores@%h", "-Q", "scores"]
        await place.supervisor.start(ChildProcess("worker", scores, environment))
        schedule = ["--beat", "--schedule", str(place.directory / "beat-schedule")]
        producer = [*celery, "-n", "producer@%h", "-Q", "producer", *schedule]
        await place.supervisor.start(ChildProcess("producer", producer, environment))
        yield EnqueueScoreComputations()

    return start


async def _create_tables(place: Place) -> None:
    connection = await asyncpg.connect(plain_url(place.database_url))
    await connection.execute(TABLES + INDEXES)
    await connection.executemany(
        "INSERT INTO g2p_register_score_definitions (register_id, score_type, contributing_attributes, score_config)"
        " VALUES ($1, $2, $3, $4)",
        [
            (register_id, score_type, json.dumps(attributes), json.dumps({"weights": weights}))
            for register_id in REGISTERS
            for score_type, attributes, weights in _DEFINITIONS
        ],
    )
    await connection.close()


def _versions() -> Mapping[str, str]:
    return {"celery": version("celery"), "redis": redis_version(find_redis())}


_LARGE = frozenset({"flood-100000", "flood-with-singles"})
_EVERYTHING = frozenset(workload.name for workload in WORKLOADS)

CELERY_BEAT = tuple(
    Contender(
        name,
        f"the document's design, beat at {seconds} s, {rows:,} rows a tick",
        _starting(seconds, rows),
        _versions,
        patience_seconds=20 + 2 * seconds,
        rhythm_seconds=seconds,
        left_out=left_out,
    )
    for name, seconds, rows, left_out in (
        ("celery-beat-20s", 20, ROWS, _LARGE),
        ("celery-beat-1s", 1, ROWS, _LARGE),
        ("celery-beat-20s-4-rows", 20, ROWS_AS_SHIPPED, _EVERYTHING),
    )
)
