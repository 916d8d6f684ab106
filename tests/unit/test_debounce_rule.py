"""The debounce rule: min(last approval + quiet_period, first approval + max_wait)."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.debounce import MAX_SECONDS, DebouncePolicy
from scoring.errors import InvalidDefinition

NOON = datetime(2026, 4, 8, 12, tzinfo=UTC)

seconds = st.floats(min_value=0, max_value=MAX_SECONDS)
policies = st.tuples(seconds, seconds).map(lambda two: DebouncePolicy(min(two), max(two)))
instants = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
gaps = st.timedeltas(timedelta(0), timedelta(days=60))


def after(offset: float) -> timedelta:
    """So many seconds."""
    return timedelta(seconds=offset)


@pytest.mark.parametrize(
    ("quiet_period", "max_wait", "approvals", "due"),
    [
        pytest.param(2, 10, [0], 2, id="one approval: after the quiet period"),
        pytest.param(2, 10, [0, 1], 3, id="a second approval moves the deadline"),
        pytest.param(2, 10, [0, 1, 2, 3, 4, 5, 6, 7], 9, id="a burst moves it as long as it goes on"),
        pytest.param(2, 10, [0, 8], 10, id="quiet period and longest wait end together"),
        pytest.param(2, 10, [0, 9.5], 10, id="the longest wait cuts a burst"),
        pytest.param(2, 10, [0, 11], 10, id="an approval after the longest wait does not move it"),
        pytest.param(300, 300, [0], 300, id="fixed window: one approval"),
        pytest.param(300, 300, [0, 299], 300, id="fixed window: a late approval does not move it"),
        pytest.param(0, 0, [0], 0, id="no window: at once"),
        pytest.param(0, 10, [0, 4], 4, id="no quiet period: with the last approval"),
        pytest.param(0.25, 1, [0, 0.5], 0.75, id="fractions of a second"),
    ],
)
def test_a_burst_is_due_after_quiet_or_after_the_longest_wait(
    quiet_period: float, max_wait: float, approvals: list[float], due: float
) -> None:
    policy = DebouncePolicy(quiet_period, max_wait)

    due_at = policy.due_at(NOON + after(approvals[0]), NOON + after(approvals[-1]))

    assert due_at == NOON + after(due)


@given(policies, instants, gaps)
def test_due_lies_between_the_first_quiet_period_and_the_longest_wait(
    policy: DebouncePolicy, first: datetime, burst: timedelta
) -> None:
    due_at = policy.due_at(first, first + burst)

    assert first + after(policy.quiet_period) <= due_at <= first + after(policy.max_wait)


@given(policies, instants, gaps)
def test_due_is_never_later_than_the_last_approval_and_its_quiet_period(
    policy: DebouncePolicy, first: datetime, burst: timedelta
) -> None:
    assert policy.due_at(first, first + burst) <= first + burst + after(policy.quiet_period)


@given(policies, instants, gaps, gaps)
def test_a_later_approval_never_makes_it_due_earlier(
    policy: DebouncePolicy, first: datetime, burst: timedelta, more: timedelta
) -> None:
    assert policy.due_at(first, first + burst) <= policy.due_at(first, first + burst + more)


@given(policies, instants, gaps)
def test_due_is_one_of_the_two_ends(policy: DebouncePolicy, first: datetime, burst: timedelta) -> None:
    ends = {first + burst + after(policy.quiet_period), first + after(policy.max_wait)}

    assert policy.due_at(first, first + burst) in ends


@given(seconds, instants, gaps)
def test_equal_periods_are_a_fixed_window(window: float, first: datetime, burst: timedelta) -> None:
    assert DebouncePolicy(window, window).due_at(first, first + burst) == first + after(window)


@pytest.mark.parametrize(
    ("quiet_period", "max_wait", "field"),
    [
        pytest.param(-1, 10, "debounce.quiet_period", id="a negative quiet period"),
        pytest.param(-2, -1, "debounce.quiet_period", id="both negative"),
        pytest.param(math.nan, 10, "debounce.quiet_period", id="NaN"),
        pytest.param(1, math.nan, "debounce.max_wait", id="NaN as the longest wait"),
        pytest.param(1, math.inf, "debounce.max_wait", id="Infinity"),
        pytest.param(1, MAX_SECONDS + 1, "debounce.max_wait", id="over 30 days"),
        pytest.param(10**400, 10**400, "debounce.quiet_period", id="an integer beyond a double"),
        pytest.param(0, 10**400, "debounce.max_wait", id="an integer beyond a double as the longest wait"),
        pytest.param(2, 1, "debounce.max_wait", id="a longest wait below the quiet period"),
        pytest.param("2", 10, "debounce.quiet_period", id="text"),
        pytest.param(True, 10, "debounce.quiet_period", id="a boolean"),
        pytest.param(None, 10, "debounce.quiet_period", id="null"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_by_its_field(quiet_period: Any, max_wait: Any, field: str) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        DebouncePolicy(quiet_period, max_wait)

    assert refused.value.field == field


def test_the_longest_wait_may_be_thirty_days() -> None:
    assert DebouncePolicy(0, 30 * 24 * 3600).due_at(NOON, NOON) == NOON
