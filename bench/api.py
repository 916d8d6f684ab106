"""`python -m bench.api`: how fast `get_scores` answers many readers while approvals come and are scored.

The real processes (API, worker, relay, Temporal, PostgreSQL), fresh, and the load in a process of its own, so that what
making it costs does not stand in the API's way; on few cores they still share them.
"""

import asyncio
import json
import shutil
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import asyncpg  # type: ignore[import-untyped]
import httpx
import typer
from rich.console import Console
from rich.table import Table

from bench.api_data import SCORE_TYPES, count_scores_of_approvals, fill
from bench.api_load import Outcome, Phase
from bench.machine import describe_machine
from bench.servers import plain_url
from steadyscore.development_tokens import Holder, development_token, for_development_only
from steadyscore.embedded.postgres import EmbeddedPostgres
from steadyscore.embedded.temporal_cli import find_temporal_cli
from steadyscore.embedded.temporal_server import free_port
from steadyscore.processes import Supervisor
from steadyscore.settings import Settings, read_settings
from steadyscore.stack import Servers, Stack, start_stack

_SETTLE_SECONDS = 120.0
_ATTRIBUTES = {
    "income": "number",
    "assets.land_area": "number",
    "household.member_count": "integer",
    "household.meals_per_day": "integer",
}
_DEFINITIONS = (
    {"score_type": "PMT_SCORE", "contributing_attributes": ["income", "assets.land_area"]},
    {
        "score_type": "FSF_SCORE",
        "contributing_attributes": ["income", "household.member_count"],
        "score_config": {"weights": {"income": 0.01, "household.member_count": 8.0}},
    },
)


@dataclass(frozen=True)
class Wanted:
    """The size of the measurement."""

    readers: int
    approvals: int
    seconds: float
    scores: int


@dataclass(frozen=True)
class Measured:
    """The phases of one run, by name, and how many approvals have both their scores."""

    phases: dict[str, tuple[Phase, Outcome]]
    missing_scores: int

    def errors(self) -> list[str]:
        """All that was wrong."""
        missing = [f"{self.missing_scores} scores of approvals are missing"] if self.missing_scores else []
        return [error for _, outcome in self.phases.values() for error in outcome.errors] + missing


