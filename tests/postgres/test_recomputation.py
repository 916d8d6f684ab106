"""I8: any number in the history can be computed again from its own row, bit for bit."""

import math
import struct
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from objects import (
    AN_ACTOR,
    a_computed_score,
    a_request,
    a_stored_definition,
    an_approved_change,
    an_id,
    register_facts,
    wide_roads,
)
from postgres_sessions import claim_for_records, stored_scores
from scoring.compute import call_service, find_compute_service, formula_of, require_score
from scoring.messages import ComputedScore, ScoreOutcomes, ScoreRequest, ScoresRequested, read_signal
from store.database import Session, SessionFactory
from store.definitions import DefinitionChange, list_definitions, update_definition
from store.requests import request_scores
from store.scores import list_history, save_outcomes
from store.tables import G2PRegisterScoreHistory, G2PScoreComputeQueue

LAND, MEMBERS = "assets.land_area", "household.member_count"
WITH_ONE_DATABASE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)

doubles = st.floats(-1e200, 1e200)
numbers = doubles | st.integers(-(2**70), 2**70) | st.sampled_from([2**53 + 1, 5e-324, 1e22, -0.0, 0.1 + 0.2, 10**200])
weights = st.floats(-1e100, 1e100) | st.integers(-(2**70), 2**70)
json_values = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])) | numbers,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=5,
)


def bits(score: float) -> bytes:
    """The double itself: 0.0 and -0.0 differ."""
    return struct.pack("<d", score)


async def computed(record: str, request: ScoreRequest) -> ComputedScore:
    """What the compute activity makes of the request."""
    service = find_compute_service(request.score_type, request.score_config)
    result = await call_service(service, record, request.contributing_attribute_values, request.score_config)
    return ComputedScore(request, require_score(result, request.score_type), *formula_of(service))


async def computed_again(row: G2PRegisterScoreHistory) -> float:
    """The score computed from nothing but its row."""
    service = find_compute_service(row.score_type, row.score_config)
    result = await call_service(service, row.internal_record_id, row.contributing_attribute_values, row.score_config)
    return require_score(result, row.score_type)


async def approve_and_score(session: Session, values: dict[str, Any]) -> dict[str, ComputedScore]:
    """Approve a change to these values, claim its requests and store their scores, by score type."""
    record = an_id()
    await request_scores(session, an_approved_change(internal_record_id=record, record_attributes=values))
    [claimed] = [
        one for one in await claim_for_records(session, wide_roads(), timedelta(1)) if one.internal_record_id == record
    ]
    scores = [await computed(record, request) for request in claimed.requests]
    await save_outcomes(session, ScoreOutcomes("farmers", record, scores))
    return {f"{record} {score.request.score_type}": score for score in scores}


async def history_rows(session: Session, place: str) -> list[G2PRegisterScoreHistory]:
    """The history of "record type"."""
    record, score_type = place.split(" ")
    return await list_history(session, record, score_type)


async def configure(session: Session, pmt_weights: dict[str, Any], fsf_weights: dict[str, Any]) -> None:
    """Change the weights of both definitions."""
    for definition in await list_definitions(session, "farmers"):
        by_name = pmt_weights if definition.score_type == "PMT_SCORE" else fsf_weights
        change = DefinitionChange(score_config={"weights": by_name})
        await update_definition(session, AN_ACTOR, definition.score_definition_id, change, register_facts())


async def assert_recomputable(session: Session, scores: dict[str, ComputedScore]) -> None:
    """Each stored score, and each computed again from its row, has the bits of the first."""
    for place, score in scores.items():
        [row] = await history_rows(session, place)
        assert bits(row.computed_score) == bits(score.computed_score)
        assert bits(await computed_again(row)) == bits(score.computed_score)


@pytest.fixture
async def both(session: Session) -> Session:
    """A session with both definitions."""
    await a_stored_definition(session, "PMT_SCORE")
    await a_stored_definition(session, "FSF_SCORE")
    return session


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"income": 3500, LAND: 2.1, MEMBERS: 4}, id="the document's example"),
        pytest.param({"income": 0.1 + 0.2, LAND: 1 / 3, MEMBERS: 7}, id="fractions"),
        pytest.param({"income": 1e-320, LAND: 5e-324, MEMBERS: 1}, id="numbers that are hardly there"),
        pytest.param({"income": 1e307, LAND: 1.5e307, MEMBERS: 0}, id="huge doubles"),
        pytest.param(
            {"income": 2**53 + 1, LAND: 2**53 - 1, MEMBERS: 2**63 + 1}, id="integers beyond a double's digits"
        ),
        pytest.param({"income": -0.0, LAND: -0.0, MEMBERS: 0}, id="zero with a sign"),
        pytest.param({"income": -1e-9, LAND: 0, MEMBERS: 0}, id="a score that is rounded to zero from below"),
        pytest.param({"income": 1e22, LAND: 1e23, MEMBERS: 10**25}, id="doubles that JSON shows as integers"),
        pytest.param({"income": 5e-5, LAND: 0.00005, MEMBERS: 0}, id="a tie of the rounding"),
    ],
)
async def test_i8_a_score_of_awkward_values_is_computed_again_bit_for_bit(
    both: Session, values: dict[str, Any]
) -> None:
    scores = await approve_and_score(both, values)
    both.expire_all()

    assert len(scores) == 2
    await assert_recomputable(both, scores)


