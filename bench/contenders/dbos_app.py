"""The scores as a DBOS workflow, and the process that runs it: `python -m bench.contenders.dbos_app`."""

import os
import signal
import threading
from functools import cache
from typing import NamedTuple

from dbos import DBOS, DBOSConfig
from sqlalchemy import Engine, create_engine, text

from bench.contenders.scores import FORMULAS, SAVE_BY_NAME

NAME = "bench"
QUEUE = "scores"
# its documentation, "Queues & Concurrency": bound what a process runs at once; of 4, 10, 20, 50 and
# 100, with polls from 0.05 to 1 s, these were the fastest
_WORKER_CONCURRENCY = 20
_POLLING_SECONDS = 0.1

_LOAD = text("SELECT change_request_id, revision, attributes FROM bench_records WHERE record_id = :record_id")
_SAVE = text(SAVE_BY_NAME)


class Computed(NamedTuple):
    """A score, and of which state of the record."""

    score_type: str
    change_request_id: str
    revision: int
    score: float


@cache
def _engine() -> Engine:
    return create_engine(os.environ["BENCH_DATABASE_URL"], pool_size=_WORKER_CONCURRENCY, max_overflow=0)


@DBOS.step(retries_allowed=True, max_attempts=20)
def compute(score_type: str, record_id: str) -> Computed:
    """One score, of the record as it is now: debounced calls may arrive in another order than approvals commit."""
    with _engine().connect() as connection:
        row = connection.execute(_LOAD, {"record_id": record_id}).one()
    return Computed(score_type, row.change_request_id, row.revision, FORMULAS[score_type](row.attributes))


@DBOS.step(retries_allowed=True, max_attempts=20)
def persist(record_id: str, computed: list[Computed]) -> None:
    """All scores in one transaction; repeating it changes nothing."""
    with _engine().begin() as connection:
        connection.execute(
            _SAVE,
            {
                "record_ids": [record_id] * len(computed),
                "score_types": [one.score_type for one in computed],
                "change_request_ids": [one.change_request_id for one in computed],
                "revisions": [one.revision for one in computed],
                "scores": [one.score for one in computed],
            },
        )


@DBOS.workflow()
def score_record(record_id: str) -> None:
    """Compute each score in a step of its own, and persist both."""
    persist(record_id, [compute(score_type, record_id) for score_type in FORMULAS])


def main() -> None:
    """Run workflows until SIGTERM."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    config: DBOSConfig = {"name": NAME, "system_database_url": os.environ["BENCH_DATABASE_URL"], "log_level": "WARNING"}
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=_WORKER_CONCURRENCY, polling_interval_sec=_POLLING_SECONDS)
    stopping.wait()
    DBOS.destroy()


if __name__ == "__main__":
    main()
