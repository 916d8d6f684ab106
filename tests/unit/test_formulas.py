"""The formulas that ship here: arithmetic, what is missing, what is no number."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objects import FSF_CONFIG
from scoring.compute import ScoreComputeService, require_score
from scoring.errors import ScoreInputError, ScoreResultError
from scoring.formulas import FsfScore, PmtScore

LAND, MEMBERS = "assets.land_area", "household.member_count"
VALUES: dict[str, Any] = {"income": 3500, LAND: 2.1, MEMBERS: 4}

numbers = st.floats(-1e12, 1e12) | st.integers(-(2**60), 2**60)
weights = st.floats(-1e6, 1e6) | st.integers(-9, 9)


async def compute(service: ScoreComputeService, values: dict[str, Any], config: dict[str, Any]) -> float:
    """What the service makes of the values."""
    return await service.compute_score("a record", values, config)


def bits(score: float) -> bytes:
    """The double itself: 0.0 and -0.0 differ."""
    return struct.pack("<d", score)


@pytest.mark.parametrize(
    ("values", "given_weights", "score"),
    [
        pytest.param(VALUES, {}, 1401.83, id="the document's example with its default weights"),
        pytest.param(VALUES | {"income": 5000}, {}, 2001.83, id="the same before the change"),
        pytest.param(VALUES, {"income": 1, "land_area": 10, "member_count": 0}, 3521.0, id="weights of its own"),
        pytest.param(VALUES, {"member_count": -100}, 1000.63, id="one weight of its own, the others by default"),
        pytest.param({}, {}, 0.3, id="nothing: no income, no land, one member"),
        pytest.param({"income": 1000}, {}, 400.3, id="income alone"),
        pytest.param({LAND: 1}, {}, 0.6, id="land alone"),
        pytest.param({MEMBERS: 0}, {}, 0.0, id="no member is not a missing one"),
        pytest.param({"income": None, LAND: None, MEMBERS: None}, {}, 0.3, id="null counts as missing"),
        pytest.param({"income": 0.00012}, {}, 0.3, id="rounded to four decimals: down"),
        pytest.param({"income": 0.00018}, {}, 0.3001, id="rounded to four decimals: up"),
        pytest.param({"income": -10, MEMBERS: 0}, {}, -4.0, id="below zero"),
        pytest.param(VALUES | {"phone": "07"}, {}, 1401.83, id="other values have no part in it"),
    ],
)
async def test_the_proxy_means_test_is_a_weighted_sum(
    values: dict[str, Any], given_weights: dict[str, float], score: float
) -> None:
    assert await compute(PmtScore(), values, {"weights": given_weights}) == score


@pytest.mark.parametrize("config", [{}, {"weights": {}}, {"weights": None}, {"note": "x"}])
async def test_the_proxy_means_test_has_default_weights(config: dict[str, Any]) -> None:
    assert await compute(PmtScore(), VALUES, config) == 1401.83


@pytest.mark.parametrize(
    ("values", "given_weights", "score"),
    [
        pytest.param({"income": 3500, MEMBERS: 4}, FSF_CONFIG["weights"], 67.0, id="two values"),
        pytest.param({"income": 3}, {"income": 0.1}, 0.3, id="one value"),
        pytest.param(
            {"a": 1e17, "b": 0.5, "c": -1e17}, {"a": 1, "b": 1, "c": 1}, 0.5, id="great terms that cancel out"
        ),
        pytest.param({"a": 0.1, "b": 0.2}, {"a": 1, "b": 1}, 0.3, id="rounded to four decimals"),
        pytest.param({"income": 1, "other": "x"}, {"income": 2}, 2.0, id="what has no weight has no part"),
    ],
)
async def test_the_food_security_score_is_a_weighted_sum(
    values: dict[str, Any], given_weights: dict[str, float], score: float
) -> None:
    assert await compute(FsfScore(), values, {"weights": given_weights}) == score


@pytest.mark.parametrize("values", [{"income": 1}, {"income": 1, MEMBERS: None}])
async def test_the_food_security_score_has_no_default_for_a_missing_value(values: dict[str, Any]) -> None:
    with pytest.raises(ScoreInputError, match=MEMBERS) as failed:
        await compute(FsfScore(), values, FSF_CONFIG)

    assert failed.value.field == MEMBERS


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("Mozart-31415", id="text"),
        pytest.param("31415", id="text that looks like a number"),
        pytest.param(["31415"], id="a list"),
        pytest.param({"31415": 31415}, id="an object"),
        pytest.param(True, id="a boolean"),
        pytest.param(float("nan"), id="NaN"),
        pytest.param(float("inf"), id="Infinity"),
        pytest.param(31415 * 10**400, id="an integer beyond a double"),
    ],
)
@pytest.mark.parametrize(
    ("service", "config"),
    [pytest.param(PmtScore(), {}, id="PMT_SCORE"), pytest.param(FsfScore(), FSF_CONFIG, id="FSF_SCORE")],
)
async def test_what_is_no_number_fails_by_its_attribute_and_is_not_shown(
    service: ScoreComputeService, config: dict[str, Any], value: Any
) -> None:
    with pytest.raises(ScoreInputError, match=MEMBERS) as failed:
        await compute(service, VALUES | {MEMBERS: value}, config)

    assert failed.value.field == MEMBERS
    assert "31415" not in failed.value.detail
    assert "True" not in failed.value.detail


@given(st.permutations([("income", 1e9), (LAND, 0.1), (MEMBERS, 7)]), st.permutations(["income", "land_area"]), numbers)
async def test_i8_the_order_of_values_and_weights_changes_no_bit_of_the_proxy_means_test(
    order: list[tuple[str, float]], weight_order: list[str], number: float
) -> None:
    by_name = {"income": number, "land_area": 1 / 3}
    in_order = await compute(PmtScore(), dict(sorted(order)), {"weights": by_name})

    score = await compute(PmtScore(), dict(order), {"weights": {name: by_name[name] for name in weight_order}})

    assert bits(score) == bits(in_order)


@given(st.dictionaries(st.text("abc", min_size=1), st.tuples(numbers, weights), min_size=1, max_size=6), st.randoms())
async def test_i8_the_order_of_values_and_weights_changes_no_bit_of_the_food_security_score(
    terms: dict[str, tuple[float, float]], random: Any
) -> None:
    shuffled = list(terms)
    random.shuffle(shuffled)
    in_order = {"weights": {name: weight for name, (_, weight) in terms.items()}}
    mixed = {"weights": {name: terms[name][1] for name in shuffled}}

    score = await compute(FsfScore(), {name: terms[name][0] for name in reversed(shuffled)}, mixed)

    assert bits(score) == bits(await compute(FsfScore(), {name: value for name, (value, _) in terms.items()}, in_order))


@pytest.mark.parametrize(
    ("service", "values", "given_weights"),
    [
        pytest.param(PmtScore(), {"income": 1e308}, {"income": 1e10}, id="PMT_SCORE, doubles"),
        pytest.param(PmtScore(), {"income": 10**308}, {"income": 10}, id="PMT_SCORE, integers"),
        pytest.param(
            PmtScore(), {"income": 1e308, LAND: 1e308}, {"income": 9, "land_area": -9}, id="PMT_SCORE, both ends"
        ),
        pytest.param(FsfScore(), {"income": 1e308}, {"income": 1e10}, id="FSF_SCORE, doubles"),
        pytest.param(FsfScore(), {"income": 10**308}, {"income": 10}, id="FSF_SCORE, integers"),
        pytest.param(FsfScore(), {"income": 1.7e308, LAND: 1.7e308}, {"income": 1, LAND: 1}, id="FSF_SCORE, the sum"),
        pytest.param(FsfScore(), {"income": 1e308, LAND: 1e308}, {"income": 9, LAND: -9}, id="FSF_SCORE, both ends"),
    ],
)
async def test_i7_a_sum_beyond_a_double_fails_for_good(
    service: ScoreComputeService, values: dict[str, Any], given_weights: dict[str, float]
) -> None:
    with pytest.raises((ScoreInputError, ScoreResultError)):
        require_score(await compute(service, values, {"weights": given_weights}), "A_SCORE")


def test_the_formulas_tell_their_version() -> None:
    assert (PmtScore.formula_version, FsfScore.formula_version) == ("1", "1")
