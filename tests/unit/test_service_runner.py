"""Running compute services: nothing that blocks, hangs or fails holds up what runs beside it."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.services import Computation, Computed, ServiceRunner
from scoring.compute import ComputeMode, find_compute_service, is_instantaneous, mode_of
from scoring.json_values import JsonObject, JsonValue
from temporal_fakes.plugins import installed_classes

PATIENCE = 20.0
PROJECT = Path(__file__).parents[2]

COMPUTE = "def compute_score(self, internal_record_id, contributing_attribute_values, score_config):"
GATE = "contributing_attribute_values['gate']"

SERVICES = {
    "QUICK": f"async {COMPUTE} return 1.0",
    "ARITHMETIC": f'compute_mode = "instantaneous"\nasync {COMPUTE} return 1.0',
    "AWAITS": f"async {COMPUTE}\n    await {GATE}.wait()\n    return 2.0",
    "BLOCKS": f"""
        {COMPUTE}
            contributing_attribute_values["started"].set()
            {GATE}.wait(30)
            return 3.0
    """,
    "ASYNC_BUT_BLOCKS": f"""
        compute_mode = "blocking"
        async {COMPUTE}
            contributing_attribute_values["started"].set()
            {GATE}.wait(30)
            return 4.0
    """,
    "TAKES_A_MOMENT": f"""
        {COMPUTE}
            time.sleep(0.1)
            return 5.0
    """,
    "ODD_MODE": f'compute_mode = "sideways"\nasync {COMPUTE} return 1.0',
    "MODE_THAT_IS_A_LIST": f"compute_mode = []\n{COMPUTE} return 1.0",
    "SAYS_CONCURRENT": f'compute_mode = "concurrent"\nasync {COMPUTE} return 1.0',
    "CANNOT_BE_MADE": f"def __init__(self): raise KeyError('x')\nasync {COMPUTE} return 1.0",
    "OF_ANOTHER_KIND": "async def compute_score(self, record, values, config): return 1.0",
    "WEIGHTED": """
        compute_mode = "instantaneous"
        async def compute_score(
            self, link_internal_record_id, contributing_attribute_config, contributing_attribute_values
        ):
            return float(len(contributing_attribute_config))
    """,
    "FAILS_IN_A_THREAD": f"{COMPUTE} raise ScoreInputError('income is missing')",
    "TEXT_FROM_A_THREAD": f"{COMPUTE} return '1'",
}


@pytest.fixture(autouse=True)
def services(tmp_path: Path) -> Iterator[None]:
    """Services of all kinds."""
    with installed_classes(tmp_path, SERVICES):
        yield


@pytest.fixture
def runner() -> ServiceRunner:
    """With two threads."""
    return ServiceRunner(2)


class Gate:
    """What a service in a thread tells and waits for."""

    def __init__(self) -> None:
        self.started, self.may_end = threading.Event(), threading.Event()

    def computation(self, score_type: str) -> Computation:
        """A computation that waits at this gate."""
        return a_computation(score_type, started=self.started, gate=self.may_end)


@pytest.fixture
def gates() -> Iterator[list[Gate]]:
    """Ten, all open when the test is over: threads cannot be stopped."""
    gates = [Gate() for _ in range(10)]
    yield gates
    for gate in gates:
        gate.may_end.set()


def a_computation(score_type: str, **values: Any) -> Computation:
    """A computation of these values, whatever they are."""
    return Computation(score_type, "A", values, {})


@pytest.mark.parametrize(
    ("score_type", "mode"),
    [
        ("QUICK", ComputeMode.CONCURRENT),
        ("ARITHMETIC", ComputeMode.INSTANTANEOUS),
        ("BLOCKS", ComputeMode.BLOCKING),
        ("ASYNC_BUT_BLOCKS", ComputeMode.BLOCKING),
        ("SAYS_CONCURRENT", ComputeMode.CONCURRENT),
        ("ODD_MODE", ComputeMode.CONCURRENT),
        ("MODE_THAT_IS_A_LIST", ComputeMode.BLOCKING),
        ("PMT_SCORE", ComputeMode.INSTANTANEOUS),
        ("FSF_SCORE", ComputeMode.INSTANTANEOUS),
    ],
)
def test_a_service_is_run_as_it_says_or_as_it_looks(score_type: str, mode: ComputeMode) -> None:
    assert mode_of(find_compute_service(score_type)) is mode


@pytest.mark.parametrize(
    ("score_type", "answer"),
    [
        ("PMT_SCORE", True),
        ("ARITHMETIC", True),
        ("QUICK", False),
        ("BLOCKS", False),
        ("WEIGHTED", True),
        pytest.param("NO_PLUG_IN_SERVES_IT", False, id="what is perhaps served elsewhere"),
        ("OF_ANOTHER_KIND", False),
        ("CANNOT_BE_MADE", False),
    ],
)
def test_only_what_says_so_is_instantaneous(score_type: str, *, answer: bool) -> None:
    assert is_instantaneous(score_type) is answer


@pytest.mark.parametrize(
    ("score_type", "answer"),
    [
        pytest.param("NO_PLUG_IN_SERVES_IT", True, id="the weighted sum"),
        ("PMT_SCORE", True),
        ("WEIGHTED", True),
        ("QUICK", False),
        ("CANNOT_BE_MADE", False),
    ],
)
def test_a_weighted_definition_is_arithmetic_unless_a_plug_in_serves_it(score_type: str, *, answer: bool) -> None:
    assert is_instantaneous(score_type, is_weighted=True) is answer


@pytest.mark.parametrize(("score_type", "score"), [("QUICK", 1.0), ("ARITHMETIC", 1.0), ("TAKES_A_MOMENT", 5.0)])
async def test_a_service_of_any_kind_gives_its_score(runner: ServiceRunner, score_type: str, score: float) -> None:
    computed = await runner.run(a_computation(score_type), PATIENCE)

    assert computed.score == score
    assert isinstance(computed, Computed)
    assert computed.formula_name.endswith(score_type)


@pytest.mark.parametrize("score_type", ["BLOCKS", "ASYNC_BUT_BLOCKS"])
async def test_a_service_that_blocks_does_not_stall_the_loop(
    runner: ServiceRunner, gates: list[Gate], score_type: str
) -> None:
    blocking = asyncio.create_task(runner.run(gates[0].computation(score_type), PATIENCE))
    await asyncio.to_thread(gates[0].started.wait, PATIENCE)

    beside = await runner.run(a_computation("QUICK"), PATIENCE)
    was_done = blocking.done()
    gates[0].may_end.set()

    assert (beside.score, was_done) == (1.0, False)
    assert (await blocking).score in {3.0, 4.0}


async def test_services_that_await_run_side_by_side_however_many(runner: ServiceRunner) -> None:
    gate = asyncio.Event()
    computation = a_computation("AWAITS", gate=gate)
    waiting = [asyncio.create_task(runner.run(computation, PATIENCE)) for _ in range(50)]

    await asyncio.sleep(0)
    gate.set()

    assert {computed.score for computed in await asyncio.gather(*waiting)} == {2.0}


async def test_i9_a_service_that_awaits_for_ever_ends_with_its_timeout(runner: ServiceRunner) -> None:
    with pytest.raises(ApplicationError, match="TimeoutError") as failed:
        await runner.run(a_computation("AWAITS", gate=asyncio.Event()), 0.05)

    assert (failed.value.type, failed.value.non_retryable) == ("TimeoutError", False)


@pytest.mark.parametrize("score_type", ["BLOCKS", "ASYNC_BUT_BLOCKS"])
async def test_i9_services_that_hang_are_left_behind_and_hold_up_no_other(
    runner: ServiceRunner, gates: list[Gate], score_type: str
) -> None:
    for gate in gates[:5]:  # more than there are threads
        with pytest.raises(ApplicationError, match="TimeoutError"):
            await runner.run(gate.computation(score_type), 0.05)

    assert (await runner.run(a_computation("TAKES_A_MOMENT"), PATIENCE)).score == 5.0


async def test_i9_services_that_hang_at_once_hold_up_no_other(runner: ServiceRunner, gates: list[Gate]) -> None:
    hanging = [runner.run(gate.computation("BLOCKS"), 0.2) for gate in gates]

    ended = await asyncio.gather(*hanging, return_exceptions=True)

    assert all(isinstance(one, ApplicationError) for one in ended)
    assert (await runner.run(a_computation("TAKES_A_MOMENT"), PATIENCE)).score == 5.0


async def test_a_service_that_blocks_has_its_whole_timeout_however_many_wait_for_a_thread(
    runner: ServiceRunner,
) -> None:
    moments = [runner.run(a_computation("TAKES_A_MOMENT"), 0.5) for _ in range(30)]

    assert {computed.score for computed in await asyncio.gather(*moments)} == {5.0}


@pytest.mark.parametrize(
    ("score_type", "error_code"),
    [
        ("FAILS_IN_A_THREAD", "ScoreInputError"),
        ("TEXT_FROM_A_THREAD", "ScoreResultError"),
        ("NOBODY_SERVES_IT", "ComputeServiceNotFound"),
        ("OF_ANOTHER_KIND", "ComputeServiceNotFound"),
        pytest.param("WEIGHTED", "ComputeServiceNotFound", id="weighted attributes alone, and there are none"),
    ],
)
async def test_i7_what_no_retry_mends_is_final_wherever_it_ran(
    runner: ServiceRunner, score_type: str, error_code: str
) -> None:
    with pytest.raises(ApplicationError) as failed:
        await runner.run(a_computation(score_type), PATIENCE)

    assert (failed.value.type, failed.value.non_retryable) == (error_code, True)


HANGS_FOR_EVER = """
import asyncio, sys, time
from activities.services import Computation, ServiceRunner
from scoring import compute

