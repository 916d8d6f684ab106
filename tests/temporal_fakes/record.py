"""Records histories into tests/histories: `make histories` those that are missing, `ARGS="record/burst"` those named.

A new history is due when a workflow gets a branch that none takes. One that is there stays as it is: it stands for the
runs that are under way where this is deployed, and what no longer fits it no longer fits them.
"""

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from steadyscore.embedded.temporal_cli import find_temporal_cli
from temporal_fakes import batch_scenarios, recompute_scenarios, scenarios
from temporal_fakes.scenarios import Scenario

HISTORIES = Path(__file__).resolve().parents[1] / "histories"
HOME = HISTORIES.parents[1] / ".steadyscore"
EVENTS_BEFORE_CONTINUING = 40
IDENTITY = "a client of the tests"

SCENARIOS: Mapping[str, Scenario] = {
    f"{folder}/{name}": scenario
    for folder, some in (
        ("record", scenarios.SCENARIOS),
        ("batch", batch_scenarios.SCENARIOS),
        ("recompute", recompute_scenarios.SCENARIOS),
    )
    for name, scenario in some.items()
}
"""By the name of their history."""

CONTINUED_EARLY = frozenset({"record/continue_as_new"})
"""These need a server that suggests it early; the others continue as new by their own count."""


def file_of(name: str) -> Path:
    """Where the history of a scenario stands."""
    return HISTORIES / f"{name}.json"


async def record_histories(names: Collection[str]) -> None:
    """Play these scenarios and write down their histories."""
    for early in (False, True):
        some = [name for name in names if (name in CONTINUED_EARLY) == early]
        if some:
            async with _a_client(continued_early=early) as client:
                for name in some:
                    await _record(client, name)


@asynccontextmanager
async def _a_client(*, continued_early: bool) -> AsyncIterator[Client]:
    suggestion = f"limit.historyCount.suggestContinueAsNew={EVENTS_BEFORE_CONTINUING}"
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_temporal_cli(HOME, print)),
        dev_server_log_level="error",
        dev_server_extra_args=["--dynamic-config-value", suggestion] if continued_early else [],
    )
    async with environment:
        yield await Client.connect(environment.client.service_client.config.target_host, identity=IDENTITY)


async def _record(client: Client, name: str) -> None:
    history = json.loads((await SCENARIOS[name](client)).to_json())
    text = json.dumps(without_stack_traces(history), indent=1) + "\n"
    file_of(name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"recorded {name}\n")


def without_stack_traces(part: Any) -> Any:
    """A history without the paths of the machine where it was made."""
    if isinstance(part, dict):
        return {name: without_stack_traces(inner) for name, inner in part.items() if name != "stackTrace"}
    return [without_stack_traces(inner) for inner in part] if isinstance(part, list) else part


def chosen(arguments: list[str]) -> list[str]:
    """The names that the command line asks for: those that are missing, where it says nothing."""
    parser = argparse.ArgumentParser(prog="make histories ARGS=…", description="Record histories for tests/histories.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(SCENARIOS)}")
    parser.add_argument("--all", action="store_true", help="every one anew: what they prove about older code is lost")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - SCENARIOS.keys()):
        parser.error(f"there is no scenario {', '.join(unknown)}")
    if options.all:
        return list(SCENARIOS)
    return options.names or [name for name in SCENARIOS if not file_of(name).exists()]


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # failing activities are part of the story
    asyncio.run(record_histories(chosen(sys.argv[1:])))
    sys.stdout.flush()
    os._exit(0)  # Temporal's native code can crash an interpreter that takes its time to end
