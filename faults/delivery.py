"""A network at its worst between relay and Temporal: everything arrives twice, late, and in another order."""

import asyncio
import contextlib
import random
from typing import Any

from temporalio import client
from temporalio.service import RPCError

LONGEST_SECONDS = 3.0


class TwiceLateAndReordered(client.Interceptor):
    """Sends each start and each signal twice, each time after a random while; the first to arrive is answered."""

    def __init__(self, seed: int) -> None:
        self._numbers = random.Random(seed)  # noqa: S311 - data for a test, not a secret
        self._late: set[asyncio.Task[Any]] = set()

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:  # noqa: A002
        """What the relay sends."""
        return _Sending(next, self._numbers, self._late)


class _Sending(client.OutboundInterceptor):
    def __init__(
        self, following: client.OutboundInterceptor, numbers: random.Random, late: set[asyncio.Task[Any]]
    ) -> None:
        super().__init__(following)
        self._numbers = numbers
        self._late = late

    async def start_workflow(self, input: client.StartWorkflowInput) -> Any:  # noqa: A002 - the SDK's name
        soon, late = sorted(self._numbers.uniform(0, LONGEST_SECONDS) for _ in range(2))
        again = asyncio.create_task(self._send_again(input, late))
        self._late.add(again)
        again.add_done_callback(self._late.discard)
        await asyncio.sleep(soon)
        return await super().start_workflow(input)

    async def _send_again(self, input: client.StartWorkflowInput, wait: float) -> None:  # noqa: A002
        await asyncio.sleep(wait)
        # nobody waits for the answer
        with contextlib.suppress(RPCError, RuntimeError):
            await super().start_workflow(input)
