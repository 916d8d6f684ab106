"""The faults of processes and servers: crashes at exact points, outages, a wiped Temporal, cut lines, wrong clocks."""

import asyncio
import signal
from collections.abc import Sequence
from functools import partial

from faults.clock import shifted_by
from faults.process import command
from faults.processes import StandProcess
from faults.scene import Scene, Strike

CLOCK_SECONDS = 600.0
CRASH_SECONDS = 120.0
_NTH = (1, 2, 4, 7)


async def crash_at(points: Sequence[str], role: str, scene: Scene) -> None:
    """Each point in turn, in each of the role's processes in turn, which die there by SIGKILL."""
    processes: Sequence[StandProcess] = getattr(scene.stand, f"{role}s")
    for number in range(scene.scale.rounds * len(points)):
        process, point = processes[number % len(processes)], points[number % len(points)]
        nth = _NTH[number // len(points) % len(_NTH)]
        await crash(scene, process, command(role, "--crash", point, "--nth", str(nth)))


async def crash(scene: Scene, process: StandProcess, at: Sequence[str]) -> None:
    """Start it so that it will die, wait for that, and see it come back as it ordinarily is."""
    await process.restart(at, once=True)
    ended_before = len(process.exit_codes)
    if not await scene.until(lambda: len(process.exit_codes) > ended_before, CRASH_SECONDS):
        scene.problems.append(f"{process.name} did not come to its point: {' '.join(at[4:])}")
        await process.restart()
    elif process.exit_codes[-1] != -signal.SIGKILL:
        scene.problems.append(f"{process.name} ended with {process.exit_codes[-1]} before its point")


def crashing(role: str, *points: str) -> Strike:
    """The strike that goes through these points."""
    return partial(crash_at, points, role)


async def kill_everything(scene: Scene) -> None:
    """kill -9 each process at a moment of no choosing, several times."""
    for _ in range(scene.scale.rounds):
        for process in scene.numbers.sample(scene.stand.processes, len(scene.stand.processes)):
            await process.kill()
            await asyncio.sleep(scene.numbers.uniform(0, 1))


async def temporal_down(scene: Scene) -> None:
    """An orderly stop, and up again after the outage."""
    await scene.stand.temporal.stop()
    await asyncio.sleep(scene.scale.outage)
    await scene.stand.temporal.start()


async def temporal_killed(scene: Scene) -> None:
    """SIGKILL, and up again a moment later, so many times."""
    for _ in range(scene.scale.rounds):
        await scene.stand.temporal.kill()
        await asyncio.sleep(1)
        await scene.stand.temporal.start()


async def temporal_wiped(scene: Scene) -> None:
    """Its databases dropped and set up anew: it has never heard of any run."""
    await scene.stand.temporal.wipe()


async def postgres_restarted(scene: Scene) -> None:
    """`-m immediate` under everything at once: the service's database and Temporal's."""
    for _ in range(scene.scale.rounds):
        await scene.stand.postgres.restart_immediate()
        await scene.stand.ready()


async def cut_off(role: str, scene: Scene) -> None:
    """No byte passes between the role's processes and Temporal; then their connections are reset."""
    lines = [line for name, line in scene.stand.proxies.items() if name.startswith(f"{role}-")]
    for line in lines:
        line.cut()
    await asyncio.sleep(scene.scale.cut)
    for line in lines:
        await line.restore()


def cutting_off(role: str) -> Strike:
    """The strike that cuts this role's lines."""
    return partial(cut_off, role)


async def deliver_badly(scene: Scene) -> None:
    """Both relays send everything twice, late and in another order."""
    for relay in scene.stand.relays:
        await relay.restart(command("relay", "--deliver-badly", str(scene.numbers.randrange(1000))))


async def deliver_well(scene: Scene) -> None:
    """The network is mended."""
    for relay in scene.stand.relays:
        await relay.restart()


async def shift_clocks(scene: Scene) -> None:
    """The database ten minutes ahead; an API and a worker ten minutes behind, so twenty from it."""
    stand = scene.stand
    await stand.postgres.shift_clock(CLOCK_SECONDS)
    await stand.apis[0].restart(environment=shifted_by(-CLOCK_SECONDS))
    await stand.workers[0].restart(environment=shifted_by(-CLOCK_SECONDS))
    await stand.relays[0].restart(environment=shifted_by(CLOCK_SECONDS))


async def set_clocks_right(scene: Scene) -> None:
    """All of them tell the same time again."""
    stand = scene.stand
    for process in (stand.apis[0], stand.workers[0], stand.relays[0]):
        await process.restart()
    await stand.postgres.shift_clock(0)


async def nothing_happens(scene: Scene) -> None:
    """The load alone."""
    del scene
