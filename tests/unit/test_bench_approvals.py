"""The benchmark's generator: the same approvals from the same seed, of the shape that each workload names."""

from collections import Counter

import pytest

from bench.approvals import REGISTER, SINGLES_REGISTER, ApprovalSource, Attributes, initial_attributes
from bench.workloads import WORKLOADS, Size, Workload

SMALL = Size(records=40, seconds=2)


@pytest.mark.parametrize("workload", [one for one in WORKLOADS if not one.fixed_size], ids=lambda one: one.name)
def test_a_seed_makes_the_same_approvals_again_and_another_seed_others(workload: Workload) -> None:
    first = workload.approvals(1, SMALL)

    assert workload.approvals(1, SMALL) == first
    assert workload.approvals(2, SMALL) != first


def test_every_approval_leaves_its_change_on_top_of_the_one_before() -> None:
    attributes: dict[str, Attributes] = {}
    for approval in ApprovalSource(seed=1).uniform(count=200, records=10):
        before = attributes.get(approval.record_id, initial_attributes(approval.record_id))

        assert approval.attributes == {**before, **approval.payload}
        assert approval.attributes["income"] > before["income"]
        attributes[approval.record_id] = approval.attributes


def test_change_requests_have_ids_of_their_own() -> None:
    approvals = list(ApprovalSource(seed=1).hot(count=500, records=10))

    assert len({one.change_request_id for one in approvals}) == 500


def test_uniform_approvals_meet_all_records_alike() -> None:
    counts = Counter(one.record_id for one in ApprovalSource(seed=1).uniform(count=5_000, records=100))

    assert len(counts) == 100
    assert max(counts.values()) < 3 * min(counts.values())


def test_hot_approvals_meet_few_records_most_of_the_time() -> None:
    counts = Counter(one.record_id for one in ApprovalSource(seed=1).hot(count=5_000, records=1_000))

    assert sum(count for _, count in counts.most_common(50)) > 2_500
    assert counts["bench-000001"] == max(counts.values())


def test_a_flood_meets_each_record_once_and_as_fast_as_possible() -> None:
    approvals = list(ApprovalSource(seed=1).one_each(100))

    assert len({one.record_id for one in approvals}) == 100
    assert {one.scheduled_at for one in approvals} == {None}


def test_a_fixed_rate_has_a_moment_for_each_approval() -> None:
    approvals = list(ApprovalSource(seed=1).one_each(10, rate=5))

    assert [one.scheduled_at for one in approvals] == pytest.approx([position / 5 for position in range(10)])


def test_a_flood_with_singles_has_both_registers() -> None:
    workload = next(one for one in WORKLOADS if one.name == "flood-with-singles")

    counts = Counter(
        (one.register_id, one.scheduled_at is not None) for one in workload.approvals(1, Size(records=8_000))
    )

    assert counts == {(REGISTER, False): 8_000, (SINGLES_REGISTER, True): 40}


def test_sizes_are_taken_where_the_name_says_none() -> None:
    sizes = {one.name: one.records(Size(records=7, seconds=3)) for one in WORKLOADS}

    assert sizes == {
        "burst-uniform": 7,
        "burst-hot": 7,
        "flood": 7,
        "flood-10000": 10_000,
        "flood-100000": 100_000,
        "rate-5": 15,
        "rate-100": 300,
        "flood-with-singles": 7,
    }
