"""The load: what a plan holds, driven over HTTP, and what became of each change as its asker knows it."""

import asyncio
import contextlib
import secrets
import time
from collections import defaultdict
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

from faults.load_builders import BuilderLoad
from faults.load_client import ANSWER_SECONDS, ChangeRequestClient, NeverAnswered, Refused
from faults.load_definitions import ATTRIBUTES, BUSY, REGISTERS, PlannedDefinition
from faults.load_plan import (
    DEFAULT_SIZE,
    LoadPlan,
    LoadSize,
    Payload,
    PlannedChange,
    PlannedRecord,
    make_plan,
    start_times,
)


@dataclass(frozen=True)
class Acknowledged:
    """An approval that somebody was told of; `acknowledged_at` is by the monotonic clock."""

    register_id: str
    internal_record_id: str
    change_request_id: str
    payload: Payload
    acknowledged_at: float


@dataclass(frozen=True)
class LoadOptions:
    """How much, how fast (approvals a second, or as fast as it goes), how many at a time, how patient in seconds."""

    seed: int = 1
    size: LoadSize = DEFAULT_SIZE
    rate: float | None = None
    burst: int = 50
    concurrency: int = 16
    patience: float = 120.0
    more_definitions: Sequence[PlannedDefinition] = ()

    def plan(self) -> LoadPlan:
        """The plan of these options."""
        return make_plan(self.seed, self.size, self.more_definitions)


@dataclass(frozen=True)
class _Asked:
    change_request_id: str
    register_id: str
    payload: Payload
    internal_record_id: str | None = None
    once: bool = False

    def body(self) -> dict[str, Any]:
        body = {
            "change_request_id": self.change_request_id,
            "register_id": self.register_id,
            "change_payload": self.payload,
        }
        return body if self.internal_record_id is None else body | {"internal_record_id": self.internal_record_id}


@dataclass
class Load:
    """Drives a plan against APIs; an `async with`, in which `prepare` comes first and `run` once.

    Changes of a hot record overtake each other, those of any other record come one after the other.
    """

    urls: Sequence[str]
    options: LoadOptions = field(default_factory=LoadOptions)
    transport: httpx.AsyncBaseTransport | None = None
    token: str | None = field(default=None, repr=False)
    builder_tokens: Sequence[str] = field(default=(), repr=False)
    """One for each builder."""
    acknowledged: list[Acknowledged] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Change requests of which nobody told how their approval ended."""
    refused: list[str] = field(default_factory=list)
    """The answers that refused something."""
    register_ids: dict[str, str] = field(default_factory=dict)
    record_ids: dict[tuple[str, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plan = self.options.plan()
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        self._http = httpx.AsyncClient(timeout=ANSWER_SECONDS, transport=self.transport, headers=headers)
        self._client = ChangeRequestClient(self._http, self.urls, self.options.patience)
        self.builders = BuilderLoad(
            self._client, self.builder_tokens, self.options.seed, unknown=self.unknown, refused=self.refused
        )
        self._ids = (f"CR-{run}-{number:06}" for run in [secrets.token_hex(4)] for number in range(1, 10**6))
        self._turns: dict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._stopping = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    @property
    def failed_attempts(self) -> Mapping[int | None, int]:
        """How often each 5xx came instead of an answer; None for none at all."""
        return self._client.failed_attempts

    def stop(self) -> None:
        """Begin no further change; `run` returns once those under way have ended."""
        self._stopping.set()

    async def prepare(self) -> None:
        """Create registers, definitions, and the records, each through an approved change request.

        Faults are for later: a definition whose creation is not answered makes it fail.
        """
        for name in REGISTERS:
            body = {"register_mnemonic": name, "register_purpose": "REGISTER", "attributes": ATTRIBUTES}
            self.register_ids[name] = str((await self._client.post("/registers", body))["register_id"])
        for definition in self.plan.definitions:
            await self._client.post("/register-metadata/create_score_definition", self._definition(definition))
        await asyncio.gather(
            self._side_by_side(self._create(record) for record in self.plan.records), self.builders.prepare()
        )

    def _definition(self, definition: PlannedDefinition) -> dict[str, Any]:
        return {
            "register_id": self.register_ids[definition.register],
            "score_type": definition.score_type,
            "contributing_attributes": list(definition.contributing_attributes),
            "score_config": dict(definition.score_config),
            "debounce": dict(definition.debounce),
        }

    async def _create(self, record: PlannedRecord) -> None:
        asked = _Asked(next(self._ids), self.register_ids[record.register], record.payload)
        record_id = await self._change(asked)
        if record_id is not None:
            self.record_ids[record.register, record.number] = record_id

    async def run(self) -> None:
        """Make the plan's changes in their order and at their times; afterwards it is told what became of each."""
        began = time.monotonic()
        times = start_times(len(self.plan.changes), self.options.rate, self.options.burst)
        changes = (
            self._make(change, began + start)
            for change, start in zip(self.plan.changes, times, strict=True)
            if (change.register, change.record) in self.record_ids
        )
        acting = asyncio.create_task(self.builders.run(self._stopping))
        try:
            await self._side_by_side(changes)
        finally:
            self.stop()
            await acting

    async def start_recompute(self, *score_types: str, register: str = BUSY, rate: float | None = None) -> list[str]:
        """Ask for a register's scores to be computed again; the recomputations' ids, one for each score type."""
        body = {"register_id": self.register_ids[register], "score_types": list(score_types) or None, "rate": rate}
        answer = await self._client.post("/register-metadata/recompute_scores", body)
        return [str(one["recomputation_id"]) for one in answer["recomputations"]]

    async def _side_by_side(self, tasks: Iterator[Coroutine[Any, Any, None]]) -> None:
        async def work() -> None:
            for task in tasks:
                await task

        async with asyncio.TaskGroup() as group:
            for _ in range(self.options.concurrency):
                group.create_task(work())

    async def _make(self, change: PlannedChange, starts_at: float) -> None:
        place = (change.register, change.record)
        if await self._stopped_before(starts_at):
            return
        asked = _Asked(
            next(self._ids),
            self.register_ids[change.register],
            change.payload,
            self.record_ids[place],
            once=change.abandoned,
        )
        if change.is_hot:
            await self._change(asked)
            return
        async with self._turns[place]:
            await self._change(asked)

    async def _stopped_before(self, starts_at: float) -> bool:
        wait = starts_at - time.monotonic()
        if wait > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)
        return self._stopping.is_set()

    async def _change(self, asked: _Asked) -> str | None:
        """The record's id, once its approval is known to have happened."""
        try:
            await self._client.create(asked.body())
            record_id = await self._client.approve(asked.change_request_id, once=asked.once)
        except NeverAnswered:
            self.unknown.append(asked.change_request_id)
            return None
        except Refused as refusal:
            self.refused.append(f"{asked.change_request_id}: {refusal}")
            return None
        known = (asked.register_id, record_id, asked.change_request_id, asked.payload)
        self.acknowledged.append(Acknowledged(*known, time.monotonic()))
        return record_id
