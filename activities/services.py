"""Running compute services: pure arithmetic at once, waiting ones side by side, blocking ones in threads."""

import asyncio
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from inspect import iscoroutinefunction
from typing import TypeAlias

from activities.failures import failures_for_temporal
from activities.threads import BlockingCalls
from scoring.compute import (
    AnyComputeService,
    ComputeMode,
    call_service,
    find_break_down,
    find_compute_service,
    formula_of,
    mode_of,
    require_breakdown,
    require_score,
)
from scoring.json_values import JsonObject


@dataclass(frozen=True)
class Computation:
    """What one call of a compute service is given; it may change the values and the config, nobody else has them."""

    score_type: str
    internal_record_id: str
    contributing_attribute_values: JsonObject
    score_config: JsonObject


@dataclass(frozen=True)
class Computed:
    """A finite score, the formula it came from, and what it is made of, where the service tells."""

    score: float
    formula_name: str
    formula_version: str
    breakdown: JsonObject | None = None


class _Calls:
    """What is asked of a service: the score, then what that is made of."""

    def __init__(self, service: AnyComputeService, computation: Computation) -> None:
        values, config = computation.contributing_attribute_values, computation.score_config
        self.mode = mode_of(service)
        self.score_type = computation.score_type
        self.compute = partial(call_service, service, computation.internal_record_id, values, config)
        break_down = find_break_down(service)
        # copies, as compute_score may change what it is given
        self.break_down = None if break_down is None else partial(break_down, deepcopy(values), deepcopy(config))

    @property
    def breaks_down_at_once(self) -> bool:
        """Whether the loop may call `break_down`."""
        return self.mode is ComputeMode.INSTANTANEOUS or iscoroutinefunction(self.break_down)


_Results: TypeAlias = tuple[float, object]
"""A score, and what `break_down` returned."""


class ServiceRunner:
    """Calls compute services, each within its timeout; so many blocking ones at a time."""

    def __init__(self, threads: int) -> None:
        self._blocking = BlockingCalls(threads)

    async def run(self, computation: Computation, seconds: float) -> Computed:
        """The score, within so many seconds; raises ApplicationError, final where no retry can mend it."""
        score_type = computation.score_type
        with failures_for_temporal(f"the compute service of {score_type} failed"):
            service = find_compute_service(score_type, computation.score_config)
            calls = _Calls(service, computation)
            if calls.mode is ComputeMode.BLOCKING:
                score, breakdown = await self._blocking.make(partial(_in_a_thread, calls), seconds)
            else:
                # the server's own timeout would not free this worker's slot
                async with asyncio.timeout(seconds):
                    score, breakdown = await self._in_the_loop(calls, seconds)
            return Computed(score, *formula_of(service), require_breakdown(breakdown, score_type))

    async def _in_the_loop(self, calls: _Calls, seconds: float) -> _Results:
        score = require_score(await calls.compute(), calls.score_type)
        if calls.break_down is None:
            return score, None
        if not calls.breaks_down_at_once:
            return score, await self._blocking.make(partial(_call, calls.break_down), seconds)
        breakdown = calls.break_down()
        return score, await breakdown if isinstance(breakdown, Awaitable) else breakdown


def _in_a_thread(calls: _Calls) -> _Results:
    score = require_score(_call(calls.compute), calls.score_type)
    return score, None if calls.break_down is None else _call(calls.break_down)


def _call(compute: Callable[[], object]) -> object:
    result = compute()
    return asyncio.run(_awaited(result)) if isinstance(result, Awaitable) else result


async def _awaited(result: Awaitable[object]) -> object:
    return await result
