"""The services of the load under faults: those that work, and each way in which the ill one falls ill."""

import ast
import asyncio
import json
import math
import os
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from faults.load_definitions import PlannedDefinition
from faults.load_plan import ChangeKind, LoadSize, make_plan
from faults.oracle_attributes import merged
from faults.oracle_formulas import Expected, expected_score
from faults.oracle_rows import exact
from faults.plugins.openg2p_registry_extensions.score_compute.services import healthy, ill
from scoring.compute import SHIPPED
from scoring.errors import ScoreInputError

PROJECT = Path(__file__).parents[2]
PLUGINS = PROJECT / "faults" / "plugins"

VALUES = {"income": 5000, "phone": "555-0100"}

FIND = """
import sys
from scoring.compute import find_compute_service, mode_of
for score_type in sys.argv[1:]:
    service = find_compute_service(score_type)
    print(type(service).__module__, mode_of(service).value)
"""


async def ill_score(behaviour: str, **config: Any) -> object:
    return await ill.G2PScoreComputeServiceIllScore().compute_score("A", VALUES, {"behaviour": behaviour, **config})


def test_every_service_is_found_by_its_name_in_a_mode_of_its_own() -> None:
    score_types = ["CONCURRENT_SCORE", "BLOCKING_SCORE", "ILL_SCORE", "ILL_BLOCKING_SCORE", "ILL_INSTANTANEOUS_SCORE"]
    path = os.pathsep.join([str(PLUGINS), str(PROJECT)])

    done = subprocess.run(
        [sys.executable, "-c", FIND, *score_types, "PMT_SCORE"],
        env=os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    services = "openg2p_registry_extensions.score_compute.services"
    assert done.stdout.splitlines() == [
        f"{services}.healthy concurrent",
        f"{services}.healthy blocking",
        f"{services}.ill concurrent",
        f"{services}.ill blocking",
        f"{services}.ill instantaneous",
        "scoring.formulas instantaneous",
    ]


@pytest.mark.parametrize(
    ("values", "score"),
    [
        pytest.param({"income": 5000, "household.member_count": 4}, 4900.0, id="both"),
        pytest.param({"income": 0.1}, 0.1, id="no members"),
        pytest.param({}, 0.0, id="nothing"),
    ],
)
async def test_the_concurrent_service_counts_what_is_missing_as_nothing(values: dict[str, Any], score: float) -> None:
    assert await healthy.G2PScoreComputeServiceConcurrentScore().compute_score("A", values, {}) == score


@pytest.mark.parametrize(
    ("values", "score"),
    [
        pytest.param({"assets.land_area": 2.1, "household.meals_per_day": 3}, 213.0, id="both"),
        pytest.param({"household.meals_per_day": 3}, 3.0, id="no land"),
        pytest.param({}, 0.0, id="nothing"),
    ],
)
async def test_the_blocking_service_counts_what_is_missing_as_nothing(values: dict[str, Any], score: float) -> None:
    assert await healthy.G2PScoreComputeServiceBlockingScore().compute_score("A", values, {}) == score


async def test_the_concurrent_service_lets_others_run_and_the_blocking_one_does_not() -> None:
    ran: list[str] = []
    asyncio.get_running_loop().call_soon(ran.append, "another")
    await healthy.G2PScoreComputeServiceConcurrentScore().compute_score("A", {}, {})
    while_it_awaited = list(ran)
    asyncio.get_running_loop().call_soon(ran.append, "one more")
    began = time.monotonic()
    await healthy.G2PScoreComputeServiceBlockingScore().compute_score("A", {}, {})

    assert while_it_awaited == ["another"]
    assert ran == ["another"]
    assert time.monotonic() - began >= healthy.SECONDS


async def test_an_ill_service_that_is_well_returns_the_income() -> None:
    assert await ill_score("well") == 5000.0


async def test_an_ill_service_raises_what_may_be_retried_and_says_nothing() -> None:
    with pytest.raises(ill.IllError) as raised:
        await ill_score("raises")

    assert not str(raised.value)


async def test_an_ill_service_raises_what_is_final() -> None:
    with pytest.raises(ScoreInputError, match="income"):
        await ill_score("raises_final")


async def test_an_ill_service_hangs() -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ill_score("hangs"), timeout=0.05)


