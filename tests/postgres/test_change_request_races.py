"""Approvals at once: one change request is decided once, and two of one record are both merged."""

import asyncio
from typing import Any

import pytest

from objects import AN_ACTOR, FARMER, a_farmer_register, an_approval
from postgres_sessions import backend_pid, until_waiting
from registry.change_requests import (
    NewChangeRequest,
    approve_change_request,
    create_change_request,
    get_change_request,
    reject_change_request,
)
from registry.registers import get_record, list_record_history
from scoring.errors import ChangeRequestAlreadyDecided
from store.database import SessionFactory


@pytest.fixture
async def register_id(sessions: SessionFactory) -> str:
    """A register of farmers."""
    async with sessions.begin() as session:
        return (await a_farmer_register(session)).register_id


@pytest.fixture
async def record(sessions: SessionFactory, register_id: str) -> str:
    """A record of the register."""
    async with sessions.begin() as session:
        return (await an_approval(session, register_id)).internal_record_id or ""


async def waiting_request(sessions: SessionFactory, register_id: str, record: str, payload: dict[str, Any]) -> str:
    """The id of a change request that waits."""
    async with sessions.begin() as session:
        new = NewChangeRequest(register_id, payload, record)
        return (await create_change_request(session, new)).change_request_id


@pytest.mark.parametrize("second_decision", [approve_change_request, reject_change_request], ids=["approve", "reject"])
async def test_of_two_decisions_at_once_exactly_one_wins(
    sessions: SessionFactory, register_id: str, record: str, second_decision: Any
) -> None:
    name = await waiting_request(sessions, register_id, record, {"income": 1})

    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        await approve_change_request(first, AN_ACTOR, name)
        racing = asyncio.create_task(second_decision(second, AN_ACTOR, name))
        await until_waiting(sessions, waiting)
        await first.commit()
        with pytest.raises(ChangeRequestAlreadyDecided, match="is APPROVED already"):
            await racing

    async with sessions() as session:
        assert (await get_record(session, record)).version == 2
        assert len(await list_record_history(session, record)) == 2


async def test_where_the_first_decision_rolls_back_the_second_wins(
    sessions: SessionFactory, register_id: str, record: str
) -> None:
    name = await waiting_request(sessions, register_id, record, {"income": 1})

    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        await approve_change_request(first, AN_ACTOR, name)
        racing = asyncio.create_task(reject_change_request(second, AN_ACTOR, name))
        await until_waiting(sessions, waiting)
        await first.rollback()
        await racing
        await second.commit()

    async with sessions() as session:
        assert (await get_change_request(session, name)).status == "REJECTED"
        assert (await get_record(session, record)).version == 1


async def test_of_many_approvals_of_one_change_request_exactly_one_wins(
    sessions: SessionFactory, register_id: str, record: str
) -> None:
    name = await waiting_request(sessions, register_id, record, {"income": 1})

    async def approve() -> None:
        async with sessions.begin() as session:
            await approve_change_request(session, AN_ACTOR, name)

    ended = await asyncio.gather(*(approve() for _ in range(8)), return_exceptions=True)

    assert [type(one) for one in ended].count(ChangeRequestAlreadyDecided) == 7
    async with sessions() as session:
        assert (await get_record(session, record)).version == 2


async def test_two_change_requests_of_one_record_at_once_are_both_merged(
    sessions: SessionFactory, register_id: str, record: str
) -> None:
    one = await waiting_request(sessions, register_id, record, {"income": 1})
    other = await waiting_request(sessions, register_id, record, {"household": {"member_count": 9}, "phone": "07"})

    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        # it has read the record before it waits for it
        seen = await get_record(second, record)
        await approve_change_request(first, AN_ACTOR, one)
        racing = asyncio.create_task(approve_change_request(second, AN_ACTOR, other))
        await until_waiting(sessions, waiting)
        await first.commit()
        await racing
        await second.commit()

    async with sessions() as session:
        merged = await get_record(session, record)
        newest, before, _ = await list_record_history(session, record)
    both = FARMER | {"income": 1, "household": {"member_count": 9}, "phone": "07"}
    assert (merged.attributes, merged.version) == (both, 3)
    assert (newest.version, newest.attributes) == (3, both)
    assert (before.version, before.attributes) == (2, FARMER | {"income": 1})
    assert seen.internal_record_id == record


async def test_two_that_are_created_and_approved_at_once_do_not_lock_each_other_out(
    sessions: SessionFactory, register_id: str, record: str
) -> None:
    # another program may ask and approve in one transaction; PostgreSQL would end one of two that wait for each other
    async def create_and_approve(payload: dict[str, Any], created: asyncio.Barrier) -> None:
        async with sessions.begin() as session:
            new = NewChangeRequest(register_id, payload, record)
            name = (await create_change_request(session, new)).change_request_id
            await created.wait()
            await approve_change_request(session, AN_ACTOR, name)

    both_created = asyncio.Barrier(2)
    await asyncio.gather(
        create_and_approve({"income": 1}, both_created), create_and_approve({"phone": "07"}, both_created)
    )

    async with sessions() as session:
        assert (await get_record(session, record)).attributes == FARMER | {"income": 1, "phone": "07"}


async def test_a_change_request_can_be_created_while_another_of_its_record_is_being_approved(
    sessions: SessionFactory, register_id: str, record: str
) -> None:
    name = await waiting_request(sessions, register_id, record, {"income": 1})

    async with sessions() as approving:
        await approve_change_request(approving, AN_ACTOR, name)
        async with asyncio.timeout(5):
            created = await waiting_request(sessions, register_id, record, {"phone": "07"})
        await approving.commit()

    async with sessions() as session:
        assert (await get_change_request(session, created)).status == "PENDING"
