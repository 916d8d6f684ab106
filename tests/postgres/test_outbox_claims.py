"""What a relay claims: whole records, never twice, never waiting for an approval."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from builders import FSF_CONFIG, NO_WINDOW, a_request, a_stored_definition, an_approved_change
from postgres_sessions import asked_for, backend_pid, requests_of, set_requests, until_waiting
from store.database import SessionFactory
from store.outbox import RecordRequests, claim_pending
from store.requests import request_scores
from store.roads import RoadLimits, next_turn_in, relay_lag

LEASE = timedelta(minutes=1)
PAST = text("now() - interval '1 second'")
FUTURE = text("now() + interval '1 hour'")
BOTH = ["FSF_SCORE", "PMT_SCORE"]


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with both score types."""
    async with sessions.begin() as session:
        for score_type in BOTH:
            await a_stored_definition(session, score_type)
    return sessions


async def claim(sessions: SessionFactory, limit: int = 100, lease: timedelta = LEASE) -> dict[str, list[str]]:
    """Claim in a transaction of its own; the score types by record."""
    async with sessions.begin() as session:
        return types_of(await claim_pending(session, RoadLimits(max_open_records=1_000, records_per_tick=limit), lease))


def types_of(claimed: list[RecordRequests]) -> dict[str, list[str]]:
    """The score types by record."""
    return {record.internal_record_id: [request.score_type for request in record.requests] for record in claimed}


async def test_a_claim_holds_all_pending_score_types_of_a_record(defined: SessionFactory) -> None:
    for record in ("A", "B"):
        await asked_for(defined, record)

    assert await claim(defined) == {"A": BOTH, "B": BOTH}


