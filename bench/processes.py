"""CPU seconds and memory of everything that a run consists of: this process and all its descendants."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import psutil

ROLE = "STEADYSCORE_BENCH_ROLE"
"""Environment variable of a child, inherited by its children: `worker`, `temporal` or `redis`; PostgreSQL has none."""

# a look costs some 10 ms of the CPU time that is being measured
_SAMPLE_SECONDS = 1.0


def cpu_seconds() -> Mapping[str, float]:
    """User and system time so far, by role; what ended counts through whoever waited for it."""
    harness = psutil.Process()
    seconds = {"driver": _own_seconds(harness)}
    for process in harness.children(recursive=True):
        # one that ends meanwhile is its parent's from now on, and counted there or at the next look
        with contextlib.suppress(psutil.Error):
            role = _role(process) or "postgres"
            seconds[role] = seconds.get(role, 0.0) + _own_seconds(process)
    return seconds


def _own_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def _role(process: psutil.Process) -> str | None:
    # Redis and PostgreSQL write their titles over their environment
    return "redis" if process.name().startswith("redis") else process.environ().get(ROLE)


class MemorySampler:
    """The highest sums of resident memory, by role, in MiB; shared pages count in parts where the system tells."""

    def __init__(self) -> None:
        self.peaks: dict[str, float] = {}
        self._roles: dict[tuple[int, float], str | None] = {}

    def sample(self) -> None:
        """Look once."""
        sums: dict[str, float] = defaultdict(float)
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                role = self._known_role(process)
                if role is not None:
                    sums[role] += _resident_mib(process)
        for role, mib in sums.items():
            self.peaks[role] = max(self.peaks.get(role, 0.0), mib)

    def _known_role(self, process: psutil.Process) -> str | None:
        key = (process.pid, process.create_time())
        if key not in self._roles:
            self._roles[key] = _role(process)
        return self._roles[key]

    @asynccontextmanager
    async def sampling(self) -> AsyncIterator[None]:
        """Look once a second for the length of the block, and at its end."""
        looking = asyncio.create_task(self._look_for_ever())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            self.sample()

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.to_thread(self.sample)
            await asyncio.sleep(_SAMPLE_SECONDS)


def _resident_mib(process: psutil.Process) -> float:
    try:
        resident = process.memory_full_info()
    except psutil.AccessDenied:
        return float(process.memory_info().rss) / 2**20
    return float(getattr(resident, "pss", resident.rss)) / 2**20
