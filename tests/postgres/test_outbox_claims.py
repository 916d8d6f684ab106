"""What a relay claims: whole records, never twice, never waiting for an approval."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from objects import FSF_CONFIG, NO_WINDOW, a_request, a_stored_definition, an_approved_change, wide_roads
from postgres_sessions import (
    as_asked,
    asked_for,
    backend_pid,
    claim_for_records,
    claim_records,
    requests_of,
    set_requests,
    until_waiting,
)
from store.database import SessionFactory
from store.outbox import RecordRequests
from store.requests import request_scores
from store.roads import take_turn

LEASE = timedelta(minutes=1)
PAST = text("now() - interval '1 hour'")
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
    return types_of(await claim_records(sessions, wide_roads(records_per_tick=limit), lease))


def types_of(claimed: list[RecordRequests]) -> dict[str, list[str]]:
    """The score types by record."""
    return {record.internal_record_id: [request.score_type for request in record.requests] for record in claimed}


async def test_a_claim_holds_all_pending_score_types_of_a_record(defined: SessionFactory) -> None:
    for record in ("A", "B"):
        await asked_for(defined, record)

    assert await claim(defined) == {"A": BOTH, "B": BOTH}


async def test_a_claim_holds_what_the_approval_asked_for(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A", change_request_id="CR-00123")

    [record] = await claim_records(defined)

    fsf, pmt = as_asked(record.requests)
    assert (record.register_id, record.internal_record_id) == ("farmers", "A")
    assert pmt == request
    assert pmt == a_request(
        request.sequence,
        change_request_id="CR-00123",
        contributing_attribute_values={"income": 5000, "assets.land_area": 2.1, "household.member_count": 4},
        score_definition_id=request.score_definition_id,
        debounce=NO_WINDOW,
        fairness_key="farmers",
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


async def test_a_claim_takes_no_more_records_than_it_may_and_whole_ones(defined: SessionFactory) -> None:
    for record in ("A", "B", "C"):
        await asked_for(defined, record)

    claims = [await claim(defined, limit=2) for _ in range(4)]

    assert all(len(one) <= 2 for one in claims)
    assert [(record, types) for one in claims for record, types in sorted(one.items())] == [
        ("A", BOTH),
        ("B", BOTH),
        ("C", BOTH),
    ]


async def test_a_claim_holds_until_its_lease_ends(defined: SessionFactory) -> None:
    await asked_for(defined, "A")

    assert await claim(defined) == {"A": BOTH}
    assert await claim(defined) == {}
    await set_requests(defined, "A", signal_after=PAST)
    assert await claim(defined) == {"A": BOTH}


async def test_a_claim_that_is_rolled_back_is_none(defined: SessionFactory) -> None:
    await asked_for(defined, "A")

    async with defined() as session:
        await claim_for_records(session, wide_roads(), LEASE)
        await session.rollback()

    assert await claim(defined) == {"A": BOTH}


async def test_a_newer_approval_within_a_claim_waits_for_its_end_and_is_claimed_then(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await claim(defined)

    newer = await asked_for(defined, "A", change_request_id="CR-2")

    assert await claim(defined) == {}
    await set_requests(defined, "A", signal_after=PAST)
    [record] = await claim_records(defined)
    assert as_asked(record.requests)[1] == newer


async def test_while_one_relay_claims_another_gets_nothing_and_does_not_wait(defined: SessionFactory) -> None:
    for record in ("A", "B", "C"):
        await asked_for(defined, record)

    async with defined() as first, asyncio.timeout(20):
        its_turn = await take_turn(first)
        claimed = types_of(await claim_for_records(first, wide_roads(records_per_tick=2), LEASE))
        meanwhile = await claim(defined)
        await first.commit()

    assert its_turn
    assert 1 <= len(claimed) <= 2
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
        [afterwards] = await claim_records(defined)

    assert meanwhile == {"B": BOTH}
    assert {request.change_request_id for request in afterwards.requests} == {"CR-2"}


async def test_an_approval_waits_for_a_claim_only_until_its_commit(defined: SessionFactory) -> None:
    await asked_for(defined, "A")

    async with defined() as relay, defined() as approving:
        waiting = await backend_pid(approving)
        await claim_for_records(relay, wide_roads(), LEASE)
        change = an_approved_change(internal_record_id="A", change_request_id="CR-2")
        approval = asyncio.create_task(request_scores(approving, change))
        await until_waiting(defined, waiting)
        await relay.commit()
        await approval
        await approving.commit()

    assert (await requests_of(defined, "A"))["PMT_SCORE"].change_request_id == "CR-2"
