"""What the trials showed, as a table for people and as Markdown for the README."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from faults.trial import Trial

COLUMNS = (
    "fault",
    "runs",
    "approvals",
    "lost",
    "wrong",
    "double",
    "pending",
    "problems",
    "restarts",
    "by batch",
    "settled after, s",
    "p50 / p95 to score, s",
)


def as_row(trials: Sequence[Trial]) -> tuple[str, ...]:
    """The trials of one fault as a row."""
    verdicts = [trial.verdict for trial in trials]
    settled = [trial.settled_after for trial in trials if trial.settled_after is not None]
    latency = max((trial.latency for trial in trials), key=lambda one: one.p95)
    return (
        trials[0].fault,
        str(len(trials)),
        str(sum(verdict.approvals for verdict in verdicts)),
        str(sum(verdict.lost for verdict in verdicts)),
        str(sum(verdict.wrong for verdict in verdicts)),
        str(sum(verdict.double + verdict.duplicates for verdict in verdicts)),
        str(sum(verdict.pending for verdict in verdicts)),
        str(sum(len(trial.problems) + len(trial.refused) for trial in trials)),
        str(sum(trial.restarts for trial in trials)),
        str(sum(trial.by_batch for trial in trials)),
        f"{max(settled):.1f}" if len(settled) == len(trials) else "never",
        f"{latency.median:.2f} / {latency.p95:.2f}",
    )


def by_fault(trials: Sequence[Trial]) -> list[tuple[str, ...]]:
    """A row for each fault, in the order in which they were first tried."""
    names = dict.fromkeys(trial.fault for trial in trials)
    return [as_row([trial for trial in trials if trial.fault == name]) for name in names]


def slowdowns(trials: Sequence[Trial]) -> list[tuple[str, float, float]]:
    """For each trial with an ill service, by how much other records' p50 and p95 grew, in the same run."""
    well = next((trial.latency for trial in trials if trial.fault == "none"), None)
    if well is None:
        return []
    return [(trial.fault, *trial.latency.times(well)) for trial in trials if trial.fault.startswith("ill-")]


def show(console: Console, trials: Sequence[Trial]) -> None:
    """The table."""
    table = Table(*COLUMNS)
    for row in by_fault(trials):
        table.add_row(*row)
    console.print(table)
    for fault, median, p95 in slowdowns(trials):
        console.print(f"{fault}: other records' scores took {median:.2f} (p50) and {p95:.2f} (p95) times as long")


def as_markdown(trials: Sequence[Trial]) -> str:
    """The same table as Markdown."""
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *by_fault(trials)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
