"""The document's beat producer and worker (its section 7): `celery -A bench.contenders.celery_app worker`."""

import asyncio
import math
import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from celery import Celery
from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session, sessionmaker

from bench.contenders.celery_models import QueueItem, Score, ScoreDefinition, ScoreHistory

_MAX_RETRIES = 3

app = Celery("scores", broker=os.environ["BENCH_BROKER_URL"])
app.conf.update(
    timezone="UTC",
    # its documentation, "Optimizing": many short tasks are worth a high prefetch, unwanted results are not kept
    worker_prefetch_multiplier=64,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    task_routes={"score_compute_beat_producer": {"queue": "producer"}, "score_compute_worker": {"queue": "scores"}},
    beat_schedule={
        "score_compute_beat_producer": {
            "task": "score_compute_beat_producer",
            "schedule": float(os.environ["BENCH_BEAT_SECONDS"]),
        }
    },
    # as often as the shortest beat needs it
    beat_max_loop_interval=1,
)

# connects when it is first used: in each child of its own
session_maker = sessionmaker(create_engine(os.environ["BENCH_DATABASE_URL"]))


@app.task(name="score_compute_beat_producer")
def score_compute_beat_producer() -> None:
    """Section 7.1: PENDING rows become PROCESSING and are sent to the worker; the commit comes last."""
    with session_maker() as session:
        pending = session.scalars(
            select(QueueItem).filter(QueueItem.compute_status == "PENDING").limit(int(os.environ["BENCH_ROWS"]))
        ).all()
        for item in pending:
            item.compute_status = "PROCESSING"
            session.add(item)
            app.send_task("score_compute_worker", args=(item.queue_id,), queue="scores")
        session.commit()


@app.task(name="score_compute_worker", bind=True, max_retries=_MAX_RETRIES)
def score_compute_worker(self: Any, queue_id: str) -> None:
    """Section 7.2: compute, upsert the score, append to the history, mark the row."""
    with session_maker() as session:
        item = session.get_one(QueueItem, queue_id)
        definition = session.get_one(ScoreDefinition, item.score_definition_id)
        try:
            score = _event_loop().run_until_complete(compute_score(item, definition.score_config or {}))
            _save_score(session, item, score)
            item.compute_status = "COMPLETED"
            item.compute_latest_timestamp = datetime.now(UTC)
            session.commit()
        except Exception as error:
            session.rollback()
            item.compute_no_of_attempts += 1
            item.compute_latest_error_code = str(error)
            item.compute_latest_timestamp = datetime.now(UTC)
            item.compute_status = "PENDING" if self.request.retries < self.max_retries else "FAILED"
            session.commit()
            raise


@cache
def _event_loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def _save_score(session: Session, item: QueueItem, computed_score: float) -> None:
    row = {
        "register_id": item.register_id,
        "internal_record_id": item.internal_record_id,
        "score_type": item.score_type,
        "score_definition_id": item.score_definition_id,
        "triggered_by_cr_id": item.change_request_id,
        "computed_score": computed_score,
        "computed_at": func.clock_timestamp(),
    }
    changed = {name: row[name] for name in ("computed_score", "computed_at", "triggered_by_cr_id")}
    statement = upsert(Score).values(row)
    session.execute(statement.on_conflict_do_update(index_elements=["internal_record_id", "score_type"], set_=changed))
    session.execute(insert(ScoreHistory).values(row))


async def compute_score(item: QueueItem, score_config: dict[str, Any]) -> float:
    """Section 10's formula, and the other one; async, as the document's interface is."""
    values, weights = item.contributing_attribute_values, score_config.get("weights", {})
    if item.score_type == "PMT_SCORE":
        score: float = values.get("income", 0) * weights.get("income", 0.4)
        score += values.get("assets.land_area", 0) * weights.get("land_area", 0.3)
        score += values.get("household.member_count", 1) * weights.get("member_count", 0.3)
        return round(score, 4)
    return round(math.fsum(values[path] * weight for path, weight in weights.items()), 4)
