"""Room on the record road for runs that wait out a long window: a share of a place, and a whole one once due."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from builders.register import BUILDERS
from builders_world import a_builder
from objects import a_stored_definition
from postgres_sessions import asked_for, claim_for_batches, claim_records, records_in, set_requests
from scoring.debounce import DebouncePolicy
from store.database import SessionFactory
from store.outbox import RecordRequests, mark_signaled
from store.roads import RoadLimits, list_outlooks, take_turn

DEFAULT = RoadLimits()
EIGHT = RoadLimits(max_open_records=8)
PAST = text("now() - interval '1 second'")
A_DAY = DebouncePolicy(86_400, 86_400)
SHORT_BUT_LONG_AT_MOST = DebouncePolicy(5, 300)


async def sign_up(sessions: SessionFactory, number: int) -> list[str]:
    """So many builders, whose first scores are asked for; their ids."""
    async with sessions.begin() as session:
        return [(await a_builder(session)).user_id for _ in range(number)]


async def approve(sessions: SessionFactory, number: int, first: int = 0) -> list[str]:
    """Approve a change of so many farmers."""
    farmers = [f"farmer {one:03}" for one in range(first, first + number)]
    for farmer in farmers:
        await asked_for(sessions, farmer)
    return farmers


async def claim_all(sessions: SessionFactory, limits: RoadLimits = DEFAULT) -> list[RecordRequests]:
    """Claim for the record road until there is no room any more, and say that Temporal has it."""
    claimed: list[RecordRequests] = []
    while more := await claim_records(sessions, limits):
        async with sessions.begin() as session:
            await mark_signaled(session, more, timedelta(0))
        claimed += more
    return claimed


def ids(records: list[RecordRequests]) -> list[str]:
    """Whose they are."""
    return sorted(record.internal_record_id for record in records)


@pytest.mark.parametrize(("waiting", "farmers"), [(40, 15), (400, 9)])
async def test_builders_all_have_runs_of_their_own_and_leave_farmers_their_road(
    sessions: SessionFactory, waiting: int, farmers: int
) -> None:
    async with sessions.begin() as session:
        await a_stored_definition(session)
    users = await sign_up(sessions, waiting)

    claimed = await claim_all(sessions)
    farmers_approved = await approve(sessions, farmers)
    beside = await claim_all(sessions)

    assert ids(claimed) == sorted(users)
    assert sorted(request.fairness_key for record in claimed for request in record.requests) == sorted(users)
    assert ids(beside) == farmers_approved


async def test_a_single_approval_is_claimed_in_the_turn_in_which_hundreds_of_builders_begin_to_wait(
    sessions: SessionFactory,
) -> None:
    async with sessions.begin() as session:
        await a_stored_definition(session)
    await sign_up(sessions, 300)
    [farmer] = await approve(sessions, 1)

    first_turn = await claim_records(sessions, DEFAULT)

    assert farmer in ids(first_turn)


async def test_a_flood_of_builders_beyond_half_of_the_road_goes_by_batch(sessions: SessionFactory) -> None:
    users = await sign_up(sessions, 125)

    on_the_road = await claim_all(sessions, EIGHT)
    for user in users:
        await set_requests(sessions, user, due_at=PAST)
    on_the_road += await claim_all(sessions, EIGHT)
    async with sessions.begin() as session:
        [batch] = await claim_for_batches(session, EIGHT, timedelta(minutes=1))

    assert on_the_road == []
    assert sorted(await records_in(sessions, batch, "BUILDER_SCORE")) == sorted(users)


async def test_builders_who_come_one_by_one_fill_half_of_the_road_and_no_more(sessions: SessionFactory) -> None:
    limits = RoadLimits(max_open_records=2)
    for _ in range(35):
        await sign_up(sessions, 1)
        await claim_records(sessions, limits)

    async with sessions() as session:
        on_the_road = await session.scalar(text("SELECT count(*) FROM g2p_score_compute_queue WHERE on_record_road"))

    # a share of a place is no exact number
    assert on_the_road in {30, 31}


async def test_what_is_due_takes_whole_places_again(sessions: SessionFactory) -> None:
    users = await sign_up(sessions, 4)
    await claim_all(sessions, EIGHT)
    for user in users:
        await set_requests(sessions, user, due_at=PAST)
    await sign_up(sessions, 1)

    assert await claim_all(sessions, EIGHT) == []


async def test_what_has_become_due_in_postgresql_is_no_flood_of_small_places(sessions: SessionFactory) -> None:
    for user in await sign_up(sessions, 5):
        await set_requests(sessions, user, due_at=PAST)

    assert await claim_all(sessions, EIGHT) == []


async def test_a_window_that_may_close_soon_counts_in_full_however_long_it_may_last(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        await a_stored_definition(session, debounce=SHORT_BUT_LONG_AT_MOST)
    await approve(sessions, 5)

    assert await claim_all(sessions, EIGHT) == []


@pytest.mark.parametrize(("flood", "claimed"), [(49, 49), (52, 0)])
async def test_windows_of_days_still_take_a_hundredth_of_a_place(
    sessions: SessionFactory, flood: int, claimed: int
) -> None:
    async with sessions.begin() as session:
        await a_stored_definition(session, debounce=A_DAY)
    await approve(sessions, flood)

    assert len(await claim_all(sessions, RoadLimits(max_open_records=1))) == claimed


@pytest.mark.parametrize(("is_enabled", "record_room"), [(True, 4), (False, 400)])
async def test_room_is_told_by_the_shortest_window_that_is_in_use(
    sessions: SessionFactory, *, is_enabled: bool, record_room: int
) -> None:
    async with sessions.begin() as session:
        await a_stored_definition(session, debounce=A_DAY)
        short = await a_stored_definition(session, "FSF_SCORE")
    await approve(sessions, 1)
    async with sessions.begin() as session:
        await session.execute(
            text("UPDATE g2p_register_score_definitions SET is_enabled = :is_enabled WHERE score_definition_id = :id"),
            {"is_enabled": is_enabled, "id": short.score_definition_id},
        )

    async with sessions.begin() as session:
        await take_turn(session)
        [outlook] = await list_outlooks(session, EIGHT)

    assert (outlook.record_room, outlook.failed_room) == (record_room, 4)


async def test_what_failed_in_a_batch_has_whole_places(sessions: SessionFactory) -> None:
    for user in await sign_up(sessions, 40):
        await set_requests(sessions, user, batch_failed=True, due_at=PAST)

    claimed = await claim_records(sessions, EIGHT)

    assert [record.register_id for record in claimed] == [BUILDERS] * 4
