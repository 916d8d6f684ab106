"""Whoever cleans up after the stand, however the stand ended: `python -m faults.guardian DIRECTORY`.

It waits for the end of its input, which the kernel brings about when the stand dies. The stand's other children need no
one to end them: they are bound to its life.
"""

import shutil
import signal
import sys
import time
from pathlib import Path

from faults.clock import forget_the_dead
from steadyscore.embedded.postgres_processes import end_servers

_ATTEMPTS = 50
_RETRY_SECONDS = 0.1


def main() -> None:
    """Wait, end PostgreSQL if it still runs, and remove the directory."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    directory = Path(sys.argv[1])
    sys.stdin.read()
    data = directory.resolve() / "postgres" / "data"
    end_servers({str(data), str(data.with_suffix(".unfinished"))}, cluster="")
    _remove(directory)
    forget_the_dead()


def _remove(directory: Path) -> None:
    # processes that are being killed may still write
    for _ in range(_ATTEMPTS):
        shutil.rmtree(directory, ignore_errors=True)
        if not directory.exists():
            return
        time.sleep(_RETRY_SECONDS)
    sys.exit(f"{directory} cannot be removed")


if __name__ == "__main__":
    main()