@pytest.mark.parametrize(
    ("behaviour", "result"),
    [
        pytest.param("infinite", math.inf, id="infinity"),
        pytest.param("text", "1401.83", id="a number as text"),
        pytest.param("none", None, id="nothing"),
    ],
)
async def test_an_ill_service_returns_what_is_no_score(behaviour: str, result: object) -> None:
    assert await ill_score(behaviour) == result


async def test_an_ill_service_returns_nan() -> None:
    result = await ill_score("nan")

    assert isinstance(result, float)
    assert math.isnan(result)


async def test_an_ill_service_blocks_its_thread_for_so_long() -> None:
    began = time.monotonic()

    assert await ill_score("blocks", seconds=0.05) == 5000.0
    assert time.monotonic() - began >= 0.05


async def test_an_ill_service_leaks_the_values_in_its_exception() -> None:
    with pytest.raises(ill.IllError, match="555-0100"):
        await ill_score("leaks")


async def test_a_behaviour_that_there_is_not_is_no_healthy_one() -> None:
    with pytest.raises(KeyError, match="wel"):
        await ill_score("wel")


SERVICES = {
    "PMT_SCORE": SHIPPED["PMT_SCORE"],
    "FSF_SCORE": SHIPPED["FSF_SCORE"],
    "CONCURRENT_SCORE": healthy.G2PScoreComputeServiceConcurrentScore,
    "BLOCKING_SCORE": healthy.G2PScoreComputeServiceBlockingScore,
}


def definitions_of_every_type() -> dict[str, PlannedDefinition]:
    """As the load has them."""
    plans = [make_plan(seed, LoadSize(approvals=0)) for seed in range(20)]
    return {one.score_type: one for plan in plans for one in plan.definitions}


@pytest.mark.parametrize("score_type", SERVICES)
async def test_the_oracle_and_the_services_agree_bit_for_bit_on_every_state_of_a_load(score_type: str) -> None:
    definition = definitions_of_every_type()[score_type]
    plan = make_plan(5, LoadSize(records=20, calm_records=0, approvals=100))
    states = {record.number: merged({}, record.payload) for record in plan.records}
    outcomes = set()

    for change in plan.changes:
        state = states[change.record] = merged(states[change.record], change.payload)
        values = {path: state[path] for path in definition.contributing_attributes if path in state}
        try:
            score = await SERVICES[score_type]().compute_score("A", values, dict(definition.score_config))
        except ScoreInputError:
            score = None
        as_stored = exact(json.dumps([values, definition.score_config]))
        assert expected_score(score_type, *as_stored) == Expected(score)
        outcomes.add(score is None)

    assert outcomes == ({True, False} if score_type == "FSF_SCORE" else {False})
    assert ChangeKind.STARVES in {change.kind for change in plan.changes}


@pytest.mark.parametrize("behaviour", ill.BEHAVIOURS)
@pytest.mark.parametrize("score_type", ["ILL_SCORE", "ILL_BLOCKING_SCORE", "ILL_INSTANTANEOUS_SCORE"])
def test_of_an_ill_service_the_oracle_expects_a_failure_or_what_may_be_one(score_type: str, behaviour: str) -> None:
    config = {"behaviour": behaviour}
    ends_well = behaviour in {"well", "blocks"}

    expected = expected_score(score_type, {"income": Decimal("0.5")}, config)

    assert expected == (Expected(0.5, may_fail=True) if ends_well else Expected(None))


@pytest.mark.parametrize("path", sorted((PROJECT / "faults").glob("oracle*.py")), ids=lambda path: path.stem)
def test_the_oracle_shares_no_code_with_what_it_judges(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add("." * node.level + (node.module or ""))

    strangers = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    assert {name for name in strangers if not name.startswith("faults.oracle")} <= {"asyncpg"}
