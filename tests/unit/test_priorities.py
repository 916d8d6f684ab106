"""What a request's urgency is to Temporal."""

import pytest

from objects import a_request
from scoring.priorities import MAX_FAIRNESS_KEY, as_fairness_key
from workflows.policies import bulk_priority, priority_of


@pytest.mark.parametrize("name", ["farmers", "k" * MAX_FAIRNESS_KEY, "ü" * 32])
def test_a_name_that_is_short_enough_is_its_own_key(name: str) -> None:
    assert as_fairness_key(name) == name


@pytest.mark.parametrize("name", ["k" * 65, "ü" * 33, "k" * 10_000])
def test_a_longer_name_has_a_key_that_a_server_takes_and_that_no_other_name_has(name: str) -> None:
    assert len(as_fairness_key(name).encode()) <= MAX_FAIRNESS_KEY
    assert as_fairness_key(name) == as_fairness_key(name)
    assert as_fairness_key(name) != as_fairness_key(f"{name}x")


def test_requests_together_are_as_urgent_as_the_most_urgent_of_them() -> None:
    together = priority_of([a_request(1, priority=4, fairness_key="ada"), a_request(2, priority=3, fairness_key="bob")])

    assert (together.priority_key, together.fairness_key) == (3, "bob")


def test_what_nobody_waits_for_comes_last_and_each_register_by_itself() -> None:
    bulk = bulk_priority("f" * 100)

    assert (bulk.priority_key, bulk.fairness_key) == (5, as_fairness_key("f" * 100))
