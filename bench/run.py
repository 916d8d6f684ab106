"""One run: a contender, fresh servers, a workload; measured, judged, and all of it gone afterwards."""

import asyncio
import os
import shutil
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from bench.contenders.contender import Contender, Place
from bench.driver import driving
from bench.figures import Figures, Observed, figures_of
from bench.measure import Course, measure, phase_of, prepare
from bench.servers import plain_url
from bench.window import Window
from bench.workloads import Size, Workload
from steadyscore.embedded.postgres import EmbeddedPostgres
from steadyscore.errors import ProcessFailed, SetupError
from steadyscore.processes import Supervisor


@dataclass(frozen=True)
class House:
    """What all runs share: servers' programs, a place to write, and the rules."""

    postgres: EmbeddedPostgres
    temporal_cli: Path
    directory: Path
    size: Size
    seed: int
    window: Window
    connections: int = 8


@dataclass(frozen=True)
class Result:
    """What came of a run; `failure` says why there are no figures, `missing` how many scores never came."""

    contender: str
    kind: str
    workload: str
    round: int
    approvals: int
    records: int
    versions: Mapping[str, str]
    load_before: float
    """The machine's load average of the last minute: what else was going on."""
    figures: Figures = field(default_factory=dict)
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    missing: int = 0
    failure: str | None = None


async def run_once(house: House, contender: Contender, workload: Workload, number: int) -> Result:
    """Run a contender from nothing; raise KeyboardInterrupt when a signal ended it."""
    approvals = workload.approvals(house.seed, house.size)
    course = Course(contender, approvals, workload.limit_seconds, phase_of(house.seed, number))
    records = len({one.record_id for one in approvals})
    versions, load = contender.versions(), os.getloadavg()[0]
    result = Result(contender.name, contender.kind, workload.name, number, len(approvals), records, versions, load)
    # threads for libraries that know no other way to wait
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2 * house.connections))
    try:
        observed = await _in_a_fresh_place(house, course)
    except (ProcessFailed, SetupError) as error:
        return replace(result, failure=str(error))
    figures = figures_of(observed, house.window, workload.measured_register)
    return replace(result, figures=figures, cpu_seconds=observed.cpu_seconds, missing=observed.missing)


async def _in_a_fresh_place(house: House, course: Course) -> Observed:
    database = f"bench_{uuid.uuid4().hex[:12]}"
    directory = house.directory / database
    supervisor = Supervisor(directory / "logs")
    place = Place(
        house.postgres.url(database), directory, supervisor, house.temporal_cli, house.window, house.connections
    )
    await house.postgres.ensure_database(database)
    observed = None
    try:
        async with supervisor:
            observed = await _observe(place, course)
    finally:
        await _drop(house.postgres, database)
        shutil.rmtree(directory, ignore_errors=True)
    if observed is None or supervisor.stopped_by is not None:
        raise KeyboardInterrupt
    return observed


async def _observe(place: Place, course: Course) -> Observed:
    connection = await asyncpg.connect(plain_url(place.database_url))
    try:
        await prepare(connection, course)
        async with (
            course.contender.start(place) as trigger,
            driving(place.database_url, trigger, place.connections) as driver,
        ):
            return await measure(connection, driver, trigger, course)
    finally:
        await connection.close()


async def _drop(postgres: EmbeddedPostgres, database: str) -> None:
    connection = await asyncpg.connect(plain_url(postgres.url("postgres")))
    try:
        await connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
    finally:
        await connection.close()
