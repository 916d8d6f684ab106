"""`python -m bench`; leaves at once, as Temporal's native code can crash an interpreter that takes its time to end."""

import os
import sys

from bench.cli import app


def main() -> None:
    """Run the command."""
    try:
        app(prog_name="bench")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
