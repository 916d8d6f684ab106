"""Fake activities under the registered names of the real ones. They remember what they were given, and how often."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from temporalio import activity
from temporalio.exceptions import ApplicationError

from scoring.messages import (
    ComputedScore,
    FailedScore,
    ScoreOutcomes,
    ScoreRequest,
    ScoresGivenBack,
    ScoreToCompute,
)

Service: TypeAlias = Callable[[ScoreRequest], Awaitable[float]]

PATIENCE_SECONDS = 45
"""A bound for machines under load; what is waited for is there much sooner."""


async def the_sequence(request: ScoreRequest) -> float:
    """Serve a score that tells which request it came from."""
    return float(request.sequence)


def failing(error: Exception | None = None) -> Service:
    """A service that always fails; for a while, as far as Temporal knows, unless the error says otherwise."""

    async def fail(request: ScoreRequest) -> float:
        raise error or ApplicationError(f"no answer for {request.score_type}", type="ServiceAway")

    return fail


def failing_for(sequence: int) -> Service:
    """A service that fails for one request and serves every other."""

    async def serve(request: ScoreRequest) -> float:
        if request.sequence == sequence:
            raise ApplicationError("not this one", type="ServiceAway")
        return float(request.sequence)

    return serve


def failing_times(times: int) -> Service:
    """A service that serves after some failures."""
    failures = iter(range(times))

    async def serve(request: ScoreRequest) -> float:
        if next(failures, None) is not None:
            raise ApplicationError("not yet", type="ServiceAway")
        return float(request.sequence)

    return serve


def held_by(gate: asyncio.Event) -> Service:
    """A service that waits for the gate to open."""

    async def serve(request: ScoreRequest) -> float:
        await gate.wait()
        return float(request.sequence)

    return serve


def an_open_gate() -> asyncio.Event:
    """A gate that holds nobody up until it is closed with `clear()`."""
    gate = asyncio.Event()
    gate.set()
    return gate


class FakeActivities:
    """The three activities of a record's run; what they do about a score type can be set by `serve`."""

    def __init__(self) -> None:
        self.tried: list[ScoreRequest] = []
        self.persisted: list[ScoreOutcomes] = []
        self.given_back: list[ScoresGivenBack] = []
        self.most_at_once = 0
        self.may_persist = an_open_gate()
        self.may_give_back = an_open_gate()
        self.persisting = 0
        self.giving_back = 0
        self._at_once = 0
        self._services: dict[str, Service] = {}
        self._changed = asyncio.Condition()

    def serve(self, score_type: str, service: Service) -> None:
        """Compute this score type so."""
        self._services[score_type] = service

    @property
    def registered(self) -> list[Callable[..., Any]]:
        """For a worker."""
        return [self.compute_score, self.persist_scores, self.give_back_requests]

    @property
    def computed(self) -> list[ComputedScore]:
        """Every score that was persisted, in order."""
        return [score for outcomes in self.persisted for score in outcomes.computed]

    @property
    def failed(self) -> list[FailedScore]:
        """Every failure that was persisted, in order."""
        return [failure for outcomes in self.persisted for failure in outcomes.failed]

    def sequences(self, score_type: str = "PMT_SCORE") -> list[int]:
        """The sequences whose scores were persisted, in order."""
        return [score.request.sequence for score in self.computed if score.request.score_type == score_type]

    def tries(self, score_type: str = "PMT_SCORE") -> list[int]:
        """The sequences that were tried, in order, once for each attempt."""
        return [request.sequence for request in self.tried if request.score_type == score_type]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until this holds."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(holds)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    @activity.defn(name="compute_score")
    async def compute_score(self, task: ScoreToCompute) -> ComputedScore:
        """Serve as set, else the sequence."""
        self.tried.append(task.request)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await self._tell()
        try:
            score = await self._services.get(task.request.score_type, the_sequence)(task.request)
        finally:
            self._at_once -= 1
        return ComputedScore(task.request, score, "a formula", "1")

    @activity.defn(name="persist_scores")
    async def persist_scores(self, outcomes: ScoreOutcomes) -> None:
        """Remember, when it may."""
        self.persisting += 1
        await self._tell()
        await self.may_persist.wait()
        self.persisted.append(outcomes)
        await self._tell()

    @activity.defn(name="give_back_requests")
    async def give_back_requests(self, given_back: ScoresGivenBack) -> None:
        """Remember, when it may."""
        self.giving_back += 1
        await self._tell()
        await self.may_give_back.wait()
        self.given_back.append(given_back)
        await self._tell()
