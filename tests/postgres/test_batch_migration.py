"""The migration of the batch road keeps what there is: requests on their way, and those in a batch."""

from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from objects import a_stored_definition
from postgres_sessions import asked_for, claim_due, claim_records, records_in, requests_of, set_requests
from steadyscore.migrate import alembic_config, migrate
from store.database import SessionFactory

BEFORE = "0002"
KEPT = """
    SELECT queue_id, internal_record_id, score_type, change_request_id, contributing_attribute_values::text, sequence,
        signaled_sequence, computed_sequence, pending_since, signal_after, compute_status
    FROM g2p_score_compute_queue ORDER BY internal_record_id, score_type
"""


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with one score type."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
    return sessions


async def kept(engine: AsyncEngine) -> list[tuple[Any, ...]]:
    """What every version of the table has."""
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(KEPT))]


async def go_back(engine: AsyncEngine) -> None:
    """The schema as it was before the batch road."""

    def downgrade(connection: Connection) -> None:
        command.downgrade(alembic_config(connection), BEFORE)

    async with engine.begin() as connection:
        await connection.run_sync(downgrade)


async def test_down_and_up_again_keeps_every_request(
    defined: SessionFactory, engine: AsyncEngine, database_url: str
) -> None:
    for status in ("PENDING", "PROCESSING", "COMPLETED", "FAILED"):
        await asked_for(defined, status)
        await set_requests(defined, status, compute_status=status)
    before = await kept(engine)

    await go_back(engine)
    at_the_bottom = await kept(engine)
    await migrate(database_url)

    assert at_the_bottom == before
    assert await kept(engine) == before


async def test_what_was_in_a_batch_is_pending_after_going_back(defined: SessionFactory, engine: AsyncEngine) -> None:
    await asked_for(defined, "A")
    await claim_due(defined)

    await go_back(engine)

    assert [row[-1] for row in await kept(engine)] == ["PENDING"]


async def test_what_temporal_has_is_on_the_record_road_after_the_migration(
    defined: SessionFactory, engine: AsyncEngine, database_url: str
) -> None:
    for status in ("PENDING", "PROCESSING", "COMPLETED", "FAILED"):
        await asked_for(defined, status)
        await set_requests(defined, status, compute_status=status)

    await go_back(engine)
    await migrate(database_url)

    on_the_road = {
        record: (await requests_of(defined, record))["PMT_SCORE"].on_record_road
        for record in ("PENDING", "PROCESSING", "COMPLETED", "FAILED")
    }
    assert on_the_road == {"PENDING": False, "PROCESSING": True, "COMPLETED": False, "FAILED": False}


@pytest.mark.parametrize("road", ["record", "batch"])
async def test_what_was_pending_before_the_migration_goes_by_either_road_after_it(
    defined: SessionFactory, engine: AsyncEngine, database_url: str, road: str
) -> None:
    await asked_for(defined, "A")
    await go_back(engine)
    await migrate(database_url)

    if road == "record":
        claimed = [record.internal_record_id for record in await claim_records(defined)]
    else:
        claimed = [record for batch in await claim_due(defined) for record in await records_in(defined, batch)]

    assert claimed == ["A"]
