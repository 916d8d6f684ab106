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
from temporal_fakes.plugins import installed_classes

PATIENCE = 20.0
PROJECT = Path(__file__).parents[2]

SERVICES = {
    "QUICK": "async def compute_score(self, record, values, config): return 1.0",
    "ARITHMETIC": 'compute_mode = "instantaneous"\nasync def compute_score(self, record, values, config): return 1.0',
    "AWAITS": "async def compute_score(self, record, values, config):\n    await values['gate'].wait()\n    return 2.0",
    "BLOCKS": """
        def compute_score(self, record, values, config):
            values["started"].set()
            values["gate"].wait(30)
            return 3.0
    """,
    "ASYNC_BUT_BLOCKS": """
        compute_mode = "blocking"
        async def compute_score(self, record, values, config):
            values["started"].set()
            values["gate"].wait(30)
            return 4.0
    """,
    "TAKES_A_MOMENT": """
        def compute_score(self, record, values, config):
            time.sleep(0.1)
            return 5.0
    """,
    "ODD_MODE": 'compute_mode = "sideways"\nasync def compute_score(self, record, values, config): return 1.0',
    "MODE_THAT_IS_A_LIST": "compute_mode = []\ndef compute_score(self, record, values, config): return 1.0",
    "SAYS_CONCURRENT": 'compute_mode = "concurrent"\nasync def compute_score(self, record, values, config): return 1.0',
    "CANNOT_BE_MADE": "def __init__(self): raise KeyError('x')\nasync def compute_score(self, *_): return 1.0",
    "FAILS_IN_A_THREAD": "def compute_score(self, record, values, config): raise ScoreInputError('income is missing')",
    "TEXT_FROM_A_THREAD": "def compute_score(self, record, values, config): return '1'",
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
        ("NOBODY_SERVES_IT", False),
        ("CANNOT_BE_MADE", False),
    ],
)
def test_only_what_says_so_is_instantaneous(score_type: str, *, answer: bool) -> None:
    assert is_instantaneous(score_type) is answer


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
    def compute_score(self, record, values, config):
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


def test_a_process_with_a_service_that_hangs_ends_when_it_is_told_to() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HANGS_FOR_EVER], cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False
    )

    assert (ended.returncode, ended.stdout) == (0, "TimeoutError\n"), ended.stderr
