"""Storing what was computed: the newest approval wins, one history row a sequence, the request is settled."""

from itertools import permutations

import pytest

from objects import a_computed_score, a_failed_score, a_request, a_stored_definition
from postgres_sessions import asked_for, requests_of, stored_scores
from scoring.messages import ComputedScore, FailedScore, ScoreOutcomes, ScoreRequest
from store.database import SessionFactory
from store.scores import list_history, save_outcomes
from store.tables import G2PRegisterScore, G2PScoreComputeQueue


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with both score types."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
        await a_stored_definition(session, "FSF_SCORE")
    return sessions


async def save(sessions: SessionFactory, *outcomes: ComputedScore | FailedScore, record: str = "A") -> None:
    """Save these outcomes of the record in a transaction of its own."""
    computed = [one for one in outcomes if isinstance(one, ComputedScore)]
    failed = [one for one in outcomes if isinstance(one, FailedScore)]
    async with sessions.begin() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", record, computed, failed))


async def three_approvals(sessions: SessionFactory) -> list[ScoreRequest]:
    """Three approvals of record A."""
    return [await asked_for(sessions, "A", change_request_id=f"CR-{number}") for number in range(3)]


async def scores_of(sessions: SessionFactory, record: str = "A") -> dict[str, G2PRegisterScore]:
    """A record's scores, by score type."""
    async with sessions() as session:
        return {score.score_type: score for score in await stored_scores(session, record)}


async def history_of(sessions: SessionFactory, record: str = "A") -> list[int]:
    """The sequences in the history of PMT_SCORE, newest first."""
    async with sessions() as session:
        return [row.sequence for row in await list_history(session, record, "PMT_SCORE")]


async def request_a(sessions: SessionFactory) -> G2PScoreComputeQueue:
    """Record A's request for its PMT_SCORE."""
    return (await requests_of(sessions, "A"))["PMT_SCORE"]


