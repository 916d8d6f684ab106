"""The weighted sum: arithmetic, mapping, and that nothing counts as 0 by itself."""

import json
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.compute import call_service, require_score
from scoring.errors import ScoreInputError, ScoreResultError
from scoring.json_values import JsonValue
from scoring.weighted_attributes import FROZEN_WEIGHTS
from scoring.weighted_sum import WeightedSum

HEADS = {"FEMALE_HEADED": 0.3, "MALE_HEADED": 0.1, "3": 3.5, "2.5": 2.25, "true": 1, "false": -1, "": 9}


def weighed(name: str, weightage: float, mapping: dict[str, float] | None = None) -> dict[str, JsonValue]:
    """An attribute as a request carries it; with a mapping its value is looked up there."""
    return {
        "attribute_name": name,
        "attribute_weightage": weightage,
        "attribute_computation_required": mapping is not None,
        "attribute_computation_value": None if mapping is None else {**mapping},
    }


async def compute(attributes: list[dict[str, JsonValue]], values: dict[str, Any]) -> float:
    """The score as it is stored."""
    result = await call_service(WeightedSum(), "a record", values, {FROZEN_WEIGHTS: [*attributes]})
    return require_score(result, "ANY_SCORE")


@pytest.mark.parametrize(
    ("attributes", "values", "score"),
    [
        pytest.param([weighed("a", 0.5)], {"a": 3}, 1.5, id="one"),
        pytest.param([weighed("a", 0.5), weighed("b.c", 2)], {"a": 3, "b.c": 1.25}, 4.0, id="two"),
        pytest.param([weighed("a", -0.5)], {"a": 3}, -1.5, id="a negative weight"),
        pytest.param([weighed("a", 0)], {"a": 3}, 0.0, id="no weight"),
        pytest.param([weighed("a", 1)], {"a": 0.00004}, 0.0, id="rounded to four decimals: down"),
        pytest.param([weighed("a", 1)], {"a": 0.00006}, 0.0001, id="rounded to four decimals: up"),
        pytest.param([weighed("a", 2)], {"a": 3, "b": "x"}, 6.0, id="what has no weight has no part"),
        pytest.param(
            [weighed("a", 1), weighed("b", 1), weighed("c", 1)],
            {"a": 1e17, "b": 0.5, "c": -1e17},
            0.5,
            id="great terms that cancel out",
        ),
        pytest.param([weighed("h", 10, HEADS)], {"h": "FEMALE_HEADED"}, 3.0, id="a text that is mapped"),
        pytest.param([weighed("h", 10, HEADS)], {"h": True}, 10.0, id="true"),
        pytest.param([weighed("h", 10, HEADS)], {"h": False}, -10.0, id="false"),
        pytest.param([weighed("h", 10, HEADS)], {"h": 3}, 35.0, id="a whole number"),
        pytest.param([weighed("h", 10, HEADS)], {"h": 3.0}, 35.0, id="the same with a decimal point"),
        pytest.param([weighed("h", 10, HEADS)], {"h": 2.5}, 22.5, id="a number"),
        pytest.param([weighed("h", 10, HEADS)], {"h": ""}, 90.0, id="an empty text that is mapped"),
        pytest.param([weighed("h", 10, HEADS), weighed("a", 1)], {"h": "MALE_HEADED", "a": 2}, 3.0, id="both kinds"),
    ],
)
async def test_it_is_the_sum_of_number_times_weightage(
    attributes: list[dict[str, JsonValue]], values: dict[str, Any], score: float
) -> None:
    assert await compute(attributes, values) == score


