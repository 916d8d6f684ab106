"""Records the histories in tests/temporal/histories anew: `PYTHONPATH=tests python -m temporal_fakes.record`.

Do so when the workflow gets a branch that no history takes, never to make a replay fit: what no longer fits here no
longer fits the runs that are under way where this is deployed.
"""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from steadyscore.embedded.temporal_cli import find_temporal_cli
from temporal_fakes.scenarios import SCENARIOS, continued_as_new

HISTORIES = Path(__file__).resolve().parent.parent / "temporal" / "histories"
HOME = HISTORIES.parents[2] / ".steadyscore"
EVENTS_BEFORE_CONTINUING = 40
IDENTITY = "a client of the tests"


async def record_histories() -> None:
    """Run every scenario on a server of its own and write down the histories."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_temporal_cli(HOME, print)),
        dev_server_log_level="error",
        dev_server_extra_args=[
            "--dynamic-config-value",
            f"limit.historyCount.suggestContinueAsNew={EVENTS_BEFORE_CONTINUING}",
        ],
    )
    HISTORIES.mkdir(exist_ok=True)
    async with environment:
        client = await Client.connect(environment.client.service_client.config.target_host, identity=IDENTITY)
        for name, scenario in {**SCENARIOS, "continued_as_new": continued_as_new}.items():
            history = json.loads((await scenario(client)).to_json())
            text = json.dumps(without_stack_traces(history), indent=1) + "\n"
            (HISTORIES / f"{name}.json").write_text(text, encoding="utf-8")


def without_stack_traces(part: Any) -> Any:
    """A history without the paths of the machine where it was made."""
    if isinstance(part, dict):
        return {name: without_stack_traces(inner) for name, inner in part.items() if name != "stackTrace"}
    return [without_stack_traces(inner) for inner in part] if isinstance(part, list) else part


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # failing activities are part of the story
    asyncio.run(record_histories())
