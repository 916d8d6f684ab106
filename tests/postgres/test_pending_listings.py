"""What is asked for and not computed yet is listed by the time it is due, wherever it stands on the roads."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert

from listed_scores import a_score_request, at
from store.database import Session
from store.listings import list_failed_requests
from store.pages import ListPage, Part
from store.pending_listings import list_pending_requests
from store.runs import workflow_of
from store.tables import ComputeStatus, G2PScoreComputeBatch

PENDING, PROCESSING = ComputeStatus.PENDING, ComputeStatus.PROCESSING
OLDEST_FIRST = Part(descending=False)


async def a_batch(session: Session, batch_id: str, register_id: str = "farmers") -> None:
    """An open batch."""
    row = {"batch_id": batch_id, "register_id": register_id, "start_after": at(0)}
    await session.execute(insert(G2PScoreComputeBatch).values(row))


async def read_all(session: Session, part: Part, score_type: str | None = None) -> list[ListPage]:
    """Every page from this part on."""
    read = [await list_pending_requests(session, "farmers", score_type, part)]
    while read[-1].next is not None:
        part = replace(part, after=read[-1].next)
        read.append(await list_pending_requests(session, "farmers", score_type, part))
    return read


WAITS: dict[str, Any] = {}
FAILED_IN_BATCH: dict[str, Any] = {"batch_failed": True}
IS_CLAIMED: dict[str, Any] = {"on_record_road": True}
HAS_RUN = (PROCESSING, {"on_record_road": True})
IN_BATCH = (PROCESSING, {"batch_id": "batch-1"})
IS_STRAY = (PROCESSING, WAITS)
ON_THE_ROADS = [(PENDING, WAITS), (PENDING, FAILED_IN_BATCH), (PENDING, IS_CLAIMED), HAS_RUN, IN_BATCH, IS_STRAY]


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 50])
async def test_each_request_is_on_one_page_in_the_order_in_which_they_are_due(session: Session, limit: int) -> None:
    await a_batch(session, "batch-1")
    for number, (status, columns) in enumerate(ON_THE_ROADS * 3):
        # ties across the roads
        await a_score_request(session, "farmers", status, due_at=at(number * 7 % 4), sequence=number, **columns)

    read = await read_all(session, Part(limit, descending=False))

    rows = [row for page in read for row in page.rows]
    assert [row.due_at for row in rows] == sorted(at(number * 7 % 4) for number in range(18))
    assert [(row.due_at, row.queue_id) for row in rows] == sorted((row.due_at, row.queue_id) for row in rows)
    assert {row.sequence for row in rows} == set(range(18))
    assert len(rows) == 18


@pytest.mark.parametrize("status", [ComputeStatus.COMPLETED, ComputeStatus.FAILED])
async def test_what_is_settled_is_not_listed(session: Session, status: ComputeStatus) -> None:
    await a_score_request(session, "farmers", status)

    assert (await list_pending_requests(session, "farmers", None, OLDEST_FIRST)).rows == []


async def test_what_is_pending_elsewhere_is_not_listed(session: Session) -> None:
    await a_batch(session, "batch-1", "herders")
    for status, columns in ON_THE_ROADS:
        await a_score_request(session, "herders", status, **columns)

    assert (await list_pending_requests(session, "farmers", None, OLDEST_FIRST)).rows == []


async def test_a_score_type_is_chosen_and_a_page_is_short_where_few_are_of_it(session: Session) -> None:
    for number in range(12):
        score_type = "FSF_SCORE" if number in {2, 11} else "PMT_SCORE"
        await a_score_request(session, "farmers", PENDING, score_type=score_type, due_at=at(number), sequence=number)

    read = await read_all(session, Part(3, descending=False, looks_at=5), "FSF_SCORE")

    assert [[row.sequence for row in page.rows] for page in read] == [[2], [], [11]]


@pytest.mark.parametrize(
    ("status", "columns", "run"),
    [
        pytest.param(PENDING, WAITS, None, id="what waits"),
        pytest.param(PENDING, IS_CLAIMED, "score-record:farmers:a record", id="what waits for a run that is open"),
        pytest.param(*HAS_RUN, "score-record:farmers:a record", id="what a record's run has"),
        pytest.param(*IN_BATCH, "score-batch:farmers:batch-1", id="what a batch has"),
        pytest.param(*IS_STRAY, None, id="what nobody has"),
    ],
)
async def test_a_request_tells_which_run_has_it(
    session: Session, status: ComputeStatus, columns: dict[str, Any], run: str | None
) -> None:
    await a_batch(session, "batch-1")
    await a_score_request(session, "farmers", status, internal_record_id="a record", **columns)

    [row] = (await list_pending_requests(session, "farmers", None, OLDEST_FIRST)).rows

    assert workflow_of(row) == run


@pytest.mark.parametrize(
    ("columns", "run"),
    [
        pytest.param({"signaled_sequence": 7}, "score-record:farmers:a record", id="what its run has failed"),
        pytest.param({"signaled_sequence": 0}, None, id="what no run was told of"),
        pytest.param({"signaled_sequence": 6}, None, id="what a batch has failed since"),
    ],
)
async def test_a_failed_request_names_only_a_run_that_was(
    session: Session, columns: dict[str, Any], run: str | None
) -> None:
    record = {"internal_record_id": "a record", "sequence": 7}
    await a_score_request(session, "farmers", ComputeStatus.FAILED, **record, **columns)

    [row] = (await list_failed_requests(session, "farmers", None, OLDEST_FIRST)).rows

    assert workflow_of(row) == run
