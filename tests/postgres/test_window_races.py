"""A fixed window where a trigger and a persist overlap: what began before the persist, and commits after it."""

from sqlalchemy import func, select

from objects import a_computed_score, a_stored_definition, an_approved_change
from postgres_sessions import claim_records, requests_of
from scoring.debounce import DebouncePolicy
from scoring.messages import ScoreOutcomes
from store.database import SessionFactory
from store.requests import request_scores
from store.scores import get_past_score, save_outcomes

A_WINDOW = DebouncePolicy(300, 300)


async def test_a_trigger_that_began_before_a_score_was_stored_begins_its_window_after_that(
    sessions: SessionFactory,
) -> None:
    change = an_approved_change(internal_record_id="A")
    async with sessions.begin() as session:
        await a_stored_definition(session, debounce=A_WINDOW)
        await request_scores(session, change)
    [record] = await claim_records(sessions)
    scores = ScoreOutcomes("farmers", "A", computed=[a_computed_score(request) for request in record.requests])

    async with sessions.begin() as late:
        await late.execute(select(func.now()))
        async with sessions.begin() as session:
            await save_outcomes(session, scores)
        await request_scores(late, change)

    async with sessions() as session:
        stored = await get_past_score(session, "A", "PMT_SCORE")
    request = (await requests_of(sessions, "A"))["PMT_SCORE"]
    assert request.pending_since >= stored.computed_at
    assert (request.due_at - stored.computed_at).total_seconds() >= A_WINDOW.max_wait
