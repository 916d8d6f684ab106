"""Ending the processes of an embedded PostgreSQL, whoever started them, found by what they were started with."""

import contextlib
import importlib
import signal
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

# fast shutdown, immediate shutdown, and what cannot be refused, each with the seconds it is given
_STEPS = ((signal.SIGINT, 30), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
_PROGRAMS = {"postgres", "initdb"}


@dataclass
class _Found:
    servers: list[Any] = field(default_factory=list)
    backends: list[Any] = field(default_factory=list)


def end_servers(directories: Collection[str], cluster: str) -> None:
    """End every server that was started on one of `directories`, and what a killed one left.

    A pid file says less: it may be stale, cut short, or name a process that has nothing to do with it. A
    KeyboardInterrupt on the way makes it harsher, not shorter, and is passed on in the end.
    """
    psutil = importlib.import_module("psutil")
    interrupt = None
    for step, seconds in _STEPS:
        found = _find(psutil, directories, cluster)
        # a server ends its own backends; those without one have nothing left to lose
        for process in found.servers or found.backends:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(step if found.servers else signal.SIGKILL)
        try:
            psutil.wait_procs(found.servers + found.backends, timeout=seconds)
        except KeyboardInterrupt as error:
            interrupt = error
    if interrupt is not None:
        raise interrupt


def _find(psutil: Any, directories: Collection[str], cluster: str) -> _Found:
    found = _Found()
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or [""]
        if command[0].rpartition("/")[2] in _PROGRAMS and not set(command).isdisjoint(directories):
            found.servers.append(process)
        # what a backend calls itself: PostgreSQL puts the setting cluster_name there
        elif " ".join(command).startswith(f"postgres: {cluster}: "):
            found.backends.append(process)
    return found
