"""What is told of an unforeseen exception, and of text that cannot be stored."""

import pytest

from scoring.failures import describe_exception
from scoring.json_values import storable_text


def compute_score(income: str) -> int:
    """Fail as a formula does."""
    return int(income)


def test_an_exception_is_described_by_class_and_place_and_not_by_its_text() -> None:
    with pytest.raises(ValueError, match="31415") as failed:
        compute_score("31415 shillings")

    described = describe_exception(failed.value)

    assert described.startswith("ValueError in compute_score, line ")
    assert "31415" not in described


def test_an_exception_that_was_never_raised_is_described_by_its_class() -> None:
    assert describe_exception(KeyError("31415")) == "KeyError"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        pytest.param("income is missing", "income is missing", id="a text"),
        pytest.param("ä \U0001f33e\n", "ä \U0001f33e\n", id="any letters"),
        pytest.param("a\x00b", "a?b", id="a NUL"),
        pytest.param("\ud83c and \udf3e", "? and ?", id="two halves of a pair, apart"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_character_that_cannot_be_stored_becomes_a_question_mark(text: str, stored: str) -> None:
    assert storable_text(text) == stored