class Hangs:
    def compute_score(self, internal_record_id, contributing_attribute_values, score_config):
        time.sleep(3600)

compute.SHIPPED = {"HANGS": Hangs}

async def main():
    runner = ServiceRunner(1)
    try:
        await runner.run(Computation("HANGS", "A", {}, {}), 0.1)
    except Exception as error:
        print(error.type, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize(("score_type", "score"), [("WEIGHTED", 1.0), ("PMT_SCORE", 10.0), ("NO_PLUG_IN", 10.0)])
async def test_a_weighted_definition_is_computed_by_its_plug_in_or_as_a_weighted_sum(
    runner: ServiceRunner, score_type: str, score: float
) -> None:
    frozen: JsonObject = {"attribute_name": "income", "attribute_weightage": 2.0}
    computation = Computation(score_type, "A", {"income": 5}, {"contributing_attribute_config": [frozen]})

    assert (await runner.run(computation, PATIENCE)).score == score


@pytest.mark.parametrize("frozen", ["x", [7], [{"attribute_weightage": 1}], [{"attribute_name": "income"}]])
async def test_i9_weights_that_no_trigger_froze_are_final(runner: ServiceRunner, frozen: JsonValue) -> None:
    computation = Computation("PMT_SCORE", "A", {"income": 5}, {"contributing_attribute_config": frozen})

    with pytest.raises(ApplicationError, match="contributing_attribute_config") as failed:
        await runner.run(computation, PATIENCE)

    assert (failed.value.type, failed.value.non_retryable) == ("InvalidDefinition", True)


def test_a_process_with_a_service_that_hangs_ends_when_it_is_told_to() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HANGS_FOR_EVER], cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False
    )

    assert (ended.returncode, ended.stdout) == (0, "TimeoutError\n"), ended.stderr
