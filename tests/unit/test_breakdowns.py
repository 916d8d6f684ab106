"""What a compute service tells of a score: kept as it is told, and nothing that it may do instead holds up anything."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.services import Computation, ServiceRunner
from builders.register import ATTRIBUTES, BUILDER_SCORE, METRICS, SHIPPED_PROJECTS, VOUCHES
from scoring.compute import MAX_BREAKDOWN_BYTES
from temporal_fakes.plugins import installed_classes

PATIENCE = 20.0
A_MOMENT = 0.2

ASYNC = "async def compute_score(self, internal_record_id, contributing_attribute_values, score_config): return 1.0"
BLOCKING = ASYNC.removeprefix("async ")
INSTANTANEOUS = f'compute_mode = "instantaneous"\n{ASYNC}'
BREAK_DOWN = "def break_down(self, contributing_attribute_values, score_config):"
TELLS = "return {'values': contributing_attribute_values, 'config': score_config}"
MUTATES = """
def compute_score(self, internal_record_id, contributing_attribute_values, score_config):
    contributing_attribute_values.clear()
    score_config.clear()
    return 1.0
"""
A_CYCLE = "told = {}; told['told'] = told; return told"
DEEP = "told = {}\n    for _ in range(100): told = {'told': told}\n    return told"

SERVICES = {
    "INSTANTANEOUS": f"{INSTANTANEOUS}\n{BREAK_DOWN} {TELLS}",
    "INSTANTANEOUS_ASYNC": f"{INSTANTANEOUS}\nasync {BREAK_DOWN} {TELLS}",
    "CONCURRENT": f"{ASYNC}\n{BREAK_DOWN} {TELLS}",
    "CONCURRENT_ASYNC": f"{ASYNC}\nasync {BREAK_DOWN} {TELLS}",
    "BLOCKING": f"{BLOCKING}\n{BREAK_DOWN} {TELLS}",
    "BLOCKING_ASYNC": f"{BLOCKING}\nasync {BREAK_DOWN} {TELLS}",
    "MUTATES": f"{MUTATES}\n{BREAK_DOWN} {TELLS}",
    "TELLS_NOTHING": f"{ASYNC}\n{BREAK_DOWN} return None",
    "HAS_NO_METHOD": f"{ASYNC}\nbreak_down = 'soon'",
    "LIST": f"{ASYNC}\n{BREAK_DOWN} return [1]",
    "TEXT": f"{ASYNC}\n{BREAK_DOWN} return 'income 987654321'",
    "NAN": f"{ASYNC}\n{BREAK_DOWN} return {{'points': float('nan')}}",
    "BEYOND_A_DOUBLE": f"{ASYNC}\n{BREAK_DOWN} return {{'points': 10 ** 400}}",
    "ENDLESS_DIGITS": f"{ASYNC}\n{BREAK_DOWN} return {{'points': 10 ** 5000}}",
    "NUL": f"{ASYNC}\n{BREAK_DOWN} return {{'points': 'a\\x00'}}",
    "HALF_A_PAIR": f"{ASYNC}\n{BREAK_DOWN} return {{'\\ud800': 1}}",
    "AN_OBJECT": f"{ASYNC}\n{BREAK_DOWN} return {{'points': object()}}",
    "A_CYCLE": f"{ASYNC}\n{BREAK_DOWN} {A_CYCLE}",
    "DEEP": f"{ASYNC}\n{BREAK_DOWN}\n    {DEEP}",
    "TOO_LARGE": f"{ASYNC}\n{BREAK_DOWN} return {{'words': 'x' * score_config['size']}}",
    "RAISES": f"{ASYNC}\n{BREAK_DOWN} raise KeyError('income 987654321')",
    "RAISES_INPUT_ERROR": f"{BLOCKING}\n{BREAK_DOWN} raise ScoreInputError('income is missing')",
    "CANCELS_ITSELF": f"{ASYNC}\nasync {BREAK_DOWN} raise asyncio.CancelledError()",
    "NO_SCORE": f"{ASYNC.replace('1.0', 'None')}\n{BREAK_DOWN} raise KeyError('points')",
    "HANGS": f"{ASYNC}\n{BREAK_DOWN} contributing_attribute_values['gates'].wait()",
    "HANGS_ASYNC": f"{ASYNC}\nasync {BREAK_DOWN} await asyncio.sleep(3600)",
    "HANGS_IN_ITS_THREAD": f"{BLOCKING}\n{BREAK_DOWN} contributing_attribute_values['gates'].wait()",
}


class Gate:
    """What a service that hangs waits for; as it is copied with the values, copies are the same gate."""

    def __init__(self) -> None:
        self._open = threading.Event()

    def __deepcopy__(self, _: object) -> "Gate":
        return self

    def wait(self) -> None:
        """Until it is open."""
        self._open.wait(30)

    def open(self) -> None:
        """Let everybody through: threads cannot be stopped."""
        self._open.set()


@pytest.fixture(autouse=True)
def services(tmp_path: Path) -> Iterator[None]:
    """Services of all kinds."""
    with installed_classes(tmp_path, SERVICES):
        yield


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Open when the test is over."""
    gate = Gate()
    yield gate
    gate.open()


@pytest.fixture
def runner() -> ServiceRunner:
    """With two threads."""
    return ServiceRunner(2)


def a_computation(score_type: str, config: dict[str, Any] | None = None, **values: Any) -> Computation:
    """A computation of these values, whatever they are."""
    return Computation(score_type, "A", values, config or {})


