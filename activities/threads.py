"""Calls that block, each in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

T = TypeVar("T")

MAX_HANGING = 200


class ThreadsUsedUpError(Exception):
    """So many calls hang that no more are made; a restart of the worker frees them."""


class BlockingCalls:
    """Makes so many blocking calls at a time.

    A thread cannot be stopped: a call that hangs is left behind after its time and gives its place to the next. The
    threads are daemons, as those of `concurrent.futures` would keep the process from ending.
    """

    def __init__(self, at_a_time: int) -> None:
        self._places = asyncio.Semaphore(at_a_time)
        self._hanging: set[threading.Thread] = set()

    async def make(self, call: Callable[[], T], seconds: float) -> T:
        """What the call returns, or raises; TimeoutError after so many seconds, which begin with the call."""
        async with self._places:
            self._hanging = {thread for thread in self._hanging if thread.is_alive()}
            if len(self._hanging) >= MAX_HANGING:
                raise ThreadsUsedUpError
            result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            thread = threading.Thread(target=_run, args=(call, result), name="compute", daemon=True)
            thread.start()
            try:
                async with asyncio.timeout(seconds):
                    return await result
            except BaseException:
                self._hanging.add(thread)
                raise


def _run(call: Callable[[], T], result: asyncio.Future[T]) -> None:
    try:
        tell = partial(result.set_result, call())
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to who asked
        tell = partial(result.set_exception, error)
    # a loop that is closed: nobody waits
    with suppress(RuntimeError):
        result.get_loop().call_soon_threadsafe(_tell, result, tell)


def _tell(result: asyncio.Future[T], tell: Callable[[], None]) -> None:
    if not result.done():
        tell()
