"""The benchmark's statistics: windows, latencies, percentiles, the spread over rounds."""

import pytest

from bench.approvals import REGISTER, SINGLES_REGISTER, Approval
from bench.driver import Accepted
from bench.figures import Observed, Spread, figures_of, percentile, spread
from bench.oracle import Verdict
from bench.records import FinalScore
from bench.window import Window

WINDOW = Window(quiet=1, max_wait=5)


def accepted(record_id: str, at: float, register_id: str = REGISTER) -> Accepted:
    approval = Approval(f"CR-{record_id}-{at}", register_id, record_id, {}, {})
    return Accepted(approval, wanted_at=at - 0.01, committed_at=at, accepted_at=at + 0.01)


def observed(log: list[Accepted], finals: list[FinalScore], missing: int = 0) -> Observed:
    return Observed(
        log=log,
        finals=finals,
        missing=missing,
        computations=len(finals),
        cpu_seconds={"driver": 0.5, "worker": 1.5},
        history_events=30,
        verdict=Verdict(0, 0, 0),
        memory_mib={"worker": 100},
    )


@pytest.mark.parametrize(
    ("moments", "end"),
    [
        pytest.param([10.0], 11.0, id="one approval: its quiet period"),
        pytest.param([10.0, 10.5], 11.5, id="a second one moves the end"),
        pytest.param([10.5, 10.0], 11.5, id="in whatever order they are told"),
        pytest.param([10 + step / 2 for step in range(10)], 15.0, id="at most max_wait after the first"),
        pytest.param([10.0, 20.0], 21.0, id="after the end another burst begins"),
        pytest.param([10.0, 11.0], 12.0, id="at the end another burst begins"),
        pytest.param([10 + step / 2 for step in range(12)], 16.5, id="a burst that is cut begins anew"),
    ],
)
def test_the_window_of_the_last_approval_ends(moments: list[float], end: float) -> None:
    assert WINDOW.last_end(moments) == end


def test_latencies_begin_when_the_window_ends() -> None:
    log = [accepted("a", 10), accepted("a", 10.5), accepted("b", 12)]
    finals = [FinalScore("a", "PMT_SCORE", 11.6), FinalScore("b", "PMT_SCORE", 13.2)]

    figures = figures_of(observed(log, finals), WINDOW, REGISTER)

    assert figures["latency_p50_ms"] == pytest.approx(100)
    assert figures["latency_p99_ms"] == pytest.approx(200)
    assert figures["settle_seconds"] == pytest.approx(0.2)
    assert figures["whole_seconds"] == pytest.approx(3.21)


def test_only_the_measured_register_counts_for_latencies() -> None:
    log = [accepted("flood", 10), accepted("single", 10, SINGLES_REGISTER)]
    finals = [FinalScore("flood", "PMT_SCORE", 90), FinalScore("single", "PMT_SCORE", 11.05)]

    figures = figures_of(observed(log, finals), WINDOW, SINGLES_REGISTER)

    assert figures["latency_p99_ms"] == pytest.approx(50)
    assert figures["settle_seconds"] == pytest.approx(79)


def test_what_did_not_settle_has_costs_but_no_times() -> None:
    figures = figures_of(observed([accepted("a", 10)], [], missing=2), WINDOW, REGISTER)

    assert figures["cpu_seconds_per_1000_approvals"] == pytest.approx(2_000)
    assert figures["cpu_ms_per_computation"] is None
    assert figures["settle_seconds"] is None
    assert figures["latency_p95_ms"] is None


def test_costs_are_those_of_all_roles() -> None:
    log = [accepted("a", 10), accepted("a", 10.1)]

    figures = figures_of(observed(log, [FinalScore("a", "PMT_SCORE", 11.2)]), WINDOW, REGISTER)

    assert figures["cpu_seconds_per_1000_approvals"] == pytest.approx(1_000)
    assert figures["cpu_ms_per_computation"] == pytest.approx(2_000)
    assert figures["events_per_computation"] == 30
    assert figures["computations_per_approval"] == 0.5


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (95, 95), (99, 99), (100, 100), (1, 1)], ids=str)
def test_a_percentile_is_a_value_that_was_measured(percent: int, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), percent) == value


def test_a_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 95) == 7.0


def test_a_spread_has_the_middle_of_the_rounds() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(1.0, 2.0, 3.0)


def test_a_round_without_the_figure_leaves_no_spread() -> None:
    assert spread([3.0, None, 2.0]) is None