async def failure_of(runner: ServiceRunner, computation: Computation, seconds: float = PATIENCE) -> ApplicationError:
    """How it fails."""
    with pytest.raises(ApplicationError) as failed:
        await runner.run(computation, seconds)
    return failed.value


@pytest.mark.parametrize(
    "score_type",
    [
        *("INSTANTANEOUS", "INSTANTANEOUS_ASYNC", "CONCURRENT", "CONCURRENT_ASYNC", "BLOCKING", "BLOCKING_ASYNC"),
        pytest.param("MUTATES", id="one that changes what it computes from"),
    ],
)
async def test_a_service_of_any_kind_tells_what_a_score_is_made_of(runner: ServiceRunner, score_type: str) -> None:
    computed = await runner.run(a_computation(score_type, {"weights": [1]}, income=5), PATIENCE)

    assert computed.breakdown == {"values": {"income": 5}, "config": {"weights": [1]}}
    assert computed.score == 1.0


@pytest.mark.parametrize("score_type", ["PMT_SCORE", "TELLS_NOTHING", "HAS_NO_METHOD"])
async def test_who_tells_nothing_has_a_score_without_a_breakdown(runner: ServiceRunner, score_type: str) -> None:
    values = {"income": 1, "assets.land_area": 1, "household.member_count": 1}

    assert (await runner.run(Computation(score_type, "A", {**values}, {}), PATIENCE)).breakdown is None


async def test_a_builder_score_is_the_sum_of_what_it_tells(runner: ServiceRunner) -> None:
    term = {"points": 7, "cap": 50}
    impact = {"points": dict(zip(METRICS, (1, 2, 3), strict=True)), "cap": 50}
    config: dict[str, Any] = {"shipped_projects": term, "vouches": term, "impact": impact, "key_fields": term}
    values: dict[str, Any] = dict.fromkeys(ATTRIBUTES, 0) | {SHIPPED_PROJECTS: 9, VOUCHES: 3, "impact.stars": 100}

    computed = await runner.run(Computation(BUILDER_SCORE, "A", values, config), PATIENCE)

    assert computed.breakdown is not None
    points = [term["points"] for term in computed.breakdown.values() if isinstance(term, dict)]
    assert computed.score == sum(point for point in points if isinstance(point, int)) == 50 + 21 + 18


@pytest.mark.parametrize(
    ("score_type", "reason"),
    [
        ("LIST", "returned list, not an object"),
        ("TEXT", "returned str, not an object"),
        *((one, "returned what JSON cannot hold") for one in ("NAN", "BEYOND_A_DOUBLE", "ENDLESS_DIGITS", "NUL")),
        *((one, "returned what JSON cannot hold") for one in ("HALF_A_PAIR", "AN_OBJECT", "A_CYCLE", "DEEP")),
    ],
)
async def test_i7_i9_what_is_no_breakdown_fails_for_good_with_a_reason(
    runner: ServiceRunner, score_type: str, reason: str
) -> None:
    failed = await failure_of(runner, a_computation(score_type))

    assert (failed.type, failed.non_retryable) == ("ScoreResultError", True)
    assert failed.message == f"break_down of {score_type} {reason}"


async def test_i9_a_breakdown_has_a_size(runner: ServiceRunner) -> None:
    largest = MAX_BREAKDOWN_BYTES - len('{"words": ""}')

    kept = await runner.run(a_computation("TOO_LARGE", {"size": largest}), PATIENCE)
    failed = await failure_of(runner, a_computation("TOO_LARGE", {"size": largest + 1}))

    assert kept.breakdown == {"words": "x" * largest}
    assert failed.message == f"break_down of TOO_LARGE returned more than {MAX_BREAKDOWN_BYTES} bytes of JSON"
    assert (failed.type, failed.non_retryable) == ("ScoreResultError", True)


@pytest.mark.parametrize(
    ("score_type", "error_code", "final"),
    [
        ("RAISES", "KeyError", False),
        ("CANCELS_ITSELF", "CancelledError", False),
        ("RAISES_INPUT_ERROR", "ScoreInputError", True),
        pytest.param("NO_SCORE", "ScoreResultError", True, id="there is no score to tell of"),
    ],
)
async def test_i7_a_breakdown_that_fails_fails_as_its_score_would(
    runner: ServiceRunner, score_type: str, error_code: str, *, final: bool
) -> None:
    failed = await failure_of(runner, a_computation(score_type))

    assert (failed.type, failed.non_retryable) == (error_code, final)
    assert "987654321" not in failed.message


@pytest.mark.parametrize("score_type", ["HANGS", "HANGS_ASYNC", "HANGS_IN_ITS_THREAD"])
async def test_i9_a_breakdown_that_hangs_ends_with_the_timeout_and_holds_up_no_other(
    runner: ServiceRunner, gate: Gate, score_type: str
) -> None:
    hanging = [failure_of(runner, a_computation(score_type, gates=gate), A_MOMENT) for _ in range(5)]

    failures = await asyncio.gather(*hanging)

    assert {(failed.type, failed.non_retryable) for failed in failures} == {("TimeoutError", False)}
    assert (await runner.run(a_computation("BLOCKING"), PATIENCE)).breakdown == {"values": {}, "config": {}}


async def test_i9_a_breakdown_that_blocks_does_not_stall_the_loop(runner: ServiceRunner, gate: Gate) -> None:
    hanging = asyncio.create_task(runner.run(a_computation("HANGS", gates=gate), PATIENCE))

    beside = await runner.run(a_computation("CONCURRENT_ASYNC"), PATIENCE)

    assert (beside.score, hanging.done()) == (1.0, False)
    gate.open()
    assert (await hanging).breakdown is None
