"""Child processes: started one after the other, watched, and stopped in reverse order whatever happens.

How a child is bound to a supervisor that is killed stands in child.py.
"""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Any, Self, TypeVar

from steadyscore.child import bound_to_this_process
from steadyscore.errors import ProcessFailed

_Result = TypeVar("_Result")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ECHO_SECONDS = 0.1


@dataclass(frozen=True)
class ChildProcess:
    """What to run; `environment` is added to ours, `ready` returns once the child serves."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True)
class _Running:
    name: str
    process: asyncio.subprocess.Process
    log: Path
    ended: asyncio.Task[int]
    echoed: asyncio.Task[None] | None


class Supervisor:
    """Runs children for the length of an `async with`; SIGINT and SIGTERM end the block, in peace.

    Enter it in the main thread. A signal leaves the block as if its body had returned; `stopped_by` tells.
    """

    def __init__(
        self, logs_directory: Path, echo: Callable[[str], None] | None = None, grace_seconds: float = 10
    ) -> None:
        self.stopped_by: signal.Signals | None = None
        self._logs_directory = logs_directory
        self._echo = echo
        self._grace_seconds = grace_seconds
        self._running: list[_Running] = []
        self._stopping = False

    async def __aenter__(self) -> Self:
        self._logs_directory.mkdir(parents=True, exist_ok=True)
        self._body = asyncio.current_task()
        self._previous_handlers = _handle_signals(self._stop_by)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        by_signal = self.stopped_by is not None
        self._stopping = True
        cancelled = False
        try:
            await _to_the_end(self._stop_all())
        except asyncio.CancelledError:
            cancelled = True
        finally:
            _restore_signals(self._previous_handlers)
        if by_signal and self._body is not None and self._body.uncancel() == 0:
            return isinstance(error, asyncio.CancelledError)
        if cancelled and error is None:
            raise asyncio.CancelledError
        return False

    async def start(self, child: ChildProcess) -> None:
        """Start `child` and wait until it is ready; raise ProcessFailed when any child ends before that."""
        await _to_the_end(self._spawn(child))
        if child.ready is not None:
            await self._watch_until(child.ready())

    async def wait(self) -> None:
        """Wait for ever; raise ProcessFailed as soon as a child ends."""
        await self._watch_until(asyncio.Event().wait())

    def _stop_by(self, number: signal.Signals) -> None:
        # a second Ctrl-C changes nothing: the stop is under way, and its end is bounded by the grace
        if self.stopped_by is None and not self._stopping and self._body is not None:
            self.stopped_by = number
            self._body.cancel()

    async def _spawn(self, child: ChildProcess) -> None:
        log = self._logs_directory / f"{child.name}.log"
        # a file and no pipe: the child never waits for us, and its last words are there whatever happens to us
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *bound_to_this_process(child.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # unless told otherwise a Python child keeps what it prints until its end
                env={"PYTHONUNBUFFERED": "1", **os.environ, **child.environment},
                # a Ctrl-C at the terminal would reach all children at once; we stop them in order
                start_new_session=True,
            )
        ended = asyncio.create_task(process.wait())
        echoed = asyncio.create_task(self._echo_lines(child.name, log.open("rb"), ended)) if self._echo else None
        self._running.append(_Running(child.name, process, log, ended, echoed))

    async def _echo_lines(self, name: str, log: IO[bytes], ended: asyncio.Task[int]) -> None:
        rest, last_round = b"", False
        with log:
            while not last_round:
                last_round = ended.done()
                *lines, rest = (rest + log.read()).split(b"\n")
                if last_round and rest:
                    lines.append(rest)
                for line in lines:
                    self._say(f"{name} | {line.decode(errors='replace')}")
                await asyncio.wait({ended}, timeout=_ECHO_SECONDS)

    def _say(self, line: str) -> None:
        if self._echo is not None:
            self._echo(line)

    async def _watch_until(self, condition: Awaitable[object]) -> None:
        awaited = asyncio.ensure_future(condition)
        try:
            await asyncio.wait(
                {awaited, *(running.ended for running in self._running)}, return_when=asyncio.FIRST_COMPLETED
            )
            self._raise_for_the_first_that_ended()
            await awaited
        finally:
            awaited.cancel()
            await asyncio.gather(awaited, return_exceptions=True)

    def _raise_for_the_first_that_ended(self) -> None:
        for running in self._running:
            if running.ended.done():
                raise ProcessFailed(running.name, running.ended.result(), last_lines(running.log))

    async def _stop_all(self) -> None:
        while self._running:
            await self._stop(self._running.pop())

    async def _stop(self, running: _Running) -> None:
        with contextlib.suppress(ProcessLookupError):
            running.process.terminate()
        await asyncio.wait({running.ended}, timeout=self._grace_seconds)
        # the whole group, even after a clean end: a child may have left children of its own behind
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(running.process.pid, signal.SIGKILL)
        await running.ended
        if running.echoed is not None:
            # a terminal that went away must not keep the other children from being stopped
            await asyncio.gather(running.echoed, return_exceptions=True)


def last_lines(log: Path, count: int = 20) -> list[str]:
    """Return the last lines of a log file, none when it does not exist."""
    if not log.exists():
        return []
    with log.open(encoding="utf-8", errors="replace") as lines:
        return [line.rstrip("\n") for line in deque(lines, maxlen=count)]


async def _to_the_end(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Do `work` to its end even when cancelled; only then pass the cancellation on."""
    task = asyncio.create_task(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        task.exception()
        raise asyncio.CancelledError
    return task.result()


_Handler = Callable[[int, FrameType | None], Any] | int | None


def _handle_signals(handler: Callable[[signal.Signals], None]) -> dict[signal.Signals, _Handler]:
    previous = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, handler, number)
    return previous


def _restore_signals(previous: Mapping[signal.Signals, _Handler]) -> None:
    for number, handler in previous.items():
        asyncio.get_running_loop().remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL if handler is None else handler)
