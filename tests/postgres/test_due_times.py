"""When a request is due: the trigger's `due_at` is that of the debounce rule, whatever became of the row before."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from objects import AN_ACTOR, a_stored_definition, an_approved_change, an_id, register_facts
from scoring.debounce import MAX_SECONDS, DebouncePolicy
from store.database import Session
from store.definition_tables import G2PRegisterScoreDefinition
from store.definitions import DefinitionChange, update_definition
from store.outbox import list_requests
from store.requests import request_scores
from store.tables import G2PScoreComputeQueue

WITH_ONE_DATABASE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
A_MICROSECOND = timedelta(microseconds=1)
"""The rounding of fractions of seconds, which is PostgreSQL's own."""

seconds = st.integers(0, 600) | st.floats(0, MAX_SECONDS)
policies = st.tuples(seconds, seconds).map(lambda both: DebouncePolicy(min(both), max(both)))
statuses = st.sampled_from(["PENDING", "PROCESSING", "COMPLETED", "FAILED"])
bursts = st.lists(st.tuples(st.integers(0, 900), statuses), max_size=5)


async def approve(session: Session, record: str, policy: DebouncePolicy) -> G2PScoreComputeQueue:
    """Approve a change under the policy; the record's request."""
    debounce = {"quiet_period": policy.quiet_period, "max_wait": policy.max_wait}
    await session.execute(update(G2PRegisterScoreDefinition).values(debounce=debounce))
    await request_scores(session, an_approved_change(internal_record_id=record))
    session.expire_all()
    [row] = await list_requests(session, record)
    return row


async def let_pass(session: Session, record: str, gap: int, status: str) -> None:
    """So many seconds later the record's request stands so."""
    queue, past = G2PScoreComputeQueue, timedelta(seconds=gap)
    earlier: dict[str, Any] = {
        name: getattr(queue, name) - past for name in ("pending_since", "due_at", "compute_latest_timestamp")
    }
    of_record = update(queue).where(queue.internal_record_id == record)
    await session.execute(of_record.values(compute_status=status, **earlier))


@WITH_ONE_DATABASE
@given(policy=policies, burst=bursts)
@example(policy=DebouncePolicy(300, 300), burst=[(100, "PENDING"), (100, "PENDING"), (99, "PENDING")])
@example(policy=DebouncePolicy(2, 10), burst=[(1, "PENDING")] * 5)
@example(policy=DebouncePolicy(0.1, 0.3), burst=[(0, "COMPLETED"), (1, "PROCESSING"), (1, "FAILED")])
async def test_a_request_is_due_when_the_debounce_rule_says_so(
    session: Session, policy: DebouncePolicy, burst: list[tuple[int, str]]
) -> None:
    record = an_id()
    farmers = "SELECT count(*) FROM g2p_register_score_definitions WHERE register_id = 'farmers'"
    if await session.scalar(text(farmers)) == 0:
        await a_stored_definition(session, "PMT_SCORE")

    row = await approve(session, record, policy)
    began_at = row.pending_since
    for gap, status in burst:
        await let_pass(session, record, gap, status)
        row = await approve(session, record, policy)
        began_at = began_at - timedelta(seconds=gap) if status == "PENDING" else row.compute_latest_timestamp

    assert row.pending_since == began_at
    assert abs(row.due_at - policy.due_at(began_at, row.compute_latest_timestamp)) <= A_MICROSECOND


async def test_a_policy_that_changed_within_a_burst_holds_from_the_next_approval_on(session: Session) -> None:
    await a_stored_definition(session, "PMT_SCORE")
    first = (await approve(session, "A", DebouncePolicy(3600, 3600))).due_at
    await let_pass(session, "A", 60, "PENDING")

    row = await approve(session, "A", DebouncePolicy(5, 5))

    assert row.due_at == row.pending_since + timedelta(seconds=5) < first


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING"])
async def test_a_change_of_the_definition_moves_no_due_time(session: Session, status: str) -> None:
    definition = await a_stored_definition(session, "PMT_SCORE", debounce=DebouncePolicy(60, 60))
    await request_scores(session, an_approved_change(internal_record_id="A"))
    await let_pass(session, "A", 0, status)
    [before] = [row.due_at for row in await list_requests(session, "A")]

    change = DefinitionChange(debounce=DebouncePolicy(5, 5))
    await update_definition(session, AN_ACTOR, definition.score_definition_id, change, register_facts())

    session.expire_all()
    assert [row.due_at for row in await list_requests(session, "A")] == [before]
