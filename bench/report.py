"""Results as tables, for a terminal and as Markdown, and as a file."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench.figures import FIGURES, Figure, spread
from bench.run import Result

NOTHING = "-"


def by_contender(results: Iterable[Result], workload: str) -> Mapping[str, Sequence[Result]]:
    """A workload's results, in the order in which the contenders ran first."""
    grouped: dict[str, list[Result]] = {}
    for result in results:
        if result.workload == workload:
            grouped.setdefault(result.contender, []).append(result)
    return grouped


def workloads_of(results: Iterable[Result]) -> list[str]:
    """The workloads that were run, each once."""
    return list(dict.fromkeys(result.workload for result in results))


def title(results: Iterable[Result], workload: str) -> str:
    """What a table is about, in a line."""
    one = next(result for result in results if result.workload == workload)
    return f"{workload}: {one.approvals:,} approvals of {one.records:,} records"


def print_tables(results: Sequence[Result], console: Console) -> None:
    """One table a workload: contenders as columns, figures as rows; minimum, median and maximum over the rounds."""
    for workload in workloads_of(results):
        contenders = by_contender(results, workload)
        table = Table(title=title(results, workload), box=box.SIMPLE_HEAD, title_justify="left")
        table.add_column("minimum / median / maximum", no_wrap=True)
        for name, runs in contenders.items():
            heads = [name, *versions_text(runs[0]).split(", ")]
            table.add_column("\n".join(heads), justify="right", overflow="fold")
        for row in _rows(contenders):
            table.add_row(*row)
        console.print(table)


def markdown(results: Sequence[Result]) -> str:
    """The same tables, the contenders as rows' heads, ready to be pasted."""
    parts = []
    for workload in workloads_of(results):
        contenders = by_contender(results, workload)
        heads = [f"{name} ({versions_text(runs[0])})" for name, runs in contenders.items()]
        lines = [f"### {title(results, workload)}", "", _line(["minimum / median / maximum", *heads])]
        lines += [_line(["---", *("---:" for _ in heads)]), *(_line(row) for row in _rows(contenders))]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace(chr(10), ' ') for cell in cells)} |"


def _rows(contenders: Mapping[str, Sequence[Result]]) -> Iterator[list[str]]:
    for figure in FIGURES:
        yield [figure.heading, *(_cell(figure, runs) for runs in contenders.values())]
    yield ["not settled", *(_remarks(runs) for runs in contenders.values())]


def _cell(figure: Figure, runs: Sequence[Result]) -> str:
    found = spread(run.figures.get(figure.key) for run in runs)
    if found is None:
        return NOTHING
    numbers = [f"{value:,.{figure.decimals}f}" for value in (found.minimum, found.median, found.maximum)]
    return numbers[0] if len(set(numbers)) == 1 else " / ".join(numbers)


def _remarks(runs: Sequence[Result]) -> str:
    remarks = [f"round {run.round}: {_remark(run)}" for run in runs if run.missing or run.failure]
    return "\n".join(remarks) or NOTHING


def _remark(run: Result) -> str:
    return "failed" if run.failure else f"{run.missing:,} scores missing"


def versions_text(run: Result) -> str:
    """What ran, in which version."""
    return ", ".join(f"{name} {version}" for name, version in run.versions.items())


def save(results: Sequence[Result], machine: str, directory: Path) -> None:
    """Write results.json, table.md and table.txt."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "results.json").write_text(json.dumps([asdict(one) for one in results], indent=1), encoding="utf-8")
    text = f"{machine}\n\n{markdown(results)}"
    (directory / "table.md").write_text(text, encoding="utf-8")
    with (directory / "table.txt").open("w", encoding="utf-8") as file:
        file.write(f"{machine}\n\n")
        print_tables(results, Console(file=file, width=240))
