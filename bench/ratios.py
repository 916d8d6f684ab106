"""This project beside the fastest peer of the same run: ratios outlive the machine they were measured on."""

from collections.abc import Mapping, Sequence

from rich.console import Console

from bench.figures import spread
from bench.report import by_contender, workloads_of
from bench.run import Result

COMPARED: Mapping[str, str] = {
    "settle_seconds": "settled beyond the window",
    "whole_seconds": "first approval to all settled",
    "latency_p95_ms": "p95 beyond the window",
    "cpu_seconds_per_1000_approvals": "CPU per approval",
}


def best_of(results: Sequence[Result], workload: str, key: str, kind: str) -> tuple[str, float] | None:
    """The contender of that kind with the lowest median, and the median; None where there is none."""
    found = {
        name: spread(run.figures.get(key) for run in runs)
        for name, runs in by_contender(results, workload).items()
        if runs[0].kind == kind
    }
    medians = [(one.median, name) for name, one in found.items() if one is not None]
    return (min(medians)[1], min(medians)[0]) if medians else None


def print_ratios(results: Sequence[Result], console: Console) -> None:
    """A line a workload and figure, for each road: our median as a part of the best peer's."""
    for workload in workloads_of(results):
        for key, heading in COMPARED.items():
            peer = best_of(results, workload, key, "peer")
            for name, runs in by_contender(results, workload).items():
                ours = spread(run.figures.get(key) for run in runs)
                if peer is None or ours is None or runs[0].kind != "ours":
                    continue
                line = f"{workload}: {heading}: {name} {ours.median:,.2f}, best peer {peer[0]} {peer[1]:,.2f}"
                console.print(line + (f" (ratio {ours.median / peer[1]:.2f})" if peer[1] > 0 else ""), highlight=False)
