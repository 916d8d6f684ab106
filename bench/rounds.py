"""Interleaved rounds: every contender once a workload, then all of it again."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.contenders.contender import Contender
from bench.run import House, Result, run_once
from bench.workloads import Workload

Say = Callable[[str], None]


@dataclass(frozen=True)
class Chosen:
    """What to run."""

    contenders: Sequence[Contender]
    workloads: Sequence[Workload]
    rounds: int
    by_name: bool
    """Contenders were named: then they run what else they leave out."""

    def runs(self) -> Iterator[tuple[int, Workload, Contender]]:
        """In order: what the machine does besides hits all contenders alike."""
        for number in range(1, self.rounds + 1):
            for workload in self.workloads:
                for contender in self.contenders:
                    if self.by_name or workload.name not in contender.left_out:
                        yield number, workload, contender


def run_rounds(house: House, chosen: Chosen, results: list[Result], say: Say) -> None:
    """Run all; what is finished is in `results`, even when Ctrl-C ends it."""
    for number, workload, contender in chosen.runs():
        say(f"round {number} of {chosen.rounds}: {workload.name}: {contender.name} ({contender.what})")
        result = asyncio.run(run_once(house, contender, workload, number))
        results.append(result)
        say(f"  {in_a_line(result)}")


def in_a_line(result: Result) -> str:
    """The figures that tell most."""
    if result.failure:
        return f"failed: {result.failure}"
    figures = result.figures
    verdict = f"lost {figures['lost']}, wrong {figures['wrong']}, double {figures['double']}"
    cpu = f"{figures['cpu_seconds_per_1000_approvals']:.2f} CPU s per 1,000 approvals"
    if result.missing:
        return f"not settled, {result.missing} scores missing; {cpu}; {verdict}"
    return (
        f"{figures['accepted_per_second']:.0f} accepted a second; settled {figures['settle_seconds']:.2f} s beyond the"
        f" window, p95 {figures['latency_p95_ms']:.0f} ms; {cpu}; {verdict}"
    )
