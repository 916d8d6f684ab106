"""What a score is made of, kept in its history on both roads; null where the compute service does not tell."""

import pytest

from builders_world import a_builder
from objects import a_computed_score, a_stored_definition
from persisted_builders import Compute, by_batch, by_record, history_of, persist
from postgres_sessions import asked_for, claim_due, rows_in
from scoring.batch_messages import ComputedBatch, ScoresOfBatch
from scoring.messages import ScoreOutcomes
from store.database import SessionFactory
from store.scores import list_history

AWKWARD = {"points": 7, "share": 0.1 + 0.2, "words": "ä \U0001f33e", "nested": {"list": [None, True]}}


@pytest.mark.parametrize(
    "compute", [pytest.param(by_record, id="record road"), pytest.param(by_batch, id="batch road")]
)
@pytest.mark.parametrize("breakdown", [pytest.param(AWKWARD, id="told"), {}, pytest.param(None, id="not told")])
async def test_a_breakdown_is_kept_as_it_was_told(
    sessions: SessionFactory, compute: Compute, breakdown: dict[str, object] | None
) -> None:
    async with sessions.begin() as session:
        users = [(await a_builder(session)).user_id for _ in range(2)]

    await persist(sessions, *await compute(sessions, dict.fromkeys(users, 7.0), breakdown))

    for user_id in users:
        [row] = await history_of(sessions, user_id)
        assert row.breakdown == breakdown


async def test_each_score_of_a_batch_has_its_own_breakdown(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        for score_type in ("PMT_SCORE", "FSF_SCORE"):
            await a_stored_definition(session, score_type)
    for record in "ABC":
        await asked_for(sessions, record)
    [batch] = await claim_due(sessions)
    pmt, fsf = [[row.sequence for row in await rows_in(sessions, batch, one)] for one in ("PMT_SCORE", "FSF_SCORE")]
    parts = [
        ScoresOfBatch("formula of FSF", "1", fsf, [1.0, 2.0, 3.0]),
        ScoresOfBatch("formula of PMT", "1", pmt, [4.0, 5.0, 6.0], [{"of": "A"}, None, {"of": "C"}]),
    ]

    await persist(sessions, ComputedBatch(batch.batch_id, parts, register_id="farmers"))

    async with sessions() as session:
        kept = {
            (record, score_type): (await list_history(session, record, score_type))[0].breakdown
            for record in "ABC"
            for score_type in ("PMT_SCORE", "FSF_SCORE")
        }
    of_pmt = {"A": {"of": "A"}, "B": None, "C": {"of": "C"}}
    assert kept == {(record, "FSF_SCORE"): None for record in "ABC"} | {
        (record, "PMT_SCORE"): told for record, told in of_pmt.items()
    }


async def test_of_two_results_of_one_sequence_the_first_ones_breakdown_stays(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        user_id = (await a_builder(session)).user_id
    first = await by_record(sessions, {user_id: 7.0}, {"told": "first"})
    second = await by_record(sessions, {user_id: 8.0}, {"told": "second"})

    await persist(sessions, *first, *second)

    assert [row.breakdown for row in await history_of(sessions, user_id)] == [{"told": "first"}]


async def test_a_score_of_the_registry_has_none(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        await a_stored_definition(session)
    request = await asked_for(sessions, "A")

    await persist(sessions, ScoreOutcomes("farmers", "A", [a_computed_score(request)]))

    async with sessions() as session:
        [row] = await list_history(session, "A", "PMT_SCORE")
    assert row.breakdown is None
