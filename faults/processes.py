"""A process of the stand, kept running as an orchestrator does: when it ends, it is started again a second later."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from steadyscore.child import bound_to_this_process
from steadyscore.processes import ChildProcess
from steadyscore.settings import Settings

RESTART_SECONDS = 1.0
GRACE_SECONDS = 10.0

_FOREIGN = ("PG", "TEMPORAL_", "SQL_", "FAKETIME")


def clean_environment() -> dict[str, str]:
    """Ours without whatever would configure the service, Temporal or PostgreSQL."""
    configuring = {name.upper() for name in Settings.model_fields}
    return {
        name: value for name, value in os.environ.items() if name not in configuring and not name.startswith(_FOREIGN)
    }


class StandProcess:
    """Runs `child` in `directory`, its output appended to `log`; `child.environment` is added to a clean one."""

    def __init__(self, child: ChildProcess, directory: Path, log: Path) -> None:
        self.log = log
        self.restarts = 0
        """How often it was started again because it had ended by itself or was killed."""
        self.exit_codes: list[int] = []
        """Of every end so far; negative for a signal."""
        self._ordinary = child
        self._next = child
        self._once = False
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._stop_signal = signal.SIGTERM

    @property
    def name(self) -> str:
        """Such as `worker-1`."""
        return self._ordinary.name

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else None

    @property
    def is_wanted(self) -> bool:
        """Whether it runs, or will again in a moment; False once it was stopped on purpose."""
        return self._keeper is not None and not self._keeper.done() and not self._stopping.is_set()

    async def start(self) -> None:
        """Start it and keep it running until `stop`; returns as soon as there is a process."""
        if self.is_wanted:
            return
        self._stopping.clear()
        started = asyncio.Event()
        self._keeper = asyncio.create_task(self._keep_running(started))
        first = asyncio.create_task(started.wait())
        await asyncio.wait({first, self._keeper}, return_when=asyncio.FIRST_COMPLETED)
        if self._keeper.done():
            first.cancel()
            await self._keeper

    async def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """End it and leave it ended; with SIGKILL after a grace where `by` does not help."""
        self._stop_signal = by
        self._stopping.set()
        if self._keeper is not None:
            # waited for, not awaited: to cancel this call must not cancel the ending
            await asyncio.wait({self._keeper})

    async def kill(self) -> None:
        """End it by SIGKILL; it is started again a second later."""
        process = self._process
        if process is not None:
            _send(process, signal.SIGKILL)
            await process.wait()

    async def restart(
        self, command: Sequence[str] | None = None, environment: Mapping[str, str] | None = None, *, once: bool = False
    ) -> None:
        """Stop it and start it with another command, and with more environment; without either as it ordinarily is.

        With `once` its next start, after it has ended by itself, is an ordinary one again.
        """
        await self.stop()
        changed = replace(
            self._ordinary,
            command=command or self._ordinary.command,
            environment={**self._ordinary.environment, **(environment or {})},
        )
        self._next = changed
        self._once = once
        await self.start()

    async def _keep_running(self, started: asyncio.Event) -> None:
        while not self._stopping.is_set():
            self._process = process = await self._spawn()
            started.set()
            await self._until_stopping(process)
            await self._end(process)
            if not await self._stopped_within(RESTART_SECONDS):
                self.restarts += 1

    async def _until_stopping(self, process: asyncio.subprocess.Process) -> None:
        ended, stopping = asyncio.create_task(process.wait()), asyncio.create_task(self._stopping.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        stopping.cancel()

    async def _stopped_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._stopping.wait()
        return False

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        _send(process, self._stop_signal)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await process.wait()
        # the whole group, even after a clean end: it may have left children of its own behind
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        self.exit_codes.append(await process.wait())

    async def _spawn(self) -> asyncio.subprocess.Process:
        child, self._next = self._next, self._ordinary if self._once else self._next
        with self.log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *bound_to_this_process(child.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**clean_environment(), "PYTHONUNBUFFERED": "1", **child.environment},
                # no `.env` of the project's is read there
                cwd=self._directory,
                start_new_session=True,
            )


def _send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