async def _measure(stack: Stack, token: str, wanted: Wanted) -> Measured:
    connection = await asyncpg.connect(plain_url(stack.settings.require_database_url()))
    register_id = await _define(stack, token)
    approvals = round(wanted.approvals * wanted.seconds)
    records = await fill(connection, register_id, wanted.scores // SCORE_TYPES, approvals)
    one = Phase(stack.settings.api_port, token, 1, wanted.seconds / 3, "scores", records)
    many = replace(one, readers=wanted.readers)
    together = replace(
        many, seconds=wanted.seconds, change_requests=[f"CR-bench-{number + 1}" for number in range(approvals)]
    )
    phases = {
        "get_scores, one reader": one,
        f"/health/live, {wanted.readers} readers": replace(many, reads="live"),
        f"get_scores, {wanted.readers} readers": many,
        f"get_scores, {wanted.readers} readers, {wanted.approvals} approvals/s": together,
    }
    outcomes = {name: (phase, await _carried_out(phase)) for name, phase in phases.items()}
    missing = await _missing_scores(connection, SCORE_TYPES * len(outcomes[name_of_last(phases)][1].approvals))
    await connection.close()
    return Measured(outcomes, missing)


def name_of_last(phases: dict[str, Phase]) -> str:
    """The phase that the others are measured for."""
    return list(phases)[-1]


async def _define(stack: Stack, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=stack.api_url, headers=headers) as client:
        register = {"register_mnemonic": "Bench", "register_purpose": "REGISTER", "attributes": _ATTRIBUTES}
        answer = await client.post("/registers", json=register)
        register_id = str(answer.raise_for_status().json()["register_id"])
        for definition in _DEFINITIONS:
            body = {"register_id": register_id, "debounce": {"quiet_period": 1.0, "max_wait": 5.0}, **definition}
            (await client.post("/register-metadata/create_score_definition", json=body)).raise_for_status()
    return register_id


async def _carried_out(phase: Phase) -> Outcome:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.api_load", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate(json.dumps(asdict(phase)).encode())
    return Outcome(**json.loads(told))


async def _missing_scores(connection: asyncpg.Connection, expected: int) -> int:
    """How many are missing when all had time enough to come."""
    gives_up_at = time.monotonic() + _SETTLE_SECONDS
    while (missing := expected - await count_scores_of_approvals(connection)) and time.monotonic() < gives_up_at:
        await asyncio.sleep(0.5)
    return missing


def _percentiles(seconds: Sequence[float]) -> list[str]:
    if len(seconds) < 2:  # noqa: PLR2004 - what a percentile needs
        return ["-", "-", "-"]
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return [f"{1000 * cuts[part - 1]:,.1f}" for part in (50, 95, 99)]


def _table(measured: Measured) -> Table:
    table = Table("phase", "p50, ms", "p95, ms", "p99, ms", "answers/s", "errors")
    for name, (phase, outcome) in measured.phases.items():
        rate = f"{len(outcome.reads) / phase.seconds:,.0f}"
        table.add_row(name, *_percentiles(outcome.reads), rate, str(len(outcome.errors)))
    phase, outcome = list(measured.phases.values())[-1]
    rate = f"{len(outcome.approvals) / phase.seconds:,.1f}"
    table.add_row("approvals meanwhile", *_percentiles(outcome.approvals), rate, "")
    return table


def _ratios(measured: Measured) -> str:
    """What is left when the machine's speed is taken out."""
    _, live, quiet, together = (len(outcome.reads) / phase.seconds for phase, outcome in measured.phases.values())
    return (
        f"beside approvals get_scores is answered {together / live:.2f} times as often as /health/live,"
        f" {together / quiet:.2f} times as often as without them"
    )


async def _run(servers: Servers, settings: Settings, wanted: Wanted) -> Measured:
    measured = None
    async with Supervisor(settings.steadyscore_home / "logs") as supervisor:
        stack = await start_stack(settings, servers, supervisor, _say)
        token = development_token(settings.steadyscore_home, Holder(), datetime.now(UTC), timedelta(hours=1))
        measured = await _measure(stack, token, wanted)
    if measured is None:
        raise KeyboardInterrupt
    return measured


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _settings(home: Path) -> Settings:
    """Everything from nothing, wherever there is room."""
    ports = {name: free_port() for name in ("api_port", "temporal_port", "temporal_ui_port")}
    alone = {"steadyscore_home": home, "database_url": None, "temporal_address": None, "log_level": "WARNING"}
    return for_development_only(read_settings().model_copy(update=alone | ports))


def main(
    readers: Annotated[int, typer.Option(min=1, help="at once")] = 200,
    approvals: Annotated[int, typer.Option(min=0, help="a second")] = 20,
    seconds: Annotated[float, typer.Option(min=3)] = 30,
    scores: Annotated[int, typer.Option(min=10)] = 100_000,
) -> None:
    """Measure get_scores over HTTP; exits with 1 where an answer was wrong, or none, or a score is missing."""
    shared = read_settings().steadyscore_home.resolve()
    temporal_cli, home = find_temporal_cli(shared, _say), shared / "bench" / "api"
    shutil.rmtree(home, ignore_errors=True)
    try:
        with EmbeddedPostgres(home / "postgres") as postgres:
            servers, wanted = Servers(postgres, temporal_cli), Wanted(readers, approvals, seconds, scores)
            measured = asyncio.run(_run(servers, _settings(home), wanted))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    Console(width=120).print(describe_machine(), _table(measured), _ratios(measured), sep="\n")
    errors = Counter(measured.errors())
    for error, times in errors.most_common():
        sys.stderr.write(f"{times} times: {error}\n")
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    typer.run(main)
