"""`make model`: check the protocol's model, and that each planted mistake is found.

The checker is TLC, one jar from Maven (tools/locked_jars.py). The model is docs/model/steadyscore.tla; what every check
says of it stands in docs/model/README.md.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.locked_jars import java_command, read_lock, verified_jars
from tools.model_trace import Step, read_steps, write_steps

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "docs" / "model"
LOCK = MODEL / "checker.lock.toml"
HOME = ROOT / os.environ.get("STEADYSCORE_HOME", ".steadyscore")
JVM_OPTIONS = ("-Xmx1g", "-XX:+UseParallelGC", "--enable-native-access=ALL-UNNAMED")
HELD = "No error has been found"
LONGEST = 1_200
"""Seconds that one check may take, on a machine that is busy with other things."""


@dataclass(frozen=True)
class Check:
    """The model with some of its constants changed, and what is expected of it.

    `breaks` is the property that must not hold; it is then the only one that is looked at, so that the counterexample
    is about it. None: everything in right.cfg must hold.
    """

    name: str
    constants: tuple[str, ...] = ()
    breaks: str | None = None


RIGHT = Check("the protocol as it is")
MISTAKES = (
    Check(
        "OpenG2P's mistake 1: PROCESSING is committed before anything is sent, and nobody looks at PROCESSING",
        ("ProcessingBeforeSend = TRUE", "NoSweeper = TRUE", "MaxWipes = 0"),
        "EndsWithTheLatest",
    ),
    Check(
        "OpenG2P's mistake 3: nothing orders what is stored",
        ("NoOrder = TRUE", "MaxFaults = 0", "MaxWipes = 0"),
        "I4_OnlyNewerReplaces",
    ),
    Check(
        "OpenG2P's mistake 4: the same as the last completed snapshot is skipped",
        ("SkipIfSameAsLastCompleted = TRUE", "MaxFaults = 0", "MaxWipes = 0"),
        "I1_Visible",
    ),
)
PARTS = (
    Check("without the sweeper, and Temporal is wiped", ("NoSweeper = TRUE", "MaxFaults = 0"), "EndsWithTheLatest"),
    Check("without the sweeper, and Temporal is never wiped", ("NoSweeper = TRUE", "MaxWipes = 0")),
    Check("one computation fails for good", ("MaxFailures = 1", "MaxWipes = 0")),
    Check("a claim that never ends", ("ClaimForEver = TRUE", "MaxWipes = 0"), "EndsWithTheLatest"),
    Check(
        "the sequence is drawn before the lock",
        ("SequenceBeforeLock = TRUE", "MaxFaults = 0", "MaxWipes = 0"),
        "OrderOfCommits",
    ),
    Check(
        "the persist completes a request that is newer by now",
        ("SettleBlindly = TRUE", "MaxFaults = 0", "MaxWipes = 0"),
        "I1_Visible",
    ),
    Check(
        "the mark covers a request that is newer by now, without the sweeper",
        ("MarkBlindly = TRUE", "NoSweeper = TRUE", "MaxFaults = 0", "MaxWipes = 0"),
        "EndsWithTheLatest",
    ),
    Check(
        "a run ends with signals that it has not read, without the sweeper",
        ("EndBlindly = TRUE", "NoSweeper = TRUE", "MaxFaults = 0", "MaxWipes = 0"),
        "EndsWithTheLatest",
    ),
)


@dataclass(frozen=True)
class Finding:
    """What TLC said: whether everything held, the steps that break it, and how much it looked at."""

    held: bool
    steps: list[Step]
    states: int
    depth: int


class CheckerError(Exception):
    """TLC neither finished nor found a counterexample."""


def configuration(check: Check, base: str) -> str:
    """The configuration of a check: right.cfg with its constants, and only the property that is to break."""
    for constant in check.constants:
        name, _, value = constant.partition(" = ")
        base, found = re.subn(rf"^(\s+{name}) = \w+$", rf"\1 = {value}", base, flags=re.MULTILINE)
        if found != 1:
            raise CheckerError(f"right.cfg does not say once what {name} is")
    if check.breaks is None:
        return base
    kind = "INVARIANT" if re.search(rf"INVARIANTS[^=]*\b{check.breaks}\b[^=]*PROPERTIES", base) else "PROPERTY"
    # a deadlock would be found first where the end that is not reached is what is looked for
    return base.partition("INVARIANTS")[0] + f"{kind} {check.breaks}\nCHECK_DEADLOCK FALSE\n"


def read_finding(output: str) -> Finding:
    """Read what TLC printed."""
    counted = re.findall(r"([\d,]+) distinct states found", output)
    depth = re.search(r"depth of the complete state graph search is (\d+)", output)
    held = HELD in output
    steps = [] if held else read_steps(output)
    if not counted or not (held or steps):
        raise CheckerError(f"TLC did not come to an end:\n{output}")
    return Finding(held, steps, int(counted[-1].replace(",", "")), int(depth[1]) if depth else len(steps))


def run_check(check: Check, jars: Sequence[Path]) -> Finding:
    """Run TLC, all states, in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="steadyscore-model-") as directory:
        # TLC looks for all its files beside the model
        model = Path(shutil.copy(MODEL / "steadyscore.tla", directory))
        model.with_suffix(".cfg").write_text(
            configuration(check, (MODEL / "right.cfg").read_text(encoding="utf-8")), encoding="utf-8"
        )
        java = java_command((*JVM_OPTIONS, f"-Djava.io.tmpdir={directory}"), jars, "tlc2.TLC")
        arguments = ("-workers", "auto", "-lncheck", "final", "-metadir", directory, model.name)
        done = subprocess.run(
            [*java, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
            cwd=directory,
        )
    return read_finding(done.stdout + done.stderr)


def is_as_expected(check: Check, finding: Finding) -> bool:
    """Whether what must hold holds and what must break breaks."""
    return finding.held is (check.breaks is None)


def say(text: str) -> None:
    """A line for whoever waits."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def tell(check: Check, finding: Finding, seconds: float) -> None:
    """Say what was looked at and found."""
    found = "holds" if finding.held else f"breaks {check.breaks or 'a property'}, in {len(finding.steps) - 1} steps"
    verdict = "" if is_as_expected(check, finding) else "  <-- NOT AS EXPECTED"
    say(f"{check.name}: {found}{verdict}")
    say(f"  {finding.states} distinct states, depth {finding.depth}, {seconds:.0f} s")
    for line in write_steps(finding.steps):
        say(f"    {line}")


def main() -> None:
    """Run every check; exit with 1 where one is not as expected. `--mistakes` leaves out the parts' checks."""
    jars = verified_jars("model checker", read_lock(LOCK), HOME / "model")
    checks = (RIGHT, *MISTAKES) if "--mistakes" in sys.argv[1:] else (RIGHT, *MISTAKES, *PARTS)
    unexpected = 0
    for check in checks:
        began = time.monotonic()
        finding = run_check(check, jars)
        tell(check, finding, time.monotonic() - began)
        unexpected += not is_as_expected(check, finding)
    if unexpected:
        sys.exit(f"{unexpected} of {len(checks)} checks are not as expected")
    say(f"all {len(checks)} checks are as expected")


if __name__ == "__main__":
    main()
