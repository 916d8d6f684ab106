"""One fault, tried: a load, the fault in the middle of it, and what PostgreSQL says when all has settled."""

import asyncio
import random
import subprocess
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from temporalio.service import RPCError

from faults.hands import CommandFailed, Hands
from faults.latency import Latency, latency_of
from faults.load import Load, LoadOptions
from faults.load_definitions import BUSY
from faults.load_settling import NotSettled, settled
from faults.oracle import Observed, Verdict, Watcher, check, score_ids
from faults.oracle_database import AWAY, connected
from faults.scene import Fault, Scale, Scene, Strike
from faults.stand import Stand
from faults.trial_problems import Seen, problems_of
from steadyscore.errors import SetupError

BETWEEN = " + "
"""Names of faults that strike in one trial."""

_WARM_UP_SECONDS = 0.5
_BUILDERS = 12

_EMPTY = """
DO $$ BEGIN EXECUTE (
    SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version');
END $$
"""

# of the latest scores: no run was told of those that came by the batch road
_ROADS = """
SELECT count(*) FILTER (WHERE signaled_sequence > 0), count(*) FILTER (WHERE signaled_sequence < computed_sequence)
FROM g2p_score_compute_queue
"""

# the SDK tells of a server that is not there by a RuntimeError
_FAILURES = (CommandFailed, SetupError, subprocess.TimeoutExpired, RPCError, RuntimeError, *AWAY)
"""What a strike may raise where it could not do what it should."""


@dataclass(frozen=True)
class Trial:
    """What came of it; `settled_after` in seconds from the load's end, None where it did not settle."""

    fault: str
    seed: int
    verdict: Verdict
    unknown: int
    refused: Sequence[str]
    restarts: int
    settled_after: float | None
    by_batch: int
    latency: Latency
    notes: Sequence[str]
    problems: Sequence[str]

    @property
    def is_clean(self) -> bool:
        """Whether everything held."""
        return self.verdict.clean and self.settled_after is not None and not self.refused and not self.problems

    def told(self) -> str:
        """The trial in words, with the seed that repeats it."""
        lines = [*self.notes, *self.problems, *self.refused, str(self.verdict)]
        return "\n".join([f"{self.fault}, seed {self.seed}, settled after {self.settled_after} s", *lines])


async def try_fault(stand: Stand, cli: Path, fault: Fault, scale: Scale, seed: int) -> Trial:
    """Try a fault on an empty stand, and leave the stand empty and whole."""
    return await try_faults(stand, cli, [fault], scale, seed)


async def try_faults(stand: Stand, cli: Path, faults: Sequence[Fault], scale: Scale, seed: int) -> Trial:
    """Several, one after the other in the same load."""
    definitions = [definition for fault in faults for definition in fault.definitions]
    # patience: who asks goes on asking until the outage is over
    options = LoadOptions(seed, scale.size, scale.rate, more_definitions=definitions, patience=scale.patience)
    # the migration has made a definition, with a longer window
    await _empty(stand)
    tokens = stand.new_builder_tokens(_BUILDERS)
    async with Load(stand.api_urls, options, token=stand.new_token(), builder_tokens=tokens) as load:
        scene = Scene(stand, load, Hands(cli, stand.temporal_address, stand.home), scale, random.Random(seed))  # noqa: S311
        trial = await _tried(scene, faults)
    await _empty(stand)
    return trial


async def _tried(scene: Scene, faults: Sequence[Fault]) -> Trial:
    stand, load = scene.stand, scene.load
    restarts = _restarts(stand)
    await _guarded(scene, _each(fault.before for fault in faults)(scene))
    await stand.ready()
    await load.prepare()
    if await _settled(scene) is None:
        scene.problems.append("the records' first scores did not settle")
    observed, looks, settled_after = await _observe(scene, faults)
    verdict = await check(stand.database_url, load.acknowledged, observed, load.builders.acknowledged)
    latency = await latency_of(stand.database_url, load.register_ids[BUSY])
    by_record, by_batch = await _roads(stand)
    await _guarded(scene, _each(fault.after for fault in faults)(scene))
    restarts = _restarts(stand) - restarts
    seen = Seen(looks, restarts, by_record, by_batch)
    return Trial(
        fault=BETWEEN.join(fault.name for fault in faults),
        seed=load.options.seed,
        verdict=verdict,
        unknown=len(load.unknown),
        refused=load.refused,
        restarts=restarts,
        settled_after=settled_after,
        by_batch=by_batch,
        latency=latency,
        notes=[*scene.notes, f"{load.builders.events} events of {_BUILDERS} builders"],
        problems=[*scene.problems, *problems_of(load, scene.scale, faults, seen)],
    )


async def _guarded(scene: Scene, doing: Awaitable[None]) -> bool:
    """Whether it was done; what it could not do is a problem of this trial, and the others go on."""
    try:
        await doing
    except _FAILURES as error:
        scene.problems.append(f"{type(error).__name__}: {error}")
        return False
    return True


def _restarts(stand: Stand) -> int:
    return sum(process.restarts for process in stand.processes)


def _each(strikes: Iterable[Strike | None]) -> Strike:
    wanted = [strike for strike in strikes if strike is not None]

    async def one_after_the_other(scene: Scene) -> None:
        for strike in wanted:
            await strike(scene)

    return one_after_the_other


async def _observe(scene: Scene, faults: Sequence[Fault]) -> tuple[Observed, int, float | None]:
    database_url = scene.stand.database_url
    ids = await score_ids(database_url)
    async with Watcher(database_url) as watcher:
        await _strike(scene, faults)
        await _guarded(scene, scene.stand.ready())
        settled_after = await _settled(scene)
    return Observed(ids, watcher.decreases), watcher.looks, settled_after


async def _strike(scene: Scene, faults: Sequence[Fault]) -> None:
    loading = asyncio.create_task(scene.load.run())
    enough = asyncio.create_task(asyncio.sleep(scene.scale.seconds))
    try:
        await asyncio.sleep(_WARM_UP_SECONDS)
        if any(fault.recompute for fault in faults):
            await scene.load.start_recompute(rate=scene.scale.recompute_rate)
        if not await _guarded(scene, _each(fault.strike for fault in faults)(scene)):
            # it may have ended halfway
            await _guarded(scene, scene.stand.mend())
        await enough
    finally:
        enough.cancel()
        scene.load.stop()
        await asyncio.gather(loading)


async def _settled(scene: Scene) -> float | None:
    try:
        return await settled(scene.stand.database_url, scene.scale.patience)
    except NotSettled as error:
        scene.notes.append(f"not settled: {error}")
        return None


async def _roads(stand: Stand) -> tuple[int, int]:
    """How many requests a run was told of, and how many of the latest scores came by the batch road."""
    async with connected(stand.database_url) as connection:
        by_record, by_batch = await connection.fetchrow(_ROADS)
    return by_record, by_batch


async def _empty(stand: Stand) -> None:
    async with connected(stand.database_url) as connection:
        await connection.execute(_EMPTY)
