"""`python -m bench.api_load`: the load of `bench.api`, in a process of its own; told and telling in JSON.

Readers ask as fast as they are answered, on a connection each. Approvals come by the clock, whether or not those before
have been answered; their latency counts from the moment they were due.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from bench.api_connection import Answer, Connection, Request

OK = 200
APPROVING_CONNECTIONS = 40


@dataclass(frozen=True)
class Phase:
    """What is to be done for some seconds; `warm_up` comes before and is not measured."""

    port: int
    token: str
    readers: int
    seconds: float
    reads: str
    """`scores` of random records, or `live`: the API without any work."""
    records: list[str] = field(default_factory=list)
    scores_a_record: int = 2
    change_requests: list[str] = field(default_factory=list)
    """To approve, evenly over the seconds."""
    warm_up: float = 2.0
    seed: int = 1


@dataclass
class Outcome:
    """Seconds that answers took, and what was wrong with others."""

    reads: list[float] = field(default_factory=list)
    approvals: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def requests_of(phase: Phase, seed: int) -> Iterator[Request]:
    """What a reader asks for, one after the other."""
    if phase.reads == "live":
        return itertools.repeat(Request("GET", "/health/live", phase.token))
    numbers = random.Random(seed)  # noqa: S311 - a load, not a secret
    bodies = ({"internal_record_id": numbers.choice(phase.records)} for _ in itertools.count())
    return (Request("POST", "/register-data/get_scores", phase.token, body) for body in bodies)


def fault_of(answer: Answer, is_right: Callable[[bytes], bool]) -> str | None:
    """What is wrong with an answer."""
    if answer.status != OK:
        return f"status {answer.status or 'none'}"
    return None if is_right(answer.body) else "an answer that is not the expected one"


async def read(phase: Phase, number: int, begins_at: float, outcome: Outcome) -> None:
    """One reader."""
    connection = Connection(phase.port)
    expected = phase.scores_a_record if phase.reads == "scores" else 0
    ends_at = begins_at + phase.seconds
    for request in requests_of(phase, phase.seed * 1_000 + number):
        asked_at = time.perf_counter()
        if asked_at >= ends_at:
            break
        answer = await connection.ask(request)
        fault = fault_of(answer, lambda body: body.count(b'"computed_score":') == expected)
        if fault is not None:
            outcome.errors.append(f"{phase.reads}: {fault}")
        elif asked_at >= begins_at:
            outcome.reads.append(time.perf_counter() - asked_at)
    connection.close()


async def approve(phase: Phase, begins_at: float, outcome: Outcome) -> None:
    """All approvals, each when it is due."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(APPROVING_CONNECTIONS):
        free.put_nowait(Connection(phase.port))
    async with asyncio.TaskGroup() as under_way:
        for position, change_request_id in enumerate(phase.change_requests):
            due_at = begins_at + position * phase.seconds / len(phase.change_requests)
            await asyncio.sleep(max(0.0, due_at - time.perf_counter()))
            under_way.create_task(approve_one(phase, free, change_request_id, (due_at, outcome)))
    while not free.empty():
        free.get_nowait().close()


async def approve_one(
    phase: Phase, free: "asyncio.Queue[Connection]", change_request_id: str, due: tuple[float, Outcome]
) -> None:
    """One approval, on a connection that is free."""
    due_at, outcome = due
    connection = await free.get()
    answer = await connection.ask(Request("POST", f"/change-requests/{change_request_id}/approve", phase.token))
    free.put_nowait(connection)
    fault = fault_of(answer, lambda body: b'"APPROVED"' in body)
    if fault is None:
        outcome.approvals.append(time.perf_counter() - due_at)
    else:
        outcome.errors.append(f"approve: {fault}")


async def carry_out(phase: Phase) -> Outcome:
    """The phase, from its warm-up to its last answer."""
    outcome = Outcome()
    begins_at = time.perf_counter() + phase.warm_up
    readers = (read(phase, number, begins_at, outcome) for number in range(phase.readers))
    await asyncio.gather(approve(phase, begins_at, outcome), *readers)
    return outcome


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(carry_out(Phase(**json.load(sys.stdin))))), sys.stdout)
