"""The command line: `python -m bench`."""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.chart import draw, print_bars
from bench.contenders.all import CONTENDERS
from bench.machine import describe_machine
from bench.ratios import print_ratios
from bench.report import print_tables, save
from bench.rounds import Chosen, run_rounds
from bench.run import House, Result
from bench.window import Window
from bench.workloads import WORKLOADS, Size
from steadyscore.embedded.postgres import EmbeddedPostgres
from steadyscore.embedded.temporal_cli import find_temporal_cli
from steadyscore.errors import SetupError
from steadyscore.settings import read_settings

_CONTENDERS = {one.name: one for one in CONTENDERS}
_WORKLOADS = {one.name: one for one in WORKLOADS}
_WIDTH = 200

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def _known(names: list[str] | None, known: dict[str, object]) -> list[str] | None:
    for name in names or []:
        if name not in known:
            raise typer.BadParameter(f"there is no {name}; there are {', '.join(known)}")
    return names


def _known_contenders(names: list[str] | None) -> list[str] | None:
    return _known(names, dict(_CONTENDERS))


def _known_workloads(names: list[str] | None) -> list[str] | None:
    return _known(names, dict(_WORKLOADS))


Contenders = Annotated[
    list[str] | None, typer.Option(help="run this one alone; may be repeated", callback=_known_contenders)
]
Workloads = Annotated[
    list[str] | None, typer.Option(help="run this one alone; may be repeated", callback=_known_workloads)
]
Records = Annotated[int | None, typer.Option(min=1, help="of bursts and floods whose size is not in the name")]
Seconds = Annotated[float | None, typer.Option(min=1, help="of the workloads at a fixed rate")]
Output = Annotated[Path, typer.Option(help="where results, tables and chart go")]


@app.command()
def bench(  # noqa: PLR0913 - each is an option
    *,
    contender: Contenders = None,
    workload: Workloads = None,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    records: Records = None,
    seconds: Seconds = None,
    seed: int = 1,
    output: Output = Path(".steadyscore/bench"),
) -> None:
    """Measure this project beside its peers, interleaved, and print tables and a chart."""
    contenders = [_CONTENDERS[name] for name in contender or _CONTENDERS]
    workloads = [_WORKLOADS[name] for name in workload or _WORKLOADS]
    chosen = Chosen(contenders, workloads, rounds, by_name=bool(contender))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _say(describe_machine())
    results: list[Result] = []
    try:
        _run_all(chosen, Size(records, seconds), seed, output, results)
    except SetupError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        _say("stopped; what is finished follows")
        raise typer.Exit(130) from None
    finally:
        _report(results, output)


def _run_all(chosen: Chosen, size: Size, seed: int, output: Path, results: list[Result]) -> None:
    temporal_cli = find_temporal_cli(read_settings().steadyscore_home.resolve(), _say)
    work = output.resolve() / f"work-{os.getpid()}"
    try:
        with EmbeddedPostgres(work / "postgres") as postgres:
            run_rounds(House(postgres, temporal_cli, work, size, seed, Window()), chosen, results, _say)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _report(results: list[Result], output: Path) -> None:
    if not results:
        return
    console = Console(width=_WIDTH)
    print_tables(results, console)
    print_ratios(results, console)
    print_bars(results, console)
    save(results, describe_machine(), output)
    with (output / "chart.txt").open("w", encoding="utf-8") as file:
        print_ratios(results, Console(file=file, width=_WIDTH))
        print_bars(results, Console(file=file, width=_WIDTH))
    draw(results, output / "chart.png")
    _say(f"written to {output}: results.json, table.md, table.txt, chart.txt, chart.png")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
