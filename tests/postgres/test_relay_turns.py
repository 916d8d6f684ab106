"""What tells a relay when to look again, and tells people how late it is."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from objects import a_stored_definition
from postgres_sessions import asked_for, claim_records, set_requests
from store.database import SessionFactory
from store.roads import next_turn_in, relay_lag

FUTURE = text("now() + interval '1 hour'")


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """Two registers with one score type each."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
        await a_stored_definition(session, "PMT_SCORE", register_id="fishers")
    return sessions


async def next_turn(sessions: SessionFactory) -> timedelta | None:
    """How long until there is something to claim."""
    async with sessions() as session:
        return await next_turn_in(session)


async def lag(sessions: SessionFactory) -> timedelta:
    """For how long the oldest request has been due."""
    async with sessions() as session:
        return await relay_lag(session)


async def add_a_batch(sessions: SessionFactory, start_after: str) -> None:
    """A batch that is to be started, again or not."""
    async with sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO g2p_score_compute_batches (batch_id, register_id, start_after) "  # noqa: S608 - a constant
                f"VALUES ('a batch', 'farmers', {start_after})"
            )
        )


@pytest.mark.parametrize("status", ["PROCESSING", "COMPLETED", "FAILED"])
async def test_with_nothing_pending_there_is_no_next_turn_and_no_lag(defined: SessionFactory, status: str) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", compute_status=status, due_at=text("now() - interval '1 hour'"))

    assert await next_turn(defined) is None
    assert await lag(defined) == timedelta(0)


async def test_the_next_turn_is_that_of_the_signal_that_may_go_first(defined: SessionFactory) -> None:
    for record, minutes in (("A", 40), ("B", 20), ("C", 30)):
        await asked_for(defined, record)
        await set_requests(
            defined, record, signal_after=text(f"now() + interval '{minutes} minutes'"), on_record_road=True
        )

    wait = await next_turn(defined)

    assert wait is not None
    assert timedelta(minutes=19) < wait <= timedelta(minutes=20)


async def test_the_next_turn_is_that_of_the_burst_that_ends_first_in_any_register(defined: SessionFactory) -> None:
    for record, register_id, minutes in (("A", "farmers", 40), ("B", "fishers", 20), ("C", "farmers", 30)):
        await asked_for(defined, record, register_id=register_id)
        await set_requests(defined, record, due_at=text(f"now() + interval '{minutes} minutes'"))

    wait = await next_turn(defined)

    assert wait is not None
    assert timedelta(minutes=19) < wait <= timedelta(minutes=20)


async def test_the_next_turn_is_that_of_a_batch_that_is_to_be_started(defined: SessionFactory) -> None:
    await add_a_batch(defined, "now() + interval '10 minutes'")

    wait = await next_turn(defined)

    assert wait is not None
    assert timedelta(minutes=9) < wait <= timedelta(minutes=10)


async def test_a_batch_that_should_have_been_started_is_a_turn_at_once_and_not_before(defined: SessionFactory) -> None:
    await add_a_batch(defined, "now() - interval '10 minutes'")

    assert await next_turn(defined) == timedelta(0)


async def test_a_signal_that_may_go_already_is_a_turn_at_once_and_not_before(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", signal_after=text("now() - interval '1 hour'"), on_record_road=True)

    assert await next_turn(defined) == timedelta(0)


async def test_what_waits_for_room_on_a_road_is_no_turn(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", due_at=text("now() - interval '1 minute'"))

    assert await next_turn(defined) is None


async def test_a_claim_has_its_next_turn_at_the_end_of_its_lease(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await claim_records(defined, lease=timedelta(minutes=5))

    wait = await next_turn(defined)

    assert wait is not None
    assert timedelta(minutes=4) < wait <= timedelta(minutes=5)


async def test_the_lag_is_that_of_the_request_that_has_been_due_longest_in_any_register(
    defined: SessionFactory,
) -> None:
    for record, register_id, minutes in (("A", "farmers", 1), ("B", "fishers", 3), ("C", "farmers", 2)):
        await asked_for(defined, record, register_id=register_id)
        await set_requests(defined, record, due_at=text(f"now() - interval '{minutes} minutes'"))

    assert timedelta(minutes=3) <= await lag(defined) < timedelta(minutes=4)


async def test_a_burst_that_is_not_over_makes_no_lag_however_long_it_has_lasted(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", due_at=FUTURE, pending_since=text("now() - interval '1 hour'"))

    assert await lag(defined) == timedelta(0)
