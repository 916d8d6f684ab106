"""Asking again: FAILED requests are pending again at once, under a new sequence, and who asked is kept."""

import pytest

from objects import a_computed_score, a_failed_score, a_stored_definition
from postgres_sessions import asked_for, claim_records, requests_of
from scoring.debounce import DebouncePolicy
from scoring.errors import ScoreRequestNotFound
from scoring.messages import ScoreOutcomes, ScoreRequest
from store.audit import Actor, list_audit
from store.database import SessionFactory
from store.retries import RetriedRequest, retry_scores
from store.scores import list_history, save_outcomes

OFFICER = Actor("officer.kamau", "api")


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with two score types of a long window."""
    async with sessions.begin() as session:
        for score_type in ("PMT_SCORE", "FSF_SCORE"):
            await a_stored_definition(session, score_type, debounce=DebouncePolicy(300, 900))
    return sessions


async def failed(sessions: SessionFactory, *score_types: str) -> dict[str, ScoreRequest]:
    """Record A with these score types FAILED."""
    await asked_for(sessions, "A")
    requests = {name: await asked_for(sessions, "A", name) for name in score_types}
    [claimed] = await claim_records(sessions)
    latest = {request.score_type: request for request in claimed.requests}
    async with sessions.begin() as session:
        failures = [a_failed_score(latest[name]) for name in requests]
        await save_outcomes(session, ScoreOutcomes("farmers", "A", failed=failures))
    return latest


async def retry(sessions: SessionFactory, score_type: str | None = None) -> list[RetriedRequest]:
    """The officer asks for record A's scores again."""
    async with sessions.begin() as session:
        return list(await retry_scores(session, OFFICER, "A", score_type))


async def test_i7_what_failed_is_pending_again_without_its_error(defined: SessionFactory) -> None:
    requests = await failed(defined, "FSF_SCORE", "PMT_SCORE")

    retried = await retry(defined)

    assert [(one.score_type, one.error_code) for one in retried] == [
        ("FSF_SCORE", "ScoreInputError"),
        ("PMT_SCORE", "ScoreInputError"),
    ]
    for score_type, row in (await requests_of(defined, "A")).items():
        assert (row.compute_status, row.compute_latest_error_code) == ("PENDING", None)
        assert row.contributing_attribute_values == requests[score_type].contributing_attribute_values


async def test_a_submission_is_named_as_such(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A", change_request_id="", submission_id="SUB-1")
    async with defined.begin() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", "A", failed=[a_failed_score(request)]))

    [retried] = await retry(defined)

    async with defined() as session:
        [entry] = await list_audit(session, "A")
    assert (retried.change_request_id, retried.submission_id) == ("", "SUB-1")
    assert [one["submission_id"] for one in entry.details["requests"]] == ["SUB-1"]


async def test_only_the_score_type_that_is_named_is_asked_for_again(defined: SessionFactory) -> None:
    await failed(defined, "FSF_SCORE", "PMT_SCORE")

    await retry(defined, "PMT_SCORE")

    statuses = {name: row.compute_status for name, row in (await requests_of(defined, "A")).items()}
    assert statuses == {"FSF_SCORE": "FAILED", "PMT_SCORE": "PENDING"}


async def test_what_has_not_failed_stays_as_it_is(defined: SessionFactory) -> None:
    await failed(defined, "PMT_SCORE")
    before = (await requests_of(defined, "A"))["FSF_SCORE"]

    await retry(defined)

    after = (await requests_of(defined, "A"))["FSF_SCORE"]
    assert (after.compute_status, after.sequence) == (before.compute_status, before.sequence)


async def test_a_repetition_changes_nothing_and_is_not_kept(defined: SessionFactory) -> None:
    await failed(defined, "PMT_SCORE")
    await retry(defined)
    sequence = (await requests_of(defined, "A"))["PMT_SCORE"].sequence

    assert await retry(defined) == []
    assert (await requests_of(defined, "A"))["PMT_SCORE"].sequence == sequence
    async with defined() as session:
        assert len(await list_audit(session, "A")) == 1


async def test_a_run_that_knows_the_failed_sequence_takes_the_new_one(defined: SessionFactory) -> None:
    requests = await failed(defined, "PMT_SCORE")

    [retried] = await retry(defined)

    assert retried.sequence > requests["PMT_SCORE"].sequence


async def test_nobody_waits_out_a_window(defined: SessionFactory) -> None:
    await failed(defined, "PMT_SCORE")

    await retry(defined, "PMT_SCORE")
    [claimed] = await claim_records(defined)

    assert all(request.pending_for >= request.debounce.max_wait for request in claimed.requests)


async def test_a_score_that_comes_out_is_stored_once_over_what_there_was(defined: SessionFactory) -> None:
    await failed(defined, "PMT_SCORE")
    await retry(defined)
    [claimed] = await claim_records(defined)
    outcomes = ScoreOutcomes("farmers", "A", computed=[a_computed_score(one) for one in claimed.requests])

    for _ in range(2):
        async with defined.begin() as session:
            await save_outcomes(session, outcomes)

    async with defined() as session:
        [row] = await list_history(session, "A", "PMT_SCORE")
    assert row.sequence == claimed.requests[0].sequence


async def test_who_asked_when_and_for_what_is_kept(defined: SessionFactory) -> None:
    await failed(defined, "PMT_SCORE")

    [retried] = await retry(defined)

    async with defined() as session:
        [entry] = await list_audit(session, "A")
    assert (entry.actor, entry.source, entry.action) == ("officer.kamau", "api", "retry_scores")
    assert entry.details == {"requests": [vars(retried)]}
    assert entry.occurred_at.tzinfo is not None


@pytest.mark.parametrize("score_type", [None, "PMT_SCORE"])
async def test_what_was_never_asked_for_is_told(defined: SessionFactory, score_type: str | None) -> None:
    with pytest.raises(ScoreRequestNotFound, match="was ever asked for"):
        await retry(defined, score_type)
