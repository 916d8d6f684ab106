"""Wall clocks that are wrong: the environment that shifts a process, by libfaketime, which is preloaded.

Only what a wall clock says is shifted. Intervals stay true, as on a machine whose clock is set wrong. What is linked
statically (Temporal's server) asks the kernel and cannot be shifted.
"""

import contextlib
import ctypes
import importlib.util
from collections.abc import Mapping
from pathlib import Path

import psutil

from steadyscore.errors import SetupError

_LIBRARY = Path("vendor/libfaketime/src/libfaketime.so.1")
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where the library leaves its files
_LEFT = ("faketime_shm_", "sem.faketime_sem_")


def shifted_by(seconds: float) -> Mapping[str, str]:
    """Return the environment of a process whose clock is wrong by so many seconds; empty for none.

    Raises SetupError where the library cannot be loaded: its wheel carries one for Linux on x86-64.
    """
    if not seconds:
        return {}
    return {
        "LD_PRELOAD": str(_library()),
        "FAKETIME": f"{seconds:+.3f}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        # waits by the true clock are passed on as they are; else Python's threads wait for each other for minutes
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        # what a file says of itself stays true: PostgreSQL and Python compare such times with each other
        "NO_FAKE_STAT": "1",
    }


def forget_the_dead() -> None:
    """Remove the shared memory of shifted processes that were killed, which the library leaves behind."""
    left = [path for path in _SHARED_MEMORY.glob("*faketime_s*") if path.name.startswith(_LEFT)]
    for path in left:
        pid = path.name.rpartition("_")[2]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            # another's, or gone meanwhile
            with contextlib.suppress(OSError):
                path.unlink()


def _library() -> Path:
    package = importlib.util.find_spec("libfaketime")
    if package is None or package.origin is None:
        raise SetupError("there is no libfaketime to shift clocks with: run `make test`, which installs it")
    library = Path(package.origin).resolve().parent / _LIBRARY
    try:
        ctypes.CDLL(str(library))
    except OSError as error:
        raise SetupError(f"clocks cannot be shifted on this machine: {error}") from error
    return library
