"""A program between a supervisor and its child: it ties the child's life to the supervisor's, then becomes the child.

Run by path in an isolated interpreter, so that it starts in milliseconds: nothing but the standard library here.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def bound_to_this_process(command: Sequence[str]) -> list[str]:
    """Return the command line that runs `command` and, on Linux, kills it when this process dies.

    Start it from a thread that lives as long as the child should (the main thread): the kernel watches the
    thread, not the process. It is SIGKILL, as a child that takes its time would outlive its supervisor; all our
    children survive a crash by design.
    """
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def main() -> None:
    """Bind, check that there is still something to be bound to, and become the child."""
    supervisor, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(supervisor):
        sys.exit("the supervisor died before its child had started")
    # Python ignores it for itself, and what is ignored stays ignored in the child
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the very purpose; there is no shell to be tricked
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
