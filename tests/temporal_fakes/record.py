"""Records the histories in tests/temporal/histories anew: `PYTHONPATH=tests python -m temporal_fakes.record`.

Do so when a workflow gets a branch that no history takes, never to make a replay fit: what no longer fits here no
longer fits the runs that are under way where this is deployed.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from steadyscore.embedded.temporal_cli import find_temporal_cli
from temporal_fakes import batch_scenarios, recompute_scenarios
from temporal_fakes.scenarios import SCENARIOS, Scenario, continued_as_new

HISTORIES = Path(__file__).resolve().parent.parent / "temporal" / "histories"
HOME = HISTORIES.parents[2] / ".steadyscore"
EVENTS_BEFORE_CONTINUING = 40
IDENTITY = "a client of the tests"

ALL_SCENARIOS: Mapping[str, Mapping[str, Scenario]] = {
    "record": {**SCENARIOS, "continued_as_new": continued_as_new},
    "batch": batch_scenarios.SCENARIOS,
    "recompute": recompute_scenarios.SCENARIOS,
}
"""By the folder of their histories."""


async def record_histories(folder: str) -> None:
    """Run every scenario of a folder on a server of its own and write down the histories."""
    suggestion = f"limit.historyCount.suggestContinueAsNew={EVENTS_BEFORE_CONTINUING}"
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_temporal_cli(HOME, print)),
        dev_server_log_level="error",
        # the others continue as new by their own count
        dev_server_extra_args=["--dynamic-config-value", suggestion] if folder == "record" else [],
    )
    async with environment:
        client = await Client.connect(environment.client.service_client.config.target_host, identity=IDENTITY)
        for name, scenario in ALL_SCENARIOS[folder].items():
            history = json.loads((await scenario(client)).to_json())
            text = json.dumps(without_stack_traces(history), indent=1) + "\n"
            (HISTORIES / folder / f"{name}.json").write_text(text, encoding="utf-8")


def without_stack_traces(part: Any) -> Any:
    """A history without the paths of the machine where it was made."""
    if isinstance(part, dict):
        return {name: without_stack_traces(inner) for name, inner in part.items() if name != "stackTrace"}
    return [without_stack_traces(inner) for inner in part] if isinstance(part, list) else part


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # failing activities are part of the story
    for name_of_folder in ALL_SCENARIOS:
        asyncio.run(record_histories(name_of_folder))
