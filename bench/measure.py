"""The measured part of a run: warm up, approve, wait until all is settled, look at what it cost, and judge."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg  # type: ignore[import-untyped]

from bench.approvals import REGISTER, SINGLES_REGISTER, WARM_UP_REGISTER, Approval, ApprovalSource
from bench.contenders.contender import Contender, Trigger
from bench.driver import Accepted, Driver
from bench.figures import Observed
from bench.oracle import judge, read_findings
from bench.processes import MemorySampler, cpu_seconds
from bench.records import SCORE_TYPES, count_computations, create_records, list_final_scores
from bench.settling import Patience, wait_until_quiet, wait_until_settled
from steadyscore.errors import SetupError

_WARM_UP_RECORDS = 8
_REST_SECONDS = 1.0
_WARM_UP_PATIENCE = Patience(limit_seconds=120, stall_seconds=120)


@dataclass(frozen=True)
class Course:
    """A workload as one run takes it."""

    contender: Contender
    approvals: Sequence[Approval]
    limit_seconds: float
    phase: float
    """At which part of the contender's own rhythm it starts, 0 to 1."""


def warm_up_approvals() -> Sequence[Approval]:
    """A few records of a register of their own: connections are open and code is loaded when the clock starts."""
    return list(ApprovalSource(0, "WARM-UP").one_each(_WARM_UP_RECORDS, WARM_UP_REGISTER))


async def prepare(connection: asyncpg.Connection, course: Course) -> None:
    """Make the records, warming up included."""
    await create_records(connection, [*warm_up_approvals(), *course.approvals])


async def measure(connection: asyncpg.Connection, driver: Driver, trigger: Trigger, course: Course) -> Observed:
    """Take the course; the figures' raw material is what comes of it."""
    await _warm_up(connection, driver, course)
    events_before = await trigger.history_events()
    memory = MemorySampler()
    before = cpu_seconds()
    async with memory.sampling():
        log = await driver.approve_all(course.approvals)
        missing = await _settle(connection, log, course)
    after = cpu_seconds()
    events = await trigger.history_events()
    return Observed(
        log=log,
        finals=await list_final_scores(connection),
        missing=missing,
        computations=await count_computations(connection),
        cpu_seconds={role: seconds - before.get(role, 0.0) for role, seconds in after.items()},
        history_events=None if events is None else events - (events_before or 0),
        verdict=judge(course.approvals, await read_findings(connection, WARM_UP_REGISTER)),
        memory_mib=memory.peaks,
    )


async def _warm_up(connection: asyncpg.Connection, driver: Driver, course: Course) -> None:
    await driver.approve_all(warm_up_approvals())
    expected = SCORE_TYPES * _WARM_UP_RECORDS
    if await wait_until_settled(connection, [WARM_UP_REGISTER], expected, _WARM_UP_PATIENCE):
        raise SetupError(f"{course.contender.name} does not settle its first {_WARM_UP_RECORDS} records")
    await asyncio.sleep(_REST_SECONDS + course.phase * course.contender.rhythm_seconds)
    await connection.execute("CHECKPOINT")


async def _settle(connection: asyncpg.Connection, log: Sequence[Accepted], course: Course) -> int:
    expected = SCORE_TYPES * len({one.approval.record_id for one in log})
    patience = Patience(course.limit_seconds, course.contender.patience_seconds)
    missing = await wait_until_settled(connection, [REGISTER, SINGLES_REGISTER], expected, patience)
    if not missing:
        await wait_until_quiet(connection)
    return missing


def phase_of(seed: int, number: int) -> float:
    """The same for all contenders of a round."""
    return random.Random(f"{seed}/{number}").random()  # noqa: S311 - a moment, not a secret
