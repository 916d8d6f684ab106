"""Recomputations as bars and lines at the terminal."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from scoring.recompute_messages import RecomputationProgress, RecomputationStatus
from steadyscore.recompute_bars import RecomputeBars, as_line
from store.recomputations import Recomputation

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HALFWAY = RecomputationProgress("recompute:1", "RUNNING", total=100, looked_at=50, requested=40, outstanding=10)


def a_recomputation(**progress: Any) -> Recomputation:
    """Halfway through a register of 100."""
    return Recomputation(
        "farmers",
        "PMT_SCORE",
        only_stale=False,
        requested_at=NOW,
        updated_at=NOW,
        completed_at=None,
        progress=replace(HALFWAY, **progress),
    )


def drawn(*shown: Recomputation) -> str:
    """What stands at the terminal in the end."""
    console = Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)
    with RecomputeBars(console) as bars:
        for one in shown:
            bars.show([one])
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_line_says_all_that_there_is() -> None:
    assert as_line(a_recomputation(failed=3)) == (
        "PMT_SCORE: RUNNING, 50 of 100 records looked at, 40 requested, 10 under way, 3 failed"
    )


def test_a_line_of_one_that_failed_says_why() -> None:
    line = as_line(a_recomputation(status="FAILED", reason="the score definition for PMT_SCORE was disabled"))

    assert line.endswith("(the score definition for PMT_SCORE was disabled)")


def test_a_bar_counts_what_is_settled_and_names_what_is_not() -> None:
    text = drawn(a_recomputation(failed=3))

    assert "40/100" in text
    assert "10 under way, 3 failed" in text


def test_a_bar_follows_a_recomputation_to_its_end() -> None:
    text = drawn(a_recomputation(), a_recomputation(status="COMPLETED", looked_at=101, outstanding=0))

    assert "101/101" in text
    assert "completed" in text


@pytest.mark.parametrize(
    ("status", "is_active"),
    [
        ("REQUESTED", True),
        ("RUNNING", True),
        ("PAUSED", True),
        ("COMPLETED", False),
        ("CANCELLED", False),
        ("FAILED", False),
    ],
)
def test_three_statuses_are_ends(status: str, *, is_active: bool) -> None:
    assert RecomputationStatus(status).is_active is is_active