@WITH_ONE_DATABASE
@given(
    values=st.tuples(numbers, numbers, numbers),
    pmt=st.tuples(weights, weights, weights),
    fsf=st.tuples(weights, weights),
)
@example(values=(-1e-9, 0, 0), pmt=(0.4, 0.3, 0.3), fsf=(1, 1))
async def test_i8_any_score_is_computed_again_bit_for_bit(
    both: Session, values: tuple[Any, ...], pmt: tuple[Any, ...], fsf: tuple[Any, ...]
) -> None:
    assume(all(math.isfinite(value * weight) for value in values for weight in pmt + fsf))
    await configure(
        both, dict(zip(("income", "land_area", "member_count"), pmt, strict=True)), {"income": fsf[0], MEMBERS: fsf[1]}
    )

    scores = await approve_and_score(both, dict(zip(("income", LAND, MEMBERS), values, strict=True)))
    both.expire_all()

    await assert_recomputable(both, scores)


async def test_i8_a_score_is_computed_again_by_the_definition_of_its_time(both: Session) -> None:
    values = {"income": 3500, LAND: 2.1, MEMBERS: 4}
    before = await approve_and_score(both, values)
    await configure(both, {"income": 1 / 3}, {"income": 1 / 7, MEMBERS: -1e-3})
    after = await approve_and_score(both, values)
    both.expire_all()

    await assert_recomputable(both, before)
    await assert_recomputable(both, after)
    assert {score.computed_score for score in before.values()}.isdisjoint(
        score.computed_score for score in after.values()
    )
    assert {score.request.definition_version for score in after.values()} == {2}


def a_row(record: str) -> G2PScoreComputeQueue:
    """A request of the record as it is in the table."""
    columns = set(G2PScoreComputeQueue.__table__.columns.keys())
    request = asdict(replace(a_request(2**62), contributing_attribute_values={}))
    in_table = {name: value for name, value in request.items() if name in columns}
    return G2PScoreComputeQueue(register_id="farmers", internal_record_id=record, **in_table)


@WITH_ONE_DATABASE
@given(score=st.floats(allow_nan=False, allow_infinity=False).map(lambda score: require_score(score, "PMT_SCORE")))
@example(score=5e-324)
@example(score=-1.7976931348623157e308)
async def test_i8_any_score_of_any_service_is_stored_to_the_last_bit(session: Session, score: float) -> None:
    record = an_id()
    session.add(a_row(record))
    await session.flush()

    await save_outcomes(session, ScoreOutcomes("farmers", record, [a_computed_score(a_request(1), score)]))

    [stored] = await stored_scores(session, record)
    assert bits(stored.computed_score) == bits(score)


@WITH_ONE_DATABASE
@given(
    place=st.sampled_from(
        ["sequence", "definition_version", "change_request_id", "score_definition_id", "score_config"]
    ),
    value=json_values | st.integers(-(2**65), 2**65) | st.text(),
)
@example(place="definition_version", value=2**31)
@example(place="sequence", value=2**63 - 1)
async def test_i9_whatever_a_signal_brings_that_is_read_as_a_request_can_be_stored(
    session: Session, place: str, value: Any
) -> None:
    record = an_id()
    session.add(a_row(record))
    await session.flush()
    message = asdict(ScoresRequested([a_request(1)]))
    message["requests"][0][place] = value

    computed_scores = [a_computed_score(request) for request in read_signal(message)]
    async with session.begin_nested():
        await save_outcomes(session, ScoreOutcomes("farmers", record, computed_scores))

    assert len(await stored_scores(session, record)) == len(
        [one for one in computed_scores if one.request.sequence <= 2**62]
    )


async def test_i8_the_history_keeps_the_config_as_it_was_given(sessions: SessionFactory) -> None:
    config = {"weights": {"income": 0.1, "land_area": 1e-320, "member_count": 2**70}, "source": ["§ 10", None, True]}
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE", score_config=config)
        [place] = await approve_and_score(session, {"income": 1})

    async with sessions() as session:
        [row] = await history_rows(session, place)
    assert row.score_config == config
