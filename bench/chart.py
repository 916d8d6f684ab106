"""The chart: a PNG, and bars of text for the terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from bench.figures import Spread, spread
from bench.report import by_contender, title, workloads_of
from bench.run import Result

CHARTED: Mapping[str, str] = {
    "whole_seconds": "first approval to all settled, s",
    "cpu_seconds_per_1000_approvals": "CPU s per 1,000 approvals",
    "latency_p95_ms": "p95 beyond the window, ms",
}
_BAR_WIDTH = 40
_COLOURS = {"steadyscore": "#1b6e53", "bare": "#9a9a9a"}
_PEER_COLOUR = "#c9742b"


def medians(results: Sequence[Result], workload: str, key: str) -> Mapping[str, Spread | None]:
    """By contender; None where a round has no such figure."""
    return {
        name: spread(run.figures.get(key) for run in runs) for name, runs in by_contender(results, workload).items()
    }


def print_bars(results: Sequence[Result], console: Console) -> None:
    """Bars of the medians, as long as they are to each other."""
    for workload in workloads_of(results):
        for key, heading in CHARTED.items():
            found = medians(results, workload, key)
            longest = max((one.median for one in found.values() if one), default=0)
            console.print(f"\n[bold]{escape(title(results, workload))}[/]: {heading}")
            for name, one in found.items():
                console.print(f"  {name:22} {_bar(one, longest)}", highlight=False)


def _bar(one: Spread | None, longest: float) -> str:
    if one is None:
        return "not settled"
    length = round(_BAR_WIDTH * max(0.0, one.median) / longest) if longest > 0 else 0
    return f"{'█' * length}{'' if length else '▏'} {one.median:,.2f}"


def draw(results: Sequence[Result], path: Path) -> None:
    """One row of panels a workload, medians as bars on a logarithmic scale, minimum and maximum as whiskers."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - its start takes a second, and only a chart needs it

    workloads = workloads_of(results)
    contenders = max(len(by_contender(results, workload)) for workload in workloads)
    size = (5 * len(CHARTED), len(workloads) * (1.1 + 0.3 * contenders))
    panels = Figure(figsize=size, layout="constrained")
    axes = panels.subplots(len(workloads), len(CHARTED), squeeze=False)
    for row, workload in zip(axes, workloads, strict=True):
        row[0].set_title(title(results, workload), loc="left", fontsize="medium", fontweight="bold")
        for axis, (key, heading) in zip(row, CHARTED.items(), strict=True):
            _draw_panel(axis, medians(results, workload, key))
            axis.set_xlabel(heading)
    panels.savefig(path, dpi=120)


def _tick(number: float) -> str:
    return f"{number / 1000:g}k" if abs(number) >= 1000 else f"{number:g}"  # noqa: PLR2004 - a thousand


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"  # noqa: PLR2004 - three digits tell enough


def _draw_panel(axis: Any, found: Mapping[str, Spread | None]) -> None:
    for position, (name, one) in enumerate(found.items()):
        if one is None:
            axis.text(0.02, position, "not settled", transform=axis.get_yaxis_transform(), va="center", color="#b00020")
            continue
        colour = _COLOURS.get(name.split("-")[0], _PEER_COLOUR)
        whiskers = [[max(0.0, one.median - one.minimum)], [max(0.0, one.maximum - one.median)]]
        axis.barh(position, max(0.0, one.median), color=colour, xerr=whiskers, capsize=2)
        axis.annotate(f" {_short(one.median)}", (max(0.0, one.maximum), position), va="center", fontsize="small")
    axis.set_yticks(range(len(found)), list(found))
    axis.invert_yaxis()
    # from nothing to the slowest contender: small ones stay visible, and 0 has a place
    axis.set_xscale("symlog", linthresh=1)
    axis.xaxis.set_major_formatter(lambda value, _: _tick(value))
    axis.margins(x=0.25)
    axis.spines[["top", "right"]].set_visible(False)