async def test_a_claim_holds_what_the_approval_asked_for(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A", change_request_id="CR-00123")

    async with defined.begin() as session:
        [record] = await claim_pending(session, RoadLimits(max_open_records=1_000, records_per_tick=1), LEASE)

    fsf, pmt = record.requests
    assert (record.register_id, record.internal_record_id) == ("farmers", "A")
    assert pmt == request
    assert pmt == a_request(
        request.sequence,
        change_request_id="CR-00123",
        contributing_attribute_values={"income": 5000, "assets.land_area": 2.1, "household.member_count": 4},
        score_definition_id=request.score_definition_id,
        debounce=NO_WINDOW,
    )
    assert (fsf.score_type, fsf.score_config) == ("FSF_SCORE", FSF_CONFIG)


@pytest.mark.parametrize("status", ["PROCESSING", "COMPLETED", "FAILED"])
async def test_only_what_is_pending_is_claimed(defined: SessionFactory, status: str) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", compute_status=status)

    assert await claim(defined) == {}


async def test_of_a_record_only_the_pending_score_types_are_claimed(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", compute_status="COMPLETED")
    await asked_for(defined, "A", change_payload={"assets": None})

    assert await claim(defined) == {"A": ["PMT_SCORE"]}


async def test_what_may_not_be_signaled_yet_is_not_claimed(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", signal_after=FUTURE)

    assert await claim(defined) == {}


async def test_a_claim_takes_as_many_records_as_it_may_the_longest_due_first(defined: SessionFactory) -> None:
    for record in ("A", "B", "C", "D"):
        await asked_for(defined, record)
    await set_requests(defined, "C", signal_after=PAST)

    first, second, third = [await claim(defined, limit=2) for _ in range(3)]

    assert "C" in first
    assert (len(first), len(second), len(third)) == (2, 2, 0)
    assert first.keys() | second.keys() == {"A", "B", "C", "D"}
    assert all(types == BOTH for types in (first | second).values())


async def test_a_claim_holds_until_its_lease_ends(defined: SessionFactory) -> None:
    await asked_for(defined, "A")

    assert await claim(defined) == {"A": BOTH}
    assert await claim(defined) == {}
    await set_requests(defined, "A", signal_after=PAST)
    assert await claim(defined) == {"A": BOTH}


async def test_a_claim_that_is_rolled_back_is_none(defined: SessionFactory) -> None:
    await asked_for(defined, "A")

    async with defined() as session:
        await claim_pending(session, RoadLimits(max_open_records=1_000, records_per_tick=100), LEASE)
        await session.rollback()

    assert await claim(defined) == {"A": BOTH}


async def test_a_newer_approval_within_a_claim_waits_for_its_end_and_is_claimed_then(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await claim(defined)

    newer = await asked_for(defined, "A", change_request_id="CR-2")

    assert await claim(defined) == {}
    await set_requests(defined, "A", signal_after=PAST)
    async with defined.begin() as session:
        [record] = await claim_pending(session, RoadLimits(max_open_records=1_000, records_per_tick=100), LEASE)
    assert record.requests[1] == newer


async def test_while_one_relay_claims_another_gets_nothing_and_does_not_wait(defined: SessionFactory) -> None:
    for record in ("A", "B", "C"):
        await asked_for(defined, record)

    async with defined() as first, asyncio.timeout(20):
        claimed = types_of(await claim_pending(first, RoadLimits(max_open_records=1_000, records_per_tick=2), LEASE))
        meanwhile = await claim(defined)
        await first.commit()

    assert len(claimed) == 2
    assert meanwhile == {}
    assert claimed | await claim(defined) == {"A": BOTH, "B": BOTH, "C": BOTH}


async def test_relays_at_once_never_get_the_same_record_and_never_split_one(defined: SessionFactory) -> None:
    records = [f"R-{number}" for number in range(30)]
    for record in records:
        await asked_for(defined, record)
    claimed: list[tuple[str, list[str]]] = []

    async def relay() -> None:
        while len(claimed) < len(records):
            claimed.extend((await claim(defined, limit=2)).items())

    async with asyncio.timeout(60):
        await asyncio.gather(*(relay() for _ in range(4)))

    assert sorted(claimed) == sorted((record, BOTH) for record in records)


async def test_an_approval_under_way_is_not_waited_for_and_claimed_after_its_commit(defined: SessionFactory) -> None:
    for record in ("A", "B"):
        await asked_for(defined, record)

    async with defined() as approving, asyncio.timeout(20):
        await request_scores(approving, an_approved_change(internal_record_id="A", change_request_id="CR-2"))
        meanwhile = await claim(defined)
        await approving.commit()
        async with defined.begin() as session:
            [afterwards] = await claim_pending(session, RoadLimits(max_open_records=1_000, records_per_tick=100), LEASE)

    assert meanwhile == {"B": BOTH}
    assert {request.change_request_id for request in afterwards.requests} == {"CR-2"}


async def test_an_approval_waits_for_a_claim_only_until_its_commit(defined: SessionFactory) -> None:
    await asked_for(defined, "A")

    async with defined() as relay, defined() as approving:
        waiting = await backend_pid(approving)
        await claim_pending(relay, RoadLimits(max_open_records=1_000, records_per_tick=100), LEASE)
        change = an_approved_change(internal_record_id="A", change_request_id="CR-2")
        approval = asyncio.create_task(request_scores(approving, change))
        await until_waiting(defined, waiting)
        await relay.commit()
        await approval
        await approving.commit()

    assert (await requests_of(defined, "A"))["PMT_SCORE"].change_request_id == "CR-2"


async def test_with_nothing_pending_there_is_no_next_signal_and_no_lag(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", compute_status="COMPLETED", pending_since=text("now() - interval '1 hour'"))

    async with defined() as session:
        assert await next_turn_in(session) is None
        assert await relay_lag(session) == timedelta(0)


async def test_the_next_signal_is_that_of_the_request_that_may_go_first(defined: SessionFactory) -> None:
    for record, minutes in (("A", 40), ("B", 20), ("C", 30)):
        await asked_for(defined, record)
        await set_requests(defined, record, signal_after=text(f"now() + interval '{minutes} minutes'"))

    async with defined() as session:
        wait = await next_turn_in(session)

    assert wait is not None
    assert timedelta(minutes=19) < wait <= timedelta(minutes=20)


async def test_a_signal_that_may_go_already_is_due_at_once_and_not_before(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", signal_after=text("now() - interval '1 hour'"))

    async with defined() as session:
        assert await next_turn_in(session) == timedelta(0)


async def test_the_lag_is_the_age_of_the_request_that_has_waited_longest(defined: SessionFactory) -> None:
    for record, minutes in (("A", 1), ("B", 3), ("C", 2)):
        await asked_for(defined, record)
        await set_requests(defined, record, pending_since=text(f"now() - interval '{minutes} minutes'"))

    async with defined() as session:
        lag = await relay_lag(session)

    assert timedelta(minutes=3) <= lag < timedelta(minutes=4)


async def test_a_clock_that_went_back_makes_no_negative_lag(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", pending_since=FUTURE)

    async with defined() as session:
        assert await relay_lag(session) == timedelta(0)
