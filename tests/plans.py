"""The plans of statements as the code sends them: caught on their way, and explained while they run."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.database import Session, SessionFactory

Read = Callable[[Session], Awaitable[Any]]

PLAN_MODES = ("force_custom_plan", "force_generic_plan")
"""From the sixth execution on, PostgreSQL may take a plan that is the same for all parameters."""


@dataclass(frozen=True)
class Sent:
    """A statement with its parameters, as PostgreSQL gets it."""

    statement: str
    parameters: tuple[object, ...]


@dataclass(frozen=True)
class Node:
    """A step of a plan that was carried out; `rows` are those that it looked at, whether they passed or not."""

    kind: str
    table: str | None
    rows: float


@contextmanager
def caught(engine: AsyncEngine) -> Iterator[list[Sent]]:
    """What is sent for the length of the block."""
    sent: list[Sent] = []

    def catch(_: object, __: object, statement: str, parameters: tuple[object, ...], *___: object) -> None:
        sent.append(Sent(statement, tuple(parameters)))

    event.listen(engine.sync_engine, "before_cursor_execute", catch)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", catch)


async def statements_of(engine: AsyncEngine, sessions: SessionFactory, read: Read) -> list[Sent]:
    """What the read sends to the database."""
    async with sessions() as session:
        with caught(engine) as sent:
            await read(session)
    return sent


async def plan_of(session: Session, sent: Sent, mode: str) -> list[Node]:
    """Carry the statement out, planned in this mode; the steps that it took."""
    await session.execute(text(f"SET LOCAL plan_cache_mode = {mode}"))
    connection = await (await session.connection()).get_raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    await driver.execute(f"PREPARE explained AS {sent.statement}")
    arguments = ", ".join(map(_literal, sent.parameters))
    execute = f"EXECUTE explained ({arguments})" if arguments else "EXECUTE explained"
    [plan] = await driver.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {execute}")
    await driver.execute("DEALLOCATE explained")
    return list(_nodes(plan["Plan"]))


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        value = "{" + ",".join(f'"{one}"' for one in value) + "}"
    if isinstance(value, datetime):
        value = value.isoformat()
    quoted = str(value).replace("'", "''")
    return f"'{quoted}'"


def _nodes(plan: dict[str, Any]) -> Iterator[Node]:
    looked_at = (
        plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    )
    yield Node(plan["Node Type"], plan.get("Relation Name"), looked_at * plan["Actual Loops"])
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
