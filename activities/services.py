"""Running compute services: pure arithmetic at once, waiting ones side by side, blocking ones in threads."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from activities.failures import failures_for_temporal
from activities.threads import BlockingCalls
from scoring.compute import ComputeMode, call_service, find_compute_service, formula_of, mode_of, require_score
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
    """A finite score and the formula it came from."""

    score: float
    formula_name: str
    formula_version: str


class ServiceRunner:
    """Calls compute services, each within its timeout; so many blocking ones at a time."""

    def __init__(self, threads: int) -> None:
        self._blocking = BlockingCalls(threads)

    async def run(self, computation: Computation, seconds: float) -> Computed:
        """The score, within so many seconds; raises ApplicationError, final where no retry can mend it."""
        score_type = computation.score_type
        with failures_for_temporal(f"the compute service of {score_type} failed"):
            service = find_compute_service(score_type, computation.score_config)
            compute = partial(
                call_service,
                service,
                computation.internal_record_id,
                computation.contributing_attribute_values,
                computation.score_config,
            )
            if mode_of(service) is ComputeMode.BLOCKING:
                result = await self._blocking.make(partial(_call, compute), seconds)
            else:
                # the server's own timeout would not free this worker's slot
                async with asyncio.timeout(seconds):
                    result = await compute()
            return Computed(require_score(result, score_type), *formula_of(service))


def _call(compute: Callable[[], object]) -> object:
    result = compute()
    return asyncio.run(_awaited(result)) if isinstance(result, Awaitable) else result


async def _awaited(result: Awaitable[object]) -> object:
    return await result
