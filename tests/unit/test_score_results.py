"""What a compute service may return, and what is kept of its formula."""

import math
import struct
from decimal import Decimal
from typing import Any

import pytest

from scoring.compute import formula_of, require_score
from scoring.errors import ScoreResultError
from scoring.formulas import PmtScore


class Unversioned:
    """A service as a plug-in may write it."""

    async def compute_score(
        self, internal_record_id: str, contributing_attribute_values: dict[str, Any], score_config: dict[str, Any]
    ) -> float:
        """No score worth its name."""
        del internal_record_id, contributing_attribute_values, score_config
        return 0.0


@pytest.mark.parametrize(
    ("result", "said"),
    [
        pytest.param(math.nan, "not finite", id="NaN"),
        pytest.param(math.inf, "not finite", id="Infinity"),
        pytest.param(-math.inf, "not finite", id="minus Infinity"),
        pytest.param(10**400, "not finite", id="an integer beyond a double"),
        pytest.param(None, "NoneType", id="nothing"),
        pytest.param("27182", "str", id="text"),
        pytest.param(True, "bool", id="a boolean"),
        pytest.param([27182.0], "list", id="a list"),
        pytest.param(Decimal(27182), "Decimal", id="a decimal"),
        pytest.param(27182 + 0j, "complex", id="a complex number"),
    ],
)
def test_i9_what_is_no_finite_number_is_no_score(result: object, said: str) -> None:
    with pytest.raises(ScoreResultError, match=said) as failed:
        require_score(result, "PMT_SCORE")

    assert "PMT_SCORE" in failed.value.detail
    assert "27182" not in failed.value.detail


@pytest.mark.parametrize(
    ("result", "score"),
    [
        pytest.param(47.32, 47.32, id="a double"),
        pytest.param(7, 7.0, id="an integer"),
        pytest.param(2**53 + 1, float(2**53), id="an integer between two doubles"),
        pytest.param(0, 0.0, id="zero"),
        pytest.param(5e-324, 5e-324, id="the smallest double"),
        pytest.param(-1.7976931348623157e308, -1.7976931348623157e308, id="the largest double, negative"),
    ],
)
def test_a_finite_number_is_a_score_as_a_double(result: object, score: float) -> None:
    required = require_score(result, "PMT_SCORE")

    assert type(required) is float
    assert struct.pack("<d", required) == struct.pack("<d", score)


def test_i8_a_score_of_zero_has_no_sign() -> None:
    # JSON in PostgreSQL knows no -0.0: what is stored could not be computed again bit for bit
    assert struct.pack("<d", require_score(-0.0, "PMT_SCORE")) == struct.pack("<d", 0.0)


def test_a_formula_is_known_by_its_class_and_version() -> None:
    assert formula_of(PmtScore()) == ("scoring.formulas.PmtScore", "1")


def test_a_formula_without_a_version_says_so() -> None:
    assert formula_of(Unversioned())[1] == "unversioned"