async def test_a_score_its_history_and_its_settled_request_are_stored_together(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A", change_request_id="CR-00123")

    await save(defined, ComputedScore(request, 1401.83, "scoring.formulas.PmtScore", "1"))

    [score] = (await scores_of(defined)).values()
    assert (score.register_id, score.internal_record_id, score.score_type) == ("farmers", "A", "PMT_SCORE")
    assert (score.computed_score, score.triggered_by_cr_id) == (1401.83, "CR-00123")
    assert (score.sequence, score.score_definition_id) == (request.sequence, request.score_definition_id)
    async with defined() as session:
        [row] = await list_history(session, "A", "PMT_SCORE")
    assert (row.computed_score, row.computed_at, row.sequence) == (1401.83, score.computed_at, request.sequence)
    assert row.contributing_attribute_values == request.contributing_attribute_values
    assert (row.score_config, row.definition_version) == (request.score_config, request.definition_version)
    assert (row.formula_name, row.formula_version) == ("scoring.formulas.PmtScore", "1")
    settled = await request_a(defined)
    assert (settled.compute_status, settled.computed_sequence) == ("COMPLETED", request.sequence)


async def test_i5_saving_again_changes_nothing(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")
    await save(defined, a_computed_score(request))
    before = (await scores_of(defined))["PMT_SCORE"]

    for _ in range(3):
        await save(defined, a_computed_score(request, 7.0))

    after = (await scores_of(defined))["PMT_SCORE"]
    assert (after.score_id, after.computed_score, after.computed_at) == (
        before.score_id,
        before.computed_score,
        before.computed_at,
    )
    assert await history_of(defined) == [request.sequence]


async def test_i4_an_older_result_replaces_no_score_and_adds_no_history(defined: SessionFactory) -> None:
    older, _, newest = await three_approvals(defined)
    await save(defined, a_computed_score(newest, 3.0))

    await save(defined, a_computed_score(older, 1.0))

    score = (await scores_of(defined))["PMT_SCORE"]
    assert (score.computed_score, score.triggered_by_cr_id) == (3.0, "CR-2")
    assert await history_of(defined) == [newest.sequence]
    assert (await request_a(defined)).computed_sequence == newest.sequence


@pytest.mark.parametrize(
    "order", list(permutations(range(3))), ids=lambda order: " then ".join(str(n + 1) for n in order)
)
async def test_i4_i5_results_in_any_order_end_with_the_newest_and_one_row_for_each_that_was_newer(
    defined: SessionFactory, order: tuple[int, ...]
) -> None:
    requests = await three_approvals(defined)

    for number in (*order, *order):
        await save(defined, a_computed_score(requests[number], float(number)))

    score = (await scores_of(defined))["PMT_SCORE"]
    assert (score.computed_score, score.sequence) == (2.0, requests[2].sequence)
    records = [number for place, number in enumerate(order) if number == max(order[: place + 1])]
    assert await history_of(defined) == [requests[number].sequence for number in reversed(records)]
    assert (await request_a(defined)).compute_status == "COMPLETED"


async def test_the_id_of_a_score_never_changes(defined: SessionFactory) -> None:
    ids = set()
    for number in range(3):
        await save(defined, a_computed_score(await asked_for(defined, "A"), float(number)))
        ids.add((await scores_of(defined))["PMT_SCORE"].score_id)

    assert len(ids) == 1
    assert len(await history_of(defined)) == 3


async def test_i1_a_newer_approval_stays_pending_when_an_older_result_is_stored(defined: SessionFactory) -> None:
    older = await asked_for(defined, "A")
    newer = await asked_for(defined, "A")

    await save(defined, a_computed_score(older))

    request = await request_a(defined)
    assert (request.compute_status, request.sequence) == ("PENDING", newer.sequence)
    assert request.computed_sequence == older.sequence
    assert (await scores_of(defined))["PMT_SCORE"].sequence == older.sequence


async def test_i1_a_failure_of_the_newest_is_still_seen_when_an_older_result_is_stored(defined: SessionFactory) -> None:
    older, newer = await asked_for(defined, "A"), await asked_for(defined, "A")
    await save(defined, a_failed_score(newer))

    await save(defined, a_computed_score(older))

    request = await request_a(defined)
    assert (request.compute_status, request.compute_latest_error_code) == ("FAILED", "ScoreInputError")


async def test_a_result_that_comes_after_its_failure_settles_the_request(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")
    await save(defined, a_failed_score(request))

    await save(defined, a_computed_score(request))

    row = await request_a(defined)
    assert (row.compute_status, row.compute_latest_error_code) == ("COMPLETED", None)
    assert row.compute_latest_error_message is None


async def test_i9_a_sequence_of_the_future_that_nobody_asked_for_is_not_stored(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")
    forged = a_request(2**63 - 1, change_request_id="CR-forged")

    await save(defined, a_computed_score(forged))
    assert await scores_of(defined) == {}
    await save(defined, a_computed_score(request, 1.0))

    score = (await scores_of(defined))["PMT_SCORE"]
    assert (score.computed_score, score.sequence) == (1.0, request.sequence)


@pytest.mark.parametrize(("record", "score_type"), [("B", "PMT_SCORE"), ("A", "LUCK_SCORE")])
async def test_i9_a_score_that_nobody_asked_for_is_not_stored(
    defined: SessionFactory, record: str, score_type: str
) -> None:
    await asked_for(defined, "A")

    await save(defined, a_computed_score(a_request(1, score_type)), record=record)

    assert await scores_of(defined, record) == {}


async def test_i7_a_failure_settles_the_request_with_a_reason_and_it_can_be_asked_for_again(
    defined: SessionFactory,
) -> None:
    request = await asked_for(defined, "A")

    await save(defined, a_failed_score(request, "income is missing; the score has no default for it"))

    row = await request_a(defined)
    assert (row.compute_status, row.compute_latest_error_code) == ("FAILED", "ScoreInputError")
    assert row.compute_latest_error_message == "income is missing; the score has no default for it"
    again = await asked_for(defined, "A")
    await save(defined, a_computed_score(again))
    assert (await request_a(defined)).compute_status == "COMPLETED"


async def test_a_failure_of_an_older_request_settles_nothing(defined: SessionFactory) -> None:
    older = await asked_for(defined, "A")
    await asked_for(defined, "A")

    await save(defined, a_failed_score(older))

    row = await request_a(defined)
    assert (row.compute_status, row.compute_latest_error_code) == ("PENDING", None)


async def test_i4_a_failure_after_the_score_does_not_take_it_back(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")
    await save(defined, a_computed_score(request))

    await save(defined, a_failed_score(request))

    assert (await request_a(defined)).compute_status == "COMPLETED"
    assert await history_of(defined) == [request.sequence]


async def test_i7_a_failure_leaves_the_score_of_the_approval_before_it_in_place(defined: SessionFactory) -> None:
    await save(defined, a_computed_score(await asked_for(defined, "A"), 1.0))

    await save(defined, a_failed_score(await asked_for(defined, "A")))

    assert (await scores_of(defined))["PMT_SCORE"].computed_score == 1.0
    assert (await request_a(defined)).compute_status == "FAILED"


async def test_i6_one_score_type_is_stored_while_the_other_fails(defined: SessionFactory) -> None:
    pmt = await asked_for(defined, "A")
    rows = await requests_of(defined, "A")
    fsf = a_request(rows["FSF_SCORE"].sequence, "FSF_SCORE")

    await save(defined, a_computed_score(pmt), a_failed_score(fsf))

    states = {name: row.compute_status for name, row in (await requests_of(defined, "A")).items()}
    assert states == {"PMT_SCORE": "COMPLETED", "FSF_SCORE": "FAILED"}
    assert list(await scores_of(defined)) == ["PMT_SCORE"]


async def test_outcomes_that_are_rolled_back_leave_nothing(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")

    async with defined() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", "A", [a_computed_score(request)]))
        await session.rollback()

    assert await scores_of(defined) == {}
    assert await history_of(defined) == []
    assert (await request_a(defined)).compute_status == "PENDING"


async def test_no_outcomes_change_nothing(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")

    await save(defined)

    assert (await request_a(defined)).sequence == request.sequence


@pytest.mark.parametrize(
    "reason",
    [pytest.param("bad \x00 value", id="a NUL"), pytest.param("half \ud800 a pair", id="half a surrogate pair")],
)
async def test_i9_a_reason_that_postgresql_cannot_hold_still_ends_as_failed(
    defined: SessionFactory, reason: str
) -> None:
    # a compute service writes this text; persisting is tried without end
    request = await asked_for(defined, "A")

    await save(defined, a_failed_score(request, reason))

    row = await request_a(defined)
    assert (row.compute_status, row.compute_latest_error_code) == ("FAILED", "ScoreInputError")
    assert (row.compute_latest_error_message or "").startswith(reason[:4])


async def test_a_failure_that_names_another_register_settles_nothing(defined: SessionFactory) -> None:
    request = await asked_for(defined, "A")

    async with defined.begin() as session:
        await save_outcomes(session, ScoreOutcomes("fishers", "A", failed=[a_failed_score(request)]))

    assert (await request_a(defined)).compute_status == "PENDING"
