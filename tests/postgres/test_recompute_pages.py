"""Pages of a recomputation: which records are asked for, what is left alone, and how approvals race with them."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from objects import FARMER, a_farmer_register, an_approval
from postgres_sessions import backend_pid, requests_of, set_requests, until_waiting
from recompute_registers import Recomputed, a_recomputed_register
from scoring.errors import RegisterNotFound, ScoreDefinitionDisabled
from store.database import SessionFactory

NO_INCOME_NO_LAND: dict[str, Any] = {"name": "B", "phone": "1"}


@pytest.fixture
async def register(sessions: SessionFactory) -> Recomputed:
    """A register whose records are there before their score's definition."""
    return await a_recomputed_register(sessions)


async def test_every_record_is_asked_for_once_whatever_the_size_of_pages(register: Recomputed) -> None:
    records = await register.records(7)
    asked = await register.ask()

    pages = [await register.page(3) for _ in range(4)]

    progress = await register.progress(asked)
    assert pages == [3, 3, 1, 0]
    assert (progress.total, progress.looked_at, progress.requested, progress.outstanding) == (7, 7, 7, 7)
    assert (progress.status, progress.all_requested) == ("RUNNING", True)
    assert await register.reasons(records) == [("RECOMPUTE", asked)] * 7


async def test_a_request_has_the_records_values_the_definitions_version_and_no_window(register: Recomputed) -> None:
    [record] = await register.records(1)
    await register.change_definition(score_config={"weights": {"income": 2}})
    await register.ask()

    await register.page(10)

    row = (await requests_of(register.sessions, record))["PMT_SCORE"]
    assert row.contributing_attribute_values == {"income": 5000, "assets.land_area": 2.1, "household.member_count": 4}
    assert (row.definition_version, row.score_config) == (2, {"weights": {"income": 2}})
    assert row.due_at <= row.compute_latest_timestamp


async def test_a_page_that_is_rolled_back_is_as_if_it_had_never_been(register: Recomputed) -> None:
    await register.records(2)
    asked = await register.ask()
    async with register.sessions() as session:
        await register.page_in(session, 10)
        await session.rollback()

    assert await register.page(10) == 2
    assert (await register.progress(asked)).requested == 2


async def test_a_record_without_any_contributing_value_is_left_out_unless_it_was_asked_for_before(
    register: Recomputed,
) -> None:
    never, once = await register.records(2, NO_INCOME_NO_LAND)
    await register.ask_for_score(once)
    await register.settle(once)
    asked = await register.ask()

    await register.page(10)

    assert (await register.progress(asked)).requested == 1
    assert await requests_of(register.sessions, never) == {}


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING"])
async def test_what_is_about_to_be_computed_by_this_version_is_left_alone(register: Recomputed, status: str) -> None:
    [record] = await register.records(1)
    await register.ask_for_score(record)
    await set_requests(register.sessions, record, compute_status=status)
    before = (await requests_of(register.sessions, record))["PMT_SCORE"]
    await register.ask()

    assert await register.page(10) == 1

    after = (await requests_of(register.sessions, record))["PMT_SCORE"]
    assert (after.sequence, after.change_request_id, after.reason) == (
        before.sequence,
        before.change_request_id,
        "APPROVAL",
    )


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING", "COMPLETED", "FAILED"])
async def test_what_an_older_version_asked_for_is_replaced(register: Recomputed, status: str) -> None:
    [record] = await register.records(1)
    await register.ask_for_score(record)
    await set_requests(register.sessions, record, compute_status=status, batch_failed=True)
    await register.change_definition(score_config={"weights": {"income": 2}})
    asked = await register.ask()

    await register.page(10)

    row = (await requests_of(register.sessions, record))["PMT_SCORE"]
    assert (row.compute_status, row.change_request_id, row.definition_version) == ("PENDING", asked, 2)
    assert not row.batch_failed


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED"])
async def test_what_has_ended_is_computed_again_by_the_same_version(register: Recomputed, status: str) -> None:
    [record] = await register.records(1)
    await register.ask_for_score(record)
    await set_requests(register.sessions, record, compute_status=status)
    asked = await register.ask()

    await register.page(10)

    assert await register.reasons([record]) == [("RECOMPUTE", asked)]


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING", "COMPLETED", "FAILED"])
async def test_what_a_newer_version_asked_for_is_left_alone(register: Recomputed, status: str) -> None:
    [record] = await register.records(1)
    await register.ask_for_score(record)
    await set_requests(register.sessions, record, compute_status=status, definition_version=9)
    await register.ask()

    await register.page(10)

    assert (await register.reasons([record]))[0][0] == "APPROVAL"


async def test_only_stale_leaves_alone_what_the_latest_version_has_computed(register: Recomputed) -> None:
    fresh, stale, without = await register.records(3)
    for record in (fresh, stale):
        await register.ask_for_score(record)
    await register.settle(stale)
    await register.change_definition(score_config={"weights": {"income": 2}})
    await register.ask_for_score(fresh)
    await register.settle(fresh)
    asked = await register.ask(only_stale=True)

    assert await register.page(10) == 3

    assert (await register.progress(asked)).requested == 2
    assert {change for _, change in await register.reasons([stale, without])} == {asked}
    assert (await register.reasons([fresh]))[0][0] == "APPROVAL"


