"""A submission that another registry approved, as far as its scores: they name it, and no change request."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from fed_registers import SENDER, Fed
from objects import FARMER, an_id, wide_roads
from registry.tables import ReceivedKind, Register
from temporal_fakes.registered import Farmers

COMPLETED = {"FSF_SCORE": "COMPLETED", "PMT_SCORE": "COMPLETED"}
SUBMISSION: dict[str, Any] = {"kind": ReceivedKind.SUBMISSION, "change_id": "SUB-1", "items": [FARMER]}

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def fed(farmers: Farmers) -> Fed:
    """The same farmers, fed by hooks."""
    async with farmers.sessions.begin() as session:
        await session.execute(update(Register).values(hook_sender=SENDER.name))
    return Fed(farmers.sessions, farmers.register_id)


async def named_by_scores(farmers: Farmers, record: str) -> set[tuple[str, str]]:
    """The change request and the submission that each score of the record names, now and in its history."""
    rows: list[Any] = list((await farmers.scores(record)).values())
    for score_type in COMPLETED:
        rows += await farmers.history(record, score_type)
    return {(row.triggered_by_cr_id, row.triggered_by_submission_id) for row in rows}


@pytest.mark.parametrize("max_open_records", [pytest.param(100, id="record road"), pytest.param(0, id="batch road")])
async def test_scores_and_history_name_the_submission_and_afterwards_the_change_request(
    farmers: Farmers, fed: Fed, max_open_records: int
) -> None:
    # of its own: a run of another test may have a record A
    record = an_id()
    relay = farmers.relay(limits=wide_roads(max_open_records=max_open_records))
    running = asyncio.create_task(relay.run())
    await fed.receive(fed.change(1, internal_record_id=record, **SUBMISSION))
    await farmers.until_statuses(record, **COMPLETED)
    after_submission = await named_by_scores(farmers, record)

    await fed.receive(fed.change(2, 3500, internal_record_id=record))
    await farmers.until_statuses(record, **COMPLETED)
    relay.stop()
    await running

    assert after_submission == {("", "SUB-1")}
    assert await named_by_scores(farmers, record) == {("", "SUB-1"), ("CR-2", "")}
    latest = (await farmers.scores(record))["PMT_SCORE"]
    assert (latest.triggered_by_cr_id, latest.triggered_by_submission_id) == ("CR-2", "")
