"""Room on the record road: how many records may be on it, and that a flood of one register leaves room to others."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from objects import a_computed_score, a_failed_score, a_stored_definition, wide_roads
from postgres_sessions import asked_for, claim_records, set_requests
from scoring.messages import ScoreOutcomes
from store.database import SessionFactory
from store.outbox import RecordRequests, give_back, give_up, mark_signaled
from store.scores import save_outcomes

NOW = timedelta(0)
BOTH = ["FSF_SCORE", "PMT_SCORE"]
ON_THE_ROAD = "SELECT count(DISTINCT internal_record_id) FROM g2p_score_compute_queue WHERE on_record_road"


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """Three registers with both score types."""
    async with sessions.begin() as session:
        for register_id in ("farmers", "fishers", "herders"):
            for score_type in BOTH:
                await a_stored_definition(session, score_type, register_id)
    return sessions


async def approve(sessions: SessionFactory, register_id: str, *records: str) -> None:
    """Approve a change of each record."""
    for record in records:
        await asked_for(sessions, record, register_id=register_id)


def many(register_id: str, number: int) -> list[str]:
    """Ids of records of the register."""
    return [f"{register_id} {one:03}" for one in range(number)]


async def claim(sessions: SessionFactory, max_open_records: int) -> list[RecordRequests]:
    """Claim what there is room for, and say that Temporal has it."""
    claimed = await claim_records(sessions, wide_roads(max_open_records=max_open_records))
    async with sessions.begin() as session:
        await mark_signaled(session, claimed, NOW)
    return claimed


async def claim_all(sessions: SessionFactory, max_open_records: int) -> list[str]:
    """Claim until there is no room any more; the records."""
    claimed: list[str] = []
    while more := await claim(sessions, max_open_records):
        claimed += [record.internal_record_id for record in more]
    return claimed


async def records_on_the_road(sessions: SessionFactory) -> int:
    """How many records are on the record road."""
    async with sessions() as session:
        return int(await session.scalar(text(ON_THE_ROAD)) or 0)


async def test_what_fits_is_claimed_whole_and_is_on_the_road(defined: SessionFactory) -> None:
    await approve(defined, "farmers", *many("farmers", 4))

    claimed = await claim(defined, max_open_records=8)

    assert [record.internal_record_id for record in claimed] == many("farmers", 4)
    assert all([request.score_type for request in record.requests] == BOTH for record in claimed)
    assert await records_on_the_road(defined) == 4


async def test_a_road_without_room_takes_nothing(defined: SessionFactory) -> None:
    await approve(defined, "farmers", *many("farmers", 3))
    await approve(defined, "fishers", *many("fishers", 3))

    assert await claim_all(defined, max_open_records=0) == []
    assert await records_on_the_road(defined) == 0


async def test_with_records_on_the_road_and_nothing_pending_nothing_is_claimed(defined: SessionFactory) -> None:
    await approve(defined, "farmers", "A")
    await claim(defined, max_open_records=8)

    assert await claim(defined, max_open_records=8) == []


@pytest.mark.parametrize("flood", [5, 8, 40])
async def test_a_flood_of_one_register_never_takes_more_than_half(defined: SessionFactory, flood: int) -> None:
    await approve(defined, "farmers", *many("farmers", flood))

    assert len(await claim_all(defined, max_open_records=8)) <= 4


async def test_approvals_that_come_one_by_one_leave_half_of_the_road_to_other_registers(
    defined: SessionFactory,
) -> None:
    for record in many("farmers", 20):
        await approve(defined, "farmers", record)
        await claim(defined, max_open_records=8)

    assert await records_on_the_road(defined) == 4


@pytest.mark.parametrize("flood", [4, 40])
async def test_within_a_flood_of_one_register_an_approval_of_another_finds_room_at_once(
    defined: SessionFactory, flood: int
) -> None:
    await approve(defined, "farmers", *many("farmers", flood))
    await claim_all(defined, max_open_records=8)
    await approve(defined, "fishers", "a fisher")

    claimed = await claim(defined, max_open_records=8)

    assert "a fisher" in [record.internal_record_id for record in claimed]


async def test_an_approval_that_comes_with_a_flood_of_another_register_finds_room_at_once(
    defined: SessionFactory,
) -> None:
    await approve(defined, "farmers", *many("farmers", 40))
    await approve(defined, "fishers", "a fisher")

    claimed = await claim(defined, max_open_records=8)

    assert "a fisher" in [record.internal_record_id for record in claimed]


async def test_floods_of_several_registers_do_not_overshoot_by_more_than_one_each(defined: SessionFactory) -> None:
    for number in range(12):
        for register_id in ("farmers", "fishers", "herders"):
            await approve(defined, register_id, f"{register_id} {number:03}")
        await claim(defined, max_open_records=8)

    assert 3 <= await records_on_the_road(defined) <= 8 + 2


async def test_a_record_on_the_road_stays_on_it_beyond_the_limit(defined: SessionFactory) -> None:
    await approve(defined, "farmers", *many("farmers", 4))
    await claim_all(defined, max_open_records=8)
    first = many("farmers", 4)[0]
    await approve(defined, "farmers", first, *many("newcomers", 40))

    claimed = await claim(defined, max_open_records=1)

    assert [record.internal_record_id for record in claimed] == [first]


async def test_a_record_on_the_road_with_one_score_type_brings_its_other_one_along(defined: SessionFactory) -> None:
    await approve(defined, "farmers", "A")
    [claimed] = await claim(defined, max_open_records=8)
    async with defined.begin() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", "A", [a_computed_score(claimed.requests[0])]))
    await approve(defined, "farmers", "A")

    [again] = await claim(defined, max_open_records=1)

    assert [request.score_type for request in again.requests] == BOTH


@pytest.mark.parametrize("end", ["computed", "failed", "given up", "given back"])
async def test_what_has_ended_leaves_the_road(defined: SessionFactory, end: str) -> None:
    await approve(defined, "farmers", "A")
    [claimed] = await claim(defined, max_open_records=8)

    async with defined.begin() as session:
        if end == "computed":
            computed = [a_computed_score(request) for request in claimed.requests]
            await save_outcomes(session, ScoreOutcomes("farmers", "A", computed))
        elif end == "failed":
            failed = [a_failed_score(request) for request in claimed.requests]
            await save_outcomes(session, ScoreOutcomes("farmers", "A", failed=failed))
        elif end == "given up":
            await give_up(session, [claimed], "SignalRefused", "too large")
        else:
            await give_back(session, [claimed], NOW)

    assert await records_on_the_road(defined) == 0


async def test_an_older_result_does_not_take_a_newer_request_off_the_road(defined: SessionFactory) -> None:
    await approve(defined, "farmers", "A")
    [claimed] = await claim(defined, max_open_records=8)
    await approve(defined, "farmers", "A")

    async with defined.begin() as session:
        computed = [a_computed_score(request) for request in claimed.requests]
        await save_outcomes(session, ScoreOutcomes("farmers", "A", computed))

    assert await records_on_the_road(defined) == 1


async def test_a_recomputation_is_left_to_batches_unless_its_record_is_on_the_road(defined: SessionFactory) -> None:
    await approve(defined, "farmers", "A", "B")
    await set_requests(defined, "A", reason="RECOMPUTE")

    first = await claim(defined, max_open_records=8)
    await approve(defined, "farmers", "B")
    await set_requests(defined, "B", reason="RECOMPUTE")
    second = await claim(defined, max_open_records=8)

    assert [record.internal_record_id for record in first] == ["B"]
    assert [record.internal_record_id for record in second] == ["B"]


async def test_what_waited_says_for_how_long(defined: SessionFactory) -> None:
    await approve(defined, "farmers", "A")
    await set_requests(
        defined,
        "A",
        pending_since=text("now() - interval '90 seconds'"),
        compute_latest_timestamp=text("now() - interval '30 seconds'"),
    )

    [claimed] = await claim(defined, max_open_records=8)

    assert all(90 <= request.pending_for < 120 and 30 <= request.quiet_for < 60 for request in claimed.requests)


async def test_a_clock_that_went_back_makes_no_negative_waits(defined: SessionFactory) -> None:
    await approve(defined, "farmers", "A")
    future = text("now() + interval '1 hour'")
    await set_requests(defined, "A", pending_since=future, compute_latest_timestamp=future)

    [claimed] = await claim(defined, max_open_records=8)

    assert {(request.pending_for, request.quiet_for) for request in claimed.requests} == {(0.0, 0.0)}