async def test_a_page_waits_for_an_approval_under_way_and_asks_on_what_it_leaves_behind(register: Recomputed) -> None:
    [record] = await register.records(1)
    asked = await register.ask()
    async with register.sessions() as approving, register.sessions() as paging:
        await an_approval(approving, register.register_id, {"income": 1}, record)
        waiting = await backend_pid(paging)
        page = asyncio.create_task(register.page_in(paging, 10))
        await until_waiting(register.sessions, waiting)

        await approving.commit()
        await page
        await paging.commit()

    # the approval's request is pending on the record's latest state: it is left alone
    row = (await requests_of(register.sessions, record))["PMT_SCORE"]
    assert row.contributing_attribute_values["income"] == 1
    assert row.change_request_id != asked


async def test_a_page_that_finds_an_older_version_asks_on_the_state_that_an_approval_leaves_behind(
    register: Recomputed,
) -> None:
    [record] = await register.records(1)
    asked = await register.ask()
    async with register.sessions() as approving, register.sessions() as paging:
        await an_approval(approving, register.register_id, {"income": 1}, record)
        waiting = await backend_pid(paging)
        page = asyncio.create_task(register.page_in(paging, 10))
        await until_waiting(register.sessions, waiting)
        # while the page waits for the record's lock, the definition changes: it is read under the lock
        await register.change_definition(score_config={"weights": {"income": 2}})
        await approving.commit()
        await page
        await paging.commit()

    row = (await requests_of(register.sessions, record))["PMT_SCORE"]
    assert (row.change_request_id, row.definition_version) == (asked, 2)
    assert row.contributing_attribute_values["income"] == 1


async def test_an_approval_waits_for_a_page_under_way_and_its_request_is_the_later_one(register: Recomputed) -> None:
    [record] = await register.records(1)
    await register.ask()
    async with register.sessions() as paging, register.sessions() as approving:
        await register.page_in(paging, 10)
        waiting = await backend_pid(approving)
        approval = asyncio.create_task(an_approval(approving, register.register_id, {"income": 1}, record))
        await until_waiting(register.sessions, waiting)

        await paging.commit()
        approved = await approval
        await approving.commit()

    row = (await requests_of(register.sessions, record))["PMT_SCORE"]
    assert (row.change_request_id, row.reason) == (approved.change_request_id, "APPROVAL")
    assert row.contributing_attribute_values["income"] == 1
    assert row.sequence > 1


async def test_snapshots_are_never_older_than_their_sequences_however_approvals_and_pages_mix(
    register: Recomputed,
) -> None:
    records = await register.records(5)

    async def approve(record: str) -> None:
        for income in range(1, 9):
            async with register.sessions.begin() as session:
                await an_approval(session, register.register_id, {"income": income}, record)

    async def recompute() -> None:
        for _ in range(8):
            await register.execute("UPDATE g2p_score_compute_queue SET compute_status = 'COMPLETED'")
            await register.execute("UPDATE g2p_score_recomputations SET status = 'COMPLETED'")
            await register.ask()
            await register.page(10)

    await asyncio.gather(recompute(), *(approve(record) for record in records))

    for record in records:
        row = (await requests_of(register.sessions, record))["PMT_SCORE"]
        assert row.contributing_attribute_values["income"] == 8


async def test_two_workers_with_one_recomputation_take_one_page_after_the_other(register: Recomputed) -> None:
    await register.records(4)
    asked = await register.ask()
    async with register.sessions() as one, register.sessions() as other:
        await register.page_in(one, 2)
        waiting = await backend_pid(other)
        second = asyncio.create_task(register.page_in(other, 2))
        await until_waiting(register.sessions, waiting)
        await one.commit()
        assert await second == 2
        await other.commit()

    progress = await register.progress(asked)
    assert (progress.looked_at, progress.requested) == (4, 4)


@pytest.mark.parametrize("status", ["PAUSED", "CANCELLED", "COMPLETED", "FAILED"])
async def test_what_is_not_running_requests_nothing(register: Recomputed, status: str) -> None:
    await register.records(1)
    await register.ask()
    await register.execute(f"UPDATE g2p_score_recomputations SET status = '{status}'")  # noqa: S608 - a constant

    assert await register.page(10) == 0


async def test_a_definition_that_was_disabled_ends_it(register: Recomputed) -> None:
    await register.records(1)
    await register.ask()
    await register.change_definition(is_enabled=False)

    with pytest.raises(ScoreDefinitionDisabled, match="was disabled"):
        await register.page(10)


async def test_a_register_that_is_gone_ends_it(register: Recomputed) -> None:
    await register.ask()
    await register.execute("DELETE FROM registers")

    with pytest.raises(RegisterNotFound):
        await register.page(10)


async def test_seven_pages_on_one_connection_are_planned_alike(register: Recomputed) -> None:
    await register.records(8)
    await register.ask()

    async with register.sessions() as session:
        pages = [await register.page_in(session, 1) for _ in range(8)]

    assert pages == [1] * 8


async def test_another_registers_records_are_left_alone(register: Recomputed) -> None:
    await register.records(1)
    async with register.sessions.begin() as session:
        other = await a_farmer_register(session)
        await an_approval(session, other.register_id, FARMER)
    await register.ask()

    assert await register.page(10) == 1


async def test_the_count_of_what_is_open_reads_the_partial_index(register: Recomputed) -> None:
    asked = await register.ask()
    async with register.sessions() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await session.execute(
            text(
                "EXPLAIN SELECT count(*) FILTER (WHERE compute_status <> 'FAILED') FROM g2p_score_compute_queue"
                " WHERE change_request_id = :id AND reason = 'RECOMPUTE' AND compute_status <> 'COMPLETED'"
            ),
            {"id": asked},
        )
        assert "ix_g2p_score_compute_queue_recomputation" in "\n".join(plan.scalars())
