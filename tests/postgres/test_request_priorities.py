"""How urgent a request is, and whose: in its row, where several ask, and as the relay claims it."""

from typing import Any

import pytest
from sqlalchemy import text

from objects import AN_ACTOR, a_stored_definition
from postgres_sessions import asked_for, claim_records, requests_of, set_requests
from scoring.priorities import RequestPriority, as_fairness_key
from store.database import SessionFactory
from store.retries import retry_scores

HIGH, MEDIUM, LOW, BULK = RequestPriority


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with one score type."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
    return sessions


async def urgency(sessions: SessionFactory) -> tuple[int, str]:
    """Of record A's request."""
    row = (await requests_of(sessions, "A"))["PMT_SCORE"]
    return row.priority, row.fairness_key


async def test_an_approval_is_urgent_and_its_registers_by_default(defined: SessionFactory) -> None:
    await asked_for(defined, "A")

    [record] = await claim_records(defined)

    assert [(one.priority, one.fairness_key) for one in record.requests] == [(HIGH, "farmers")]


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        pytest.param((LOW, "ada"), (MEDIUM, "bob"), (MEDIUM, "bob"), id="the later one is more urgent"),
        pytest.param((MEDIUM, "ada"), (LOW, "bob"), (MEDIUM, "ada"), id="the earlier one is more urgent"),
        pytest.param((LOW, "ada"), (LOW, "bob"), (LOW, "ada"), id="both are as urgent: no storm draws the earlier in"),
        pytest.param((LOW, "ada"), (HIGH, ""), (HIGH, ""), id="the more urgent one is the register's"),
    ],
)
async def test_what_waits_together_is_as_urgent_as_the_most_urgent(
    defined: SessionFactory,
    first: tuple[RequestPriority, str],
    second: tuple[RequestPriority, str],
    together: tuple[int, str],
) -> None:
    for priority, fairness_key in (first, second):
        await asked_for(defined, "A", priority=priority, fairness_key=fairness_key)

    assert await urgency(defined) == together


@pytest.mark.parametrize(
    ("status", "due_in"),
    [
        pytest.param("PROCESSING", "-1 second", id="a run computes it"),
        pytest.param("COMPLETED", "1 hour", id="completed"),
        pytest.param("FAILED", "1 hour", id="failed"),
    ],
)
async def test_what_does_not_wait_any_more_makes_nothing_urgent(
    defined: SessionFactory, status: str, due_in: str
) -> None:
    await asked_for(defined, "A", priority=MEDIUM, fairness_key="ada")
    await set_requests(defined, "A", compute_status=status, due_at=text(f"now() + interval '{due_in}'"))

    await asked_for(defined, "A", priority=LOW, fairness_key="bob")

    assert await urgency(defined) == (LOW, "bob")


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({"due_at": text("now() + interval '1 hour'")}, id="a run waits out its window"),
        pytest.param({"due_at": text("now() - interval '1 hour'"), "batch_id": "b"}, id="a batch has it"),
    ],
)
async def test_what_waits_elsewhere_stays_as_urgent(defined: SessionFactory, where: dict[str, Any]) -> None:
    await asked_for(defined, "A", priority=MEDIUM, fairness_key="ada")
    await set_requests(defined, "A", compute_status="PROCESSING", **where)

    await asked_for(defined, "A", priority=LOW, fairness_key="bob")

    assert await urgency(defined) == (MEDIUM, "ada")


async def test_a_key_that_is_too_long_for_temporal_is_claimed_shorter(defined: SessionFactory) -> None:
    await asked_for(defined, "A", priority=LOW, fairness_key="k" * 100)

    [record] = await claim_records(defined)

    assert [one.fairness_key for one in record.requests] == [as_fairness_key("k" * 100)]


@pytest.mark.parametrize("priority", [LOW, BULK])
async def test_a_score_that_somebody_asks_for_again_is_urgent_and_stays_whose_it_was(
    defined: SessionFactory, priority: RequestPriority
) -> None:
    await asked_for(defined, "A", priority=priority, fairness_key="ada")
    await set_requests(defined, "A", compute_status="FAILED")

    async with defined.begin() as session:
        await retry_scores(session, AN_ACTOR, "A")

    assert await urgency(defined) == (HIGH, "ada")
