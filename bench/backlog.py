"""`python -m bench.backlog`: an import of many records that commits at once, and how the batch road works it off.

What is told is what the relay, the worker, Temporal and PostgreSQL can do by themselves, and how long single approvals
of another register take meanwhile: two a second, each of a record of its own, with a window of a second.
"""

import asyncio
import shutil
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import asyncpg  # type: ignore[import-untyped]
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from bench.approvals import REGISTER, SINGLES_REGISTER, Approval, ApprovalSource
from bench.contenders.contender import Place
from bench.contenders.ours import OURS
from bench.machine import describe_machine
from bench.processes import MemorySampler, cpu_seconds
from bench.records import SCORE_TYPES
from bench.servers import plain_url
from bench.window import Window
from scoring.attributes import snapshot
from scoring.definitions import SCORED_PURPOSE
from steadyscore.embedded.postgres import EmbeddedPostgres
from steadyscore.embedded.temporal_cli import find_temporal_cli
from steadyscore.processes import Supervisor
from steadyscore.settings import read_settings
from store.database import make_engine, make_sessions
from store.definitions import list_definitions
from store.request_rows import upsert_requests
from store.requests import ApprovedChange, request_scores

_ROWS_A_STATEMENT = 1_000
_LOOK_SECONDS = 1.0
_WINDOW_SECONDS = 10.0
_SINGLES_SECONDS = 0.5
_COMPUTED = f"SELECT count(*) FROM g2p_register_score_history WHERE register_id = '{REGISTER}'"  # noqa: S608 - a constant
_STORED_AT = """
SELECT internal_record_id, extract(epoch FROM max(computed_at))::double precision FROM g2p_register_scores
WHERE register_id = $1 GROUP BY internal_record_id
"""
_WRONG = """
SELECT count(*) FROM g2p_score_compute_queue AS request LEFT JOIN g2p_register_scores AS score
    USING (internal_record_id, score_type)
WHERE request.register_id = $1
    AND (score.sequence IS DISTINCT FROM request.sequence OR request.compute_status <> 'COMPLETED')
"""
_COUNTED = upsert_requests() + "SELECT count(*) FROM requested"  # noqa: S608 - constants
_REQUEST = text(_COUNTED).bindparams(bindparam("rows", type_=JSONB))


@dataclass(frozen=True)
class WorkedOff:
    """What it took; `slowest` is the least number of records a second within ten seconds.

    `singles` are the milliseconds from a single approval's window to its scores.
    """

    records: int
    seconds: float
    slowest: float
    cpu_ms: float
    worker_mib: float
    temporal_mib: float
    not_settled: int
    singles: list[float]

    def cells(self) -> list[str]:
        """A row of the table."""
        figures = (self.records / self.seconds, self.slowest, self.worker_mib, self.temporal_mib)
        rate, slowest, worker, temporal = (f"{figure:,.0f}" for figure in figures)
        singles = f"{_percentile(self.singles, 0.5):,.0f} / {_percentile(self.singles, 0.95):,.0f}"
        cpu, left = f"{self.cpu_ms:.2f}", str(self.not_settled)
        return [f"{self.records:,}", rate, slowest, cpu, worker, temporal, left, singles]


def _percentile(values: list[float], part: float) -> float:
    return sorted(values)[int(part * (len(values) - 1))] if values else float("nan")


async def _import(place: Place, records: int) -> None:
    """Request the scores of all records in one transaction."""
    engine = make_engine(place.database_url)
    async with make_sessions(engine).begin() as session:
        definitions = await list_definitions(session, REGISTER)
        rows = [
            {
                "register_id": REGISTER,
                "internal_record_id": approval.record_id,
                "score_definition_id": definition.score_definition_id,
                "score_type": definition.score_type,
                "change_request_id": approval.change_request_id,
                "contributing_attribute_values": snapshot(approval.attributes, definition.contributing_attributes),
                "definition_version": definition.version,
                "score_config": definition.score_config,
                "debounce": {"quiet_period": 0, "max_wait": 0},
            }
            for approval in ApprovalSource(1).one_each(records)
            for definition in definitions
        ]
        for first in range(0, len(rows), _ROWS_A_STATEMENT):
            some = rows[first : first + _ROWS_A_STATEMENT]
            await session.execute(_REQUEST, {"rows": some, "reason": "APPROVAL"})
    await engine.dispose()


