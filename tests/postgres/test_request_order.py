"""Racing approvals of one record, in real sessions: the sequence rises in the order in which they commit."""

import asyncio
from typing import Any

import pytest

from objects import AN_ACTOR, FARMER, a_farmer_register, a_stored_definition, an_approval, an_approved_change, an_id
from postgres_sessions import backend_pid, requests_of, until_waiting
from registry.change_requests import NewChangeRequest, approve_change_request, create_change_request
from registry.registers import get_record
from store.database import SessionFactory
from store.outbox import list_requests
from store.requests import ApprovedChange, request_scores

BOTH = ["FSF_SCORE", "PMT_SCORE"]


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with both score types."""
    async with sessions.begin() as session:
        for score_type in BOTH:
            await a_stored_definition(session, score_type)
    return sessions


def a_change_to(income: int, internal_record_id: str) -> ApprovedChange:
    """A change request named after the income that it sets."""
    return an_approved_change(
        internal_record_id=internal_record_id,
        change_request_id=f"CR-{income}",
        record_attributes=FARMER | {"income": income},
    )


async def test_the_later_commit_has_the_higher_sequence_and_its_snapshot_stays(defined: SessionFactory) -> None:
    record = an_id()
    async with defined.begin() as session:
        await request_scores(session, a_change_to(1, record))
    before = await requests_of(defined, record)

    async with defined() as first, defined() as second:
        waiting = await backend_pid(second)
        await request_scores(first, a_change_to(2, record))
        racing = asyncio.create_task(request_scores(second, a_change_to(3, record)))
        await until_waiting(defined, waiting)
        await first.commit()
        between = await requests_of(defined, record)
        await racing
        await second.commit()

    after = await requests_of(defined, record)
    for score_type in BOTH:
        assert before[score_type].sequence < between[score_type].sequence < after[score_type].sequence
        assert between[score_type].contributing_attribute_values["income"] == 2
        assert after[score_type].contributing_attribute_values["income"] == 3
        assert after[score_type].change_request_id == "CR-3"


async def test_the_later_commit_has_the_higher_sequence_where_both_ask_for_the_first_time(
    defined: SessionFactory,
) -> None:
    record = an_id()

    async with defined() as first, defined() as second:
        waiting = await backend_pid(second)
        await request_scores(first, a_change_to(2, record))
        racing = asyncio.create_task(request_scores(second, a_change_to(3, record)))
        await until_waiting(defined, waiting)
        await first.commit()
        between = await requests_of(defined, record)
        await racing
        await second.commit()

    after = await requests_of(defined, record)
    for score_type in BOTH:
        assert between[score_type].sequence < after[score_type].sequence
        assert after[score_type].contributing_attribute_values["income"] == 3


async def test_three_first_requests_of_one_record_are_ordered_as_they_commit(defined: SessionFactory) -> None:
    record = an_id()
    pids: asyncio.Queue[int] = asyncio.Queue()
    in_order: list[int] = []

    async def approve(income: int) -> None:
        async with defined.begin() as session:
            pids.put_nowait(await backend_pid(session))
            await request_scores(session, a_change_to(income, record))
            # whoever comes here holds the rows until its commit
            in_order.append((await list_requests(session, record))[0].sequence)

    async with defined() as first:
        await request_scores(first, a_change_to(1, record))
        racing = [asyncio.create_task(approve(income)) for income in (2, 3)]
        for _ in racing:
            await until_waiting(defined, await pids.get())
        await first.commit()
        await asyncio.gather(*racing)

    assert in_order == sorted(set(in_order))
    assert (await requests_of(defined, record))[BOTH[0]].sequence == in_order[-1]


async def test_who_has_to_wait_gets_its_number_when_its_turn_comes(defined: SessionFactory) -> None:
    record = an_id()

    async with defined() as first, defined() as second:
        waiting = await backend_pid(second)
        await request_scores(first, a_change_to(1, record))
        racing = asyncio.create_task(request_scores(second, a_change_to(3, record)))
        await until_waiting(defined, waiting)
        # a number drawn before the wait would now be lower than this one
        await request_scores(first, a_change_to(2, record))
        await first.commit()
        between = await requests_of(defined, record)
        await racing
        await second.commit()

    after = await requests_of(defined, record)
    for score_type in BOTH:
        assert between[score_type].change_request_id == "CR-2"
        assert between[score_type].sequence < after[score_type].sequence


async def test_where_the_first_rolls_back_the_second_stands(defined: SessionFactory) -> None:
    record = an_id()

    async with defined() as first, defined() as second:
        waiting = await backend_pid(second)
        await request_scores(first, a_change_to(2, record))
        racing = asyncio.create_task(request_scores(second, a_change_to(3, record)))
        await until_waiting(defined, waiting)
        await first.rollback()
        assert await requests_of(defined, record) == {}
        await racing
        await second.commit()

    after = await requests_of(defined, record)
    assert sorted(after) == BOTH
    assert {row.contributing_attribute_values["income"] for row in after.values()} == {3}


async def test_where_an_update_rolls_back_the_second_follows_the_one_before(defined: SessionFactory) -> None:
    record = an_id()
    async with defined.begin() as session:
        await request_scores(session, a_change_to(1, record))
    before = (await requests_of(defined, record))["PMT_SCORE"]

    async with defined() as first, defined() as second:
        waiting = await backend_pid(second)
        await request_scores(first, a_change_to(2, record))
        racing = asyncio.create_task(request_scores(second, a_change_to(3, record)))
        await until_waiting(defined, waiting)
        await first.rollback()
        await racing
        await second.commit()

    after = (await requests_of(defined, record))["PMT_SCORE"]
    assert after.sequence > before.sequence
    assert after.change_request_id == "CR-3"


async def test_two_records_do_not_wait_for_each_other(defined: SessionFactory) -> None:
    async with defined() as first, defined() as second:
        await request_scores(first, an_approved_change())

        async with asyncio.timeout(20):
            await request_scores(second, an_approved_change())


async def test_two_change_requests_of_one_record_leave_the_snapshot_of_both(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        register_id = (await a_farmer_register(session)).register_id
        for score_type in BOTH:
            await a_stored_definition(session, score_type, register_id)
        record = (await an_approval(session, register_id)).internal_record_id or ""
    async with sessions.begin() as session:
        await create_change_request(session, NewChangeRequest(register_id, {"income": 1}, record, "CR-1"))
        members: dict[str, Any] = {"household": {"member_count": 9}}
        await create_change_request(session, NewChangeRequest(register_id, members, record, "CR-2"))

    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        await approve_change_request(first, AN_ACTOR, "CR-1")
        racing = asyncio.create_task(approve_change_request(second, AN_ACTOR, "CR-2"))
        await until_waiting(sessions, waiting)
        await first.commit()
        await racing
        await second.commit()

    request = (await requests_of(sessions, record))["PMT_SCORE"]
    assert request.change_request_id == "CR-2"
    assert request.contributing_attribute_values == {
        "income": 1,
        "assets.land_area": 2.1,
        "household.member_count": 9,
    }
    async with sessions() as session:
        assert (await get_record(session, record)).version == 3
