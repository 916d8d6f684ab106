"""What a relay claims for the batch road: what is due, in bounds, never waiting for an approval, and what was lost."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from objects import a_stored_definition, an_approved_change, wide_roads
from postgres_sessions import (
    asked_for,
    claim_due,
    claim_for_batches,
    claim_records,
    records_in,
    requests_of,
    rows_in,
    set_requests,
)
from store.batches import Batch, give_back_batch, load_batch, put_off_start
from store.database import SessionFactory
from store.requests import request_scores
from store.roads import take_turn

BOTH = ["FSF_SCORE", "PMT_SCORE"]
FUTURE = text("now() + interval '1 hour'")
OPEN = "SELECT count(*) FROM g2p_score_compute_batches"


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """Three registers with both score types."""
    async with sessions.begin() as session:
        for register_id in ("farmers", "fishers", "herders"):
            for score_type in BOTH:
                await a_stored_definition(session, score_type, register_id)
    return sessions


async def approve(sessions: SessionFactory, number: int, register_id: str = "farmers") -> list[str]:
    """Approve a change of each of so many records; their ids in the order of approval."""
    records = [f"{register_id} {one:03}" for one in range(number)]
    for record in records:
        await asked_for(sessions, record, register_id=register_id)
    return records


async def open_batches(sessions: SessionFactory) -> int:
    """How many batches are open."""
    async with sessions() as session:
        return int(await session.scalar(text(OPEN)) or 0)


async def claim_until_full(sessions: SessionFactory, max_open_batches: int, batch_size: int = 1) -> list[Batch]:
    """Claim batches until there is no room any more."""
    limits = wide_roads(max_open_batches=max_open_batches, batch_size=batch_size)
    batches: list[Batch] = []
    while more := await claim_due(sessions, limits):
        batches += more
    return batches


async def test_a_batch_has_all_score_types_of_its_records_and_says_so(defined: SessionFactory) -> None:
    records = await approve(defined, 3)

    [batch] = await claim_due(defined)

    assert (batch.register_id, batch.score_types) == ("farmers", BOTH)
    assert await records_in(defined, batch, "PMT_SCORE") == records
    assert await records_in(defined, batch, "FSF_SCORE") == records
    for request in (await requests_of(defined, records[0])).values():
        assert (request.compute_status, request.batch_id) == ("PROCESSING", batch.batch_id)


async def test_a_row_of_a_batch_is_what_the_approval_asked_for(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")

    [batch] = await claim_due(defined)

    [row] = await rows_in(defined, batch)
    assert (row.internal_record_id, row.sequence) == ("A", request.sequence)
    assert row.contributing_attribute_values == request.contributing_attribute_values
    assert row.score_config == request.score_config


async def test_rows_are_read_record_by_record_in_parts(defined: SessionFactory) -> None:
    records = await approve(defined, 5)
    [batch] = await claim_due(defined)
    read: list[tuple[str, str]] = [("", "")]

    async with defined() as session:
        while rows := await load_batch(session, batch.batch_id, BOTH, read[-1], 3):
            assert len(rows) <= 3
            read += [(row.internal_record_id, row.score_type) for row in rows]

    assert read[1:] == [(record, score_type) for record in records for score_type in BOTH]


async def test_with_nothing_due_there_is_no_batch(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", due_at=FUTURE)

    assert await claim_due(defined) == []
    assert await open_batches(defined) == 0


async def test_what_is_not_due_is_left_out(defined: SessionFactory) -> None:
    for record in ("A", "B"):
        await asked_for(defined, record)
    await set_requests(defined, "A", due_at=FUTURE)

    [batch] = await claim_due(defined)

    assert await records_in(defined, batch) == ["B"]


async def test_of_a_record_only_the_due_score_types_are_in_the_batch(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    async with defined.begin() as session:
        await session.execute(
            text("UPDATE g2p_score_compute_queue SET due_at = now() + interval '1 hour' WHERE score_type = 'FSF_SCORE'")
        )

    [batch] = await claim_due(defined)

    assert batch.score_types == ["PMT_SCORE"]
    assert (await requests_of(defined, "A"))["FSF_SCORE"].compute_status == "PENDING"


@pytest.mark.parametrize(
    "state",
    [
        pytest.param({"compute_status": "PROCESSING"}, id="processing"),
        pytest.param({"compute_status": "COMPLETED"}, id="completed"),
        pytest.param({"compute_status": "FAILED"}, id="failed"),
        pytest.param({"signal_after": FUTURE}, id="put off"),
        pytest.param({"on_record_road": True}, id="on the record road"),
        pytest.param({"batch_failed": True}, id="failed in a batch"),
    ],
)
async def test_what_is_not_for_batches_is_left_out(defined: SessionFactory, state: dict[str, object]) -> None:
    for record in ("A", "B"):
        await asked_for(defined, record)
    await set_requests(defined, "A", **state)

    [batch] = await claim_due(defined)

    assert await records_in(defined, batch) == ["B"]


async def test_a_batch_has_no_more_records_than_it_may_the_longest_due_first(defined: SessionFactory) -> None:
    records = await approve(defined, 5)
    await set_requests(defined, records[3], due_at=text("now() - interval '1 hour'"))

    claims = await claim_until_full(defined, max_open_batches=100, batch_size=2)

    batches = [await records_in(defined, batch) for batch in claims]
    assert batches == [["farmers 000", "farmers 003"], ["farmers 001", "farmers 002"], ["farmers 004"]]
    assert all(batch.score_types == BOTH for batch in claims)


async def test_a_batch_has_rows_of_one_register_only(defined: SessionFactory) -> None:
    await approve(defined, 3, "farmers")
    await approve(defined, 2, "fishers")

    batches = {batch.register_id: batch for batch in await claim_due(defined)}

    assert batches.keys() == {"farmers", "fishers"}
    assert await records_in(defined, batches["farmers"]) == ["farmers 000", "farmers 001", "farmers 002"]
    assert await records_in(defined, batches["fishers"]) == ["fishers 000", "fishers 001"]


async def test_a_record_whose_id_another_register_uses_too_is_claimed_register_by_register(
    defined: SessionFactory,
) -> None:
    async with defined.begin() as session:
        await a_stored_definition(session, "PMT_SCORE", "villages")
        await a_stored_definition(session, "FSF_SCORE", "towns")
    await asked_for(defined, "A", register_id="villages")
    await asked_for(defined, "A", "FSF_SCORE", register_id="towns")

    batches = {batch.register_id: batch.score_types for batch in await claim_due(defined)}

    assert batches == {"villages": ["PMT_SCORE"], "towns": ["FSF_SCORE"]}


async def test_a_flood_of_one_register_leaves_half_of_the_batches_to_others(defined: SessionFactory) -> None:
    await approve(defined, 9, "farmers")
    of_the_flood = await claim_until_full(defined, max_open_batches=4)
    await approve(defined, 1, "fishers")

    meanwhile = await claim_due(defined, wide_roads(max_open_batches=4, batch_size=1))

    assert [batch.register_id for batch in of_the_flood] == ["farmers", "farmers"]
    assert [batch.register_id for batch in meanwhile] == ["fishers"]


async def test_floods_of_several_registers_stay_within_the_limit(defined: SessionFactory) -> None:
    for register_id in ("farmers", "fishers", "herders"):
        await approve(defined, 5, register_id)

    batches = await claim_until_full(defined, max_open_batches=4)

    assert {batch.register_id for batch in batches} == {"farmers", "fishers", "herders"}
    assert len(batches) <= 4
    assert await open_batches(defined) == len(batches)


async def test_what_cannot_go_by_batch_takes_no_place_from_another_register(defined: SessionFactory) -> None:
    await approve(defined, 1, "farmers")
    await set_requests(defined, "farmers 000", on_record_road=True, due_at=text("now() - interval '1 hour'"))
    await approve(defined, 1, "fishers")

    batches = await claim_due(defined, wide_roads(max_open_batches=1))

    assert [batch.register_id for batch in batches] == ["fishers"]


async def test_an_approval_under_way_is_not_waited_for_and_left_out(defined: SessionFactory) -> None:
    for record in ("A", "B"):
        await asked_for(defined, record)

    async with defined() as approving, asyncio.timeout(20):
        await request_scores(approving, an_approved_change(internal_record_id="A"))
        [batch] = await claim_due(defined)
        await approving.commit()

    assert await records_in(defined, batch) == ["B"]
    [later] = await claim_due(defined)
    assert await records_in(defined, later) == ["A"]


async def test_while_one_relay_claims_another_gets_nothing_and_does_not_wait(defined: SessionFactory) -> None:
    await approve(defined, 2)

    async with defined() as first, asyncio.timeout(20):
        assert await take_turn(first)
        claimed = await claim_for_batches(first, wide_roads(), timedelta(minutes=1))
        meanwhile = await claim_due(defined)
        await first.commit()

    assert (len(claimed), meanwhile) == (1, [])


async def test_relays_at_once_never_get_the_same_record(defined: SessionFactory) -> None:
    records = await approve(defined, 30)
    batches: list[Batch] = []
    limits = wide_roads(max_open_batches=1_000, batch_size=3)

    async def relay() -> None:
        while len(batches) < 10:
            batches.extend(await claim_due(defined, limits))

    async with asyncio.timeout(60):
        await asyncio.gather(*(relay() for _ in range(4)))

    claimed = [record for batch in batches for record in await records_in(defined, batch)]
    assert sorted(claimed) == records


async def test_what_a_batch_has_no_record_road_claims(defined: SessionFactory) -> None:
    await approve(defined, 2)
    await claim_due(defined)

    assert await claim_records(defined) == []


async def test_a_batch_whose_start_nobody_confirmed_is_claimed_again_after_its_lease(defined: SessionFactory) -> None:
    await approve(defined, 2)
    [lost] = await claim_due(defined, lease=timedelta(0))
    [again] = await claim_due(defined)

    assert again == lost
    assert await claim_due(defined) == []


async def test_a_batch_that_was_started_is_claimed_again_only_after_its_delay(defined: SessionFactory) -> None:
    await approve(defined, 2)
    [batch] = await claim_due(defined, lease=timedelta(0))

    async with defined.begin() as session:
        await put_off_start(session, [batch], timedelta(hours=1))
    meanwhile = await claim_due(defined)
    async with defined.begin() as session:
        await put_off_start(session, [batch], timedelta(0))

    assert meanwhile == []
    assert await claim_due(defined) == [batch]


async def test_a_batch_that_is_claimed_again_names_only_what_is_still_in_it(defined: SessionFactory) -> None:
    await approve(defined, 2)
    [batch] = await claim_due(defined, lease=timedelta(0))
    async with defined.begin() as session:
        await session.execute(text("UPDATE g2p_score_compute_queue SET due_at = now() + interval '1 hour'"))
        await give_back_batch(session, batch.batch_id, ["FSF_SCORE"])

    [again] = await claim_due(defined)

    assert (again.batch_id, again.score_types) == (batch.batch_id, ["PMT_SCORE"])


async def test_a_batch_that_has_no_rows_any_more_is_forgotten_and_leaves_its_place(defined: SessionFactory) -> None:
    await approve(defined, 1)
    [batch] = await claim_due(defined, wide_roads(max_open_batches=1))
    async with defined.begin() as session:
        await give_back_batch(session, batch.batch_id, None)

    [next_one] = await claim_due(defined, wide_roads(max_open_batches=1))

    assert next_one.batch_id != batch.batch_id
    assert await open_batches(defined) == 1


async def test_i1_a_newer_approval_takes_a_row_out_of_its_batch_and_is_due_by_itself(defined: SessionFactory) -> None:
    await approve(defined, 2)
    [batch] = await claim_due(defined)

    newer = await asked_for(defined, "farmers 000")

    assert await records_in(defined, batch) == ["farmers 001"]
    row = (await requests_of(defined, "farmers 000"))["PMT_SCORE"]
    assert (row.compute_status, row.batch_id, row.sequence) == ("PENDING", None, newer.sequence)
    [next_one] = await claim_due(defined)
    assert await records_in(defined, next_one) == ["farmers 000"]


async def test_a_newer_approval_takes_away_that_a_row_failed_in_a_batch(defined: SessionFactory) -> None:
    await approve(defined, 1)
    await set_requests(defined, "farmers 000", batch_failed=True)

    await asked_for(defined, "farmers 000")

    [batch] = await claim_due(defined)
    assert await records_in(defined, batch) == ["farmers 000"]


async def test_a_small_batch_waits_for_the_one_before_and_a_full_one_does_not(defined: SessionFactory) -> None:
    patient = wide_roads(batch_size=4, batch_gap=3600)
    await asked_for(defined, "A")
    [first] = await claim_due(defined, patient)

    await asked_for(defined, "B")
    too_early = await claim_due(defined, patient)
    await asked_for(defined, "C")
    [full] = await claim_due(defined, patient)
    await asked_for(defined, "D")
    await set_requests(defined, "A", compute_status="COMPLETED", batch_id=None)
    still_too_early = await claim_due(defined, patient)
    for record in ("B", "C"):
        await set_requests(defined, record, compute_status="COMPLETED", batch_id=None)
    [afterwards] = await claim_due(defined, patient)

    assert [await records_in(defined, batch) for batch in (first, full, afterwards)] == [[], [], ["D"]]
    assert (too_early, still_too_early) == ([], [])