class Singles:
    """Approvals of a register of their own, one after the other."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._approved_at: dict[str, float] = {}

    async def approve_for_ever(self) -> None:
        """One every now and then."""
        engine = make_engine(self._place.database_url, 1)
        sessions = make_sessions(engine)
        try:
            for approval in ApprovalSource(2, "S").one_each(100_000, SINGLES_REGISTER):
                async with sessions.begin() as session:
                    await request_scores(session, _change(approval))
                self._approved_at[approval.record_id] = time.time()
                await asyncio.sleep(_SINGLES_SECONDS)
        finally:
            await engine.dispose()

    async def latencies(self, connection: asyncpg.Connection) -> list[float]:
        """In milliseconds from the end of the window, of those that have their scores."""
        stored = await connection.fetch(_STORED_AT, SINGLES_REGISTER)
        quiet = self._place.window.quiet
        return [1000 * (at - self._approved_at[record] - quiet) for record, at in stored if record in self._approved_at]


def _change(approval: Approval) -> ApprovedChange:
    return ApprovedChange(
        approval.register_id,
        SCORED_PURPOSE,
        approval.record_id,
        approval.change_request_id,
        approval.payload,
        approval.attributes,
    )


async def _work_off(place: Place, records: int) -> WorkedOff:
    [ours] = [one for one in OURS if one.name == "steadyscore"]
    async with ours.start(place):
        await _import(place, records)
        memory, singles = MemorySampler(), Singles(place)
        connection = await asyncpg.connect(plain_url(place.database_url))
        before, started = sum(cpu_seconds().values()), time.monotonic()
        approving = asyncio.create_task(singles.approve_for_ever())
        async with memory.sampling():
            looks = [(0.0, 0)]
            while looks[-1][1] < SCORE_TYPES * records:
                await asyncio.sleep(_LOOK_SECONDS)
                looks.append((time.monotonic() - started, int(await connection.fetchval(_COMPUTED))))
        spent = sum(cpu_seconds().values()) - before
        approving.cancel()
        await asyncio.gather(approving, return_exceptions=True)
        not_settled = int(await connection.fetchval(_WRONG, REGISTER))
        latencies = await singles.latencies(connection)
        await connection.close()
    return WorkedOff(
        records,
        looks[-1][0],
        _slowest(looks) / SCORE_TYPES,
        1000 * spent / (SCORE_TYPES * records),
        memory.peaks["worker"],
        memory.peaks["temporal"],
        not_settled,
        latencies,
    )


def _slowest(looks: list[tuple[float, int]]) -> float:
    """The least number a second within any ten seconds; over all of it where it took less."""
    rates = [
        (later_count - count) / (later - moment)
        for position, (moment, count) in enumerate(looks)
        for later, later_count in looks[position + 1 :]
        if later - moment >= _WINDOW_SECONDS
    ]
    return min(rates, default=looks[-1][1] / looks[-1][0])


async def _in_a_fresh_place(postgres: EmbeddedPostgres, temporal_cli: Path, work: Path, records: int) -> WorkedOff:
    database = f"bench_{uuid.uuid4().hex[:12]}"
    supervisor = Supervisor(work / database)
    await postgres.ensure_database(database)
    worked_off = None
    async with supervisor:
        place = Place(postgres.url(database), work / database, supervisor, temporal_cli, Window(), 8)
        worked_off = await _work_off(place, records)
    if worked_off is None:
        raise KeyboardInterrupt
    return worked_off


def main(
    records: Annotated[list[int] | None, typer.Option(help="how many; may be repeated")] = None,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
) -> None:
    """Import so many records at once, round after round, and print how they were worked off."""
    home = read_settings().steadyscore_home.resolve()
    temporal_cli, work = find_temporal_cli(home, print), home / "bench" / "backlog"
    table = Table(
        "records", "records/s", "slowest 10 s", "CPU ms/score", "worker+relay MiB", "Temporal MiB", "unsettled"
    )
    try:
        with EmbeddedPostgres(work / "postgres") as postgres:
            for _ in range(rounds):
                for size in records or [1_000, 10_000, 100_000]:
                    worked_off = asyncio.run(_in_a_fresh_place(postgres, temporal_cli, work, size))
                    table.add_row(*worked_off.cells())
                    sys.stdout.write(f"{worked_off}\n")
                    sys.stdout.flush()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    Console(width=120).print(describe_machine(), table)


if __name__ == "__main__":
    typer.run(main)
