"""What is told of a run, and of several runs: names, units, and how each figure comes about."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.driver import Accepted
from bench.oracle import Verdict
from bench.records import FinalScore
from bench.window import Window

Figures = dict[str, float | None]


@dataclass(frozen=True)
class Figure:
    """A column: its key in the results, its heading, and how many decimals it is told with."""

    key: str
    heading: str
    decimals: int


FIGURES: Sequence[Figure] = (
    Figure("accepted_per_second", "accepted/s", 0),
    Figure("approval_p95_ms", "approval p95 ms", 1),
    Figure("deadlocks_per_1000_approvals", "deadlocks/1,000 approvals", 1),
    Figure("settle_seconds", "settled beyond window s", 2),
    Figure("whole_seconds", "whole s", 2),
    Figure("latency_p50_ms", "latency p50 ms", 0),
    Figure("latency_p95_ms", "latency p95 ms", 0),
    Figure("latency_p99_ms", "latency p99 ms", 0),
    Figure("cpu_seconds_per_1000_approvals", "CPU s/1,000 approvals", 2),
    Figure("cpu_ms_per_computation", "CPU ms/computation", 2),
    Figure("worker_mib", "worker+relay MiB", 0),
    Figure("temporal_mib", "Temporal MiB", 0),
    Figure("events_per_computation", "events/computation", 1),
    Figure("computations_per_approval", "computations/approval", 2),
    Figure("lost", "lost", 0),
    Figure("wrong", "wrong", 0),
    Figure("double", "double", 0),
)


@dataclass(frozen=True)
class Observed:
    """What a run left for its figures to be made of."""

    log: Sequence[Accepted]
    finals: Sequence[FinalScore]
    missing: int
    computations: int
    cpu_seconds: Mapping[str, float]
    """By role: driver, postgres, worker, temporal, redis."""
    history_events: int | None
    verdict: Verdict
    memory_mib: Mapping[str, float] = field(default_factory=dict)


def figures_of(observed: Observed, window: Window, measured_register: str) -> Figures:
    """All figures of a run; None where there is nothing to tell, as a time that never came."""
    figures: Figures = dict.fromkeys(figure.key for figure in FIGURES)
    figures |= _of_approvals(observed.log)
    figures |= _of_costs(observed)
    figures |= {name: getattr(observed.verdict, name) for name in ("lost", "wrong", "double")}
    if not observed.missing:
        figures |= _of_times(observed, window, measured_register)
    return figures


def _of_approvals(log: Sequence[Accepted]) -> Figures:
    seconds = max(one.accepted_at for one in log) - min(one.wanted_at for one in log)
    return {
        "accepted_per_second": len(log) / seconds,
        "approval_p95_ms": 1000 * percentile([one.accepted_at - one.wanted_at for one in log], 95),
        "deadlocks_per_1000_approvals": 1000 * sum(one.retries for one in log) / len(log),
    }


def _of_costs(observed: Observed) -> Figures:
    approvals, computations = len(observed.log), observed.computations
    events, cpu_seconds = observed.history_events, sum(observed.cpu_seconds.values())
    return {
        "cpu_seconds_per_1000_approvals": 1000 * cpu_seconds / approvals,
        "cpu_ms_per_computation": 1000 * cpu_seconds / computations if computations else None,
        "worker_mib": observed.memory_mib.get("worker"),
        "temporal_mib": observed.memory_mib.get("temporal"),
        "events_per_computation": None if events is None or not computations else events / computations,
        "computations_per_approval": computations / approvals,
    }


def _of_times(observed: Observed, window: Window, measured_register: str) -> Figures:
    ends = window_ends(observed.log, window)
    last_stored = max(one.stored_at for one in observed.finals)
    latencies = _latencies(observed, ends, measured_register)
    return {
        "settle_seconds": max(0.0, last_stored - max(ends.values())),
        "whole_seconds": last_stored - min(one.wanted_at for one in observed.log),
        "latency_p50_ms": percentile(latencies, 50),
        "latency_p95_ms": percentile(latencies, 95),
        "latency_p99_ms": percentile(latencies, 99),
    }


def _latencies(observed: Observed, ends: Mapping[str, float], measured_register: str) -> list[float]:
    registers = {one.approval.record_id: one.approval.register_id for one in observed.log}
    # what comes when the others are done with tells nothing of how they are together
    others = [one.stored_at for one in observed.finals if registers[one.record_id] != measured_register]
    over_at = max(others, default=float("inf"))
    return [
        1000 * (one.stored_at - ends[one.record_id])
        for one in observed.finals
        if registers[one.record_id] == measured_register and ends[one.record_id] <= over_at
    ]


def window_ends(log: Iterable[Accepted], window: Window) -> Mapping[str, float]:
    """By record id: when the window of its last approval ended."""
    committed: dict[str, list[float]] = defaultdict(list)
    for one in log:
        committed[one.approval.record_id].append(one.committed_at)
    return {record_id: window.last_end(moments) for record_id, moments in committed.items()}


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent of all do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


@dataclass(frozen=True)
class Spread:
    """A figure over the rounds."""

    minimum: float
    median: float
    maximum: float


def spread(values: Iterable[float | None]) -> Spread | None:
    """None where a round has no such figure: a median of the others would hide it."""
    known = list(values)
    numbers = [value for value in known if value is not None]
    if not numbers or len(numbers) < len(known):
        return None
    return Spread(min(numbers), statistics.median(numbers), max(numbers))