@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        pytest.param(weighed("a", 0.0), None, "a is missing", id="null"),
        pytest.param(weighed("a", 1), "31415", "a holds a text", id="a text"),
        pytest.param(weighed("a", 1), True, "a holds a boolean", id="a boolean"),
        pytest.param(weighed("a", 1), [31415], "a holds a list", id="a list"),
        pytest.param(weighed("a", 1), {"x": 31415}, "a holds an object", id="an object"),
        pytest.param(weighed("a", 1), math.nan, "a: NaN", id="NaN"),
        pytest.param(weighed("a", 1), -math.inf, "a: NaN, Infinity", id="minus Infinity"),
        pytest.param(weighed("a", 1), 10**400, "a: NaN, Infinity", id="an integer beyond a double"),
        pytest.param(weighed("a", 1, HEADS), None, "a is missing", id="null where a mapping is"),
        pytest.param(weighed("a", 1, HEADS), "31415", "a holds a value that", id="a text that is not mapped"),
        pytest.param(weighed("a", 1, HEADS), "female_headed", "a holds a value that", id="in small letters"),
        pytest.param(weighed("a", 1, {"1": 1.0}), True, "a holds a value that", id="true is not 1"),
        pytest.param(weighed("a", 1, HEADS), math.nan, "a holds a value that", id="NaN where a mapping is"),
        pytest.param(weighed("a", 1, HEADS), ["FEMALE_HEADED"], "a holds a list", id="a list where a mapping is"),
        pytest.param(weighed("a", 1, HEADS), {"x": 1}, "a holds an object", id="an object where a mapping is"),
        pytest.param(weighed("a", 1, {}), "x", "a holds a value that", id="an empty mapping"),
    ],
)
async def test_what_is_missing_or_no_number_or_not_mapped_is_told_by_its_attribute(
    attribute: dict[str, JsonValue], value: JsonValue, said: str
) -> None:
    with pytest.raises(ScoreInputError, match=said) as failed:
        await compute([weighed("b", 1), attribute], {"a": value, "b": 1})

    assert failed.value.field == "a"
    assert "31415" not in failed.value.detail


async def test_an_attribute_that_the_record_does_not_have_is_missing() -> None:
    with pytest.raises(ScoreInputError, match="a is missing"):
        await compute([weighed("a", 1)], {})


@pytest.mark.parametrize("other", [1.0, -1.0])
async def test_i9_a_sum_beyond_a_double_is_no_score(other: float) -> None:
    with pytest.raises(ScoreResultError, match="not finite"):
        await compute([weighed("a", 1e300), weighed("b", other)], {"a": 1e300, "b": 1e308})


numbers = st.floats(-1e12, 1e12) | st.integers(-(2**60), 2**60)


@given(st.dictionaries(st.text("abc.", min_size=1, max_size=4), st.tuples(numbers, numbers), max_size=6), st.data())
async def test_the_sum_is_exact_to_four_decimals_whatever_the_order(
    terms: dict[str, tuple[float, float]], data: st.DataObject
) -> None:
    attributes = [weighed(name, weightage) for name, (_, weightage) in terms.items()]
    values = {name: number for name, (number, _) in terms.items()}

    score = await compute(attributes, values)

    products = [float(number) * float(weightage) for number, weightage in terms.values()]
    assert score == round(float(sum(map(Fraction, products), Fraction(0))), 4)
    assert await compute(data.draw(st.permutations(attributes)), values) == score


@given(st.dictionaries(st.text(max_size=3), st.floats(-1e9, 1e9), min_size=1), st.floats(-1e3, 1e3), st.data())
async def test_a_mapped_text_counts_as_its_number(
    mapping: dict[str, float], weightage: float, data: st.DataObject
) -> None:
    raw = data.draw(st.sampled_from(sorted(mapping)))

    score = await compute([weighed("a", weightage, mapping)], {"a": raw})

    assert score == await compute([weighed("a", weightage)], {"a": mapping[raw]})


@given(st.integers(-(10**15), 10**15))
async def test_a_whole_number_is_mapped_alike_however_json_writes_it(number: int) -> None:
    attributes = [weighed("a", 1, {str(number): 7.0})]

    written = (json.loads(text) for text in (str(number), f"{number}.0"))

    assert [await compute(attributes, {"a": value}) for value in written] == [7.0, 7.0]
