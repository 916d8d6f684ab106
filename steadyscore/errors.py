"""What can go wrong while the parts of a local installation are set up and run, as one tree.

SetupError
└── ProcessFailed               a child process ended that should have gone on

Their texts are written for whoever sits at the terminal: what failed, and what to do about it.
"""

from collections.abc import Sequence


class SetupError(Exception):
    """Something that steadyscore needs on this machine is missing or does not start."""


class ProcessFailed(SetupError):
    """A child process ended without being told to; `exit_code` is negative for a signal."""

    def __init__(self, name: str, exit_code: int, last_lines: Sequence[str] = ()) -> None:
        said = "".join(f"\n    {line}" for line in last_lines) or " nothing"
        super().__init__(f"{name} ended with exit code {exit_code}; the last lines it wrote:{said}")
        self.name = name
        self.exit_code = exit_code
        self.last_lines = tuple(last_lines)
