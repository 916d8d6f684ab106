"""`python -m faults`: try every fault on a stand of separate processes and say what was lost, wrong or double."""

import argparse
import asyncio
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from faults.catalogue import FAULTS, a_mix
from faults.report import as_markdown, show, slowdowns
from faults.scene import FULL, SHORT, Fault, Scale
from faults.stand import Stand
from faults.temporal_build import TemporalPrograms, find_temporal_server
from faults.trial import BETWEEN, Trial, try_faults
from steadyscore.embedded.temporal_cli import find_temporal_cli

HOME = Path(".steadyscore").resolve()
FAULTS_IN_A_MIX = 4
MIXES = 3
MAX_SLOWDOWN = 2.0

# piped, it would be cut to 80 columns
console = Console(highlight=False, width=None if sys.stdout.isatty() else 180)


def main() -> int:
    """Try what was asked for; 1 where something did not hold."""
    options = _options()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    console.print(f"seed {seed} draws the loads and the mixes")
    programs = find_temporal_server(HOME, console.print)
    cli = find_temporal_cli(HOME, console.print)
    trials = asyncio.run(_try(options, programs, cli, seed))
    show(console, trials)
    wrong = [trial for trial in trials if not trial.is_clean]
    for trial in wrong:
        console.print(f"\n{trial.told()}\nagain: {_command(trial, options)}", markup=False)
    # a ratio within one run, and none of `make test`'s: that must not depend on the machine
    slow = [fault for fault, median, _ in slowdowns(trials) if median > MAX_SLOWDOWN]
    for fault in slow:
        console.print(f"\n{fault} made other records more than {MAX_SLOWDOWN} times as slow")
    return 1 if wrong or slow else 0


async def _try(options: argparse.Namespace, programs: TemporalPrograms, cli: Path, seed: int) -> list[Trial]:
    scale: Scale = SHORT if options.short else FULL
    trials: list[Trial] = []
    async with Stand(programs, logs=options.logs) as stand:
        for faults, own_seed in _chosen(options, seed):
            trials.append(_told(await try_faults(stand, cli, faults, scale, own_seed)))
            if options.markdown:
                options.markdown.write_text(as_markdown(trials), encoding="utf-8")
    return trials


def _chosen(options: argparse.Namespace, seed: int) -> Iterator[tuple[list[Fault], int]]:
    """The faults of each trial, and its seed."""
    if options.mix:
        yield options.mix, seed
        return
    for name in _names(options):
        for run in range(options.runs):
            yield [FAULTS[name]], seed + run
    numbers = random.Random(seed)  # noqa: S311 - data for a test, not a secret
    mixes = options.mixes if options.mixes is not None else 0 if options.short or options.fault else MIXES
    for _ in range(mixes):
        yield a_mix(numbers, FAULTS_IN_A_MIX), numbers.randrange(10**6)


def _names(options: argparse.Namespace) -> list[str]:
    names = options.fault or [name for name, fault in FAULTS.items() if fault.in_short or not options.short]
    is_alone = "none" not in names and all(name.startswith("ill-") for name in names)
    # there must be something to compare other records' latency with
    return ["none", *names] if is_alone else names


def _mix(names: str) -> list[Fault]:
    try:
        return [FAULTS[name] for name in names.split(",")]
    except KeyError as error:
        raise argparse.ArgumentTypeError(f"there is no fault {error}") from error


def _command(trial: Trial, options: argparse.Namespace) -> str:
    """How to repeat it."""
    names = trial.fault.split(BETWEEN)
    what = f"--fault {names[0]}" if len(names) == 1 else f"--mix {','.join(names)}"
    return f'make faults ARGS="{"--short " if options.short else ""}{what} --seed {trial.seed}"'


def _told(trial: Trial) -> Trial:
    what = "[green]held[/]" if trial.is_clean else "[bold red]DID NOT HOLD[/]"
    console.print(
        f"{time.strftime('%H:%M:%S')} {trial.fault} (seed {trial.seed}): {what}, {trial.verdict.approvals} approvals"
    )
    for note in [*trial.notes, *trial.problems, *trial.refused[:5]]:
        console.print(f"    {note}", markup=False)
    return trial


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="small loads and short outages, as `make test` has them")
    parser.add_argument("--fault", action="append", choices=list(FAULTS), help="only this one; may be repeated")
    parser.add_argument("--runs", type=int, default=1, help="of each fault, each with a seed of its own")
    parser.add_argument("--mixes", type=int, help="runs with several faults drawn at random; 3 of a full run")
    parser.add_argument("--mix", type=_mix, metavar="FAULT,FAULT,…", help="one run with these, and nothing else")
    parser.add_argument("--seed", type=int, help="of loads and mixes; drawn and printed where none is given")
    parser.add_argument("--logs", type=Path, help="keep the processes' logs here")
    parser.add_argument("--markdown", type=Path, help="write the table there, too")
    return parser.parse_args()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
