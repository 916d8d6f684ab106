"""A counterexample of TLC's as lines to read: each step by its name, and what it changed."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

LEFT_OUT = frozenset({"history", "approvals", "drawn", "faults", "wipes", "failures"})
"""Variables that count; what they count is to be seen in the others."""

STATE = re.compile(r"^State (\d+): (?:<(\w+)[^\n]*|([^\n<]+))\n(.*?)(?=^\s*$|\Z)", re.MULTILINE | re.DOTALL)
STUTTERING = re.compile(r"^State (\d+): Stuttering|^Back to state (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """The name of a step, and every variable after it."""

    name: str
    state: dict[str, Any]


def read_steps(output: str) -> list[Step]:
    """Every state that TLC printed, the first one included; a last one without variables says how it goes on."""
    steps = [
        Step(name or "at first", read_state(body))
        for _, name, _, body in STATE.findall(output)
        if body.strip().startswith("/\\")
    ]
    if end := STUTTERING.search(output):
        steps.append(Step(f"and so again and again from state {end[2]}" if end[2] else "and nothing more happens", {}))
    return steps


def read_state(body: str) -> dict[str, Any]:
    """The variables of a state, in Python's terms."""
    assignments = re.split(r"^/\\ ", body, flags=re.MULTILINE)[1:]
    pairs = (assignment.split(" = ", 1) for assignment in assignments)
    return {name: read_value(value) for name, value in pairs}


def read_value(text: str) -> object:
    """A TLA+ value: sets and tuples become lists, records and functions dicts."""
    for tla, python in (
        ("{", "\0("),
        ("}", "\0)"),
        ("<<", "\0("),
        (">>", "\0)"),
        ("[", "{"),
        ("]", "}"),
        ("\0(", "["),
        ("\0)", "]"),
    ):
        text = text.replace(tla, python)
    text = re.sub(r"(\w+) \|->", r'"\1":', text)
    text = text.replace("TRUE", "True").replace("FALSE", "False")
    return ast.literal_eval(" ".join(text.split()))


def write_steps(steps: Sequence[Step]) -> Iterator[str]:
    """A line a step: its number, its name, and what is different after it."""
    before: dict[str, str] = {}
    for number, step in enumerate(steps, start=1):
        now = {name: spoken(value) for name, value in step.state.items() if name not in LEFT_OUT}
        changes = [f"{name} {value}" for name, value in now.items() if before.get(name) != value]
        yield f"{number:2} {step.name}" + (": " + "; ".join(changes) if changes and before else "")
        before = now or before


def spoken(value: object) -> str:
    """A value in a few characters; a request is its sequence and, in brackets, the value it brings."""
    if isinstance(value, list):
        return ", ".join(map(spoken, value)) or "none"
    if isinstance(value, dict):
        if value.get("open") is False:
            return "none"
        return " ".join(filter(None, (_field(name, field) for name, field in _with_request(value).items())))
    return str(value)


def _with_request(record: dict[str, Any]) -> dict[str, Any]:
    """Sequence and value as one field, which stands last."""
    if "seq" not in record:
        return record
    rest = {name: value for name, value in record.items() if name not in {"seq", "val", "computed"}}
    return rest | {"": f"{record['seq']} ({record['val']})" if record["seq"] else ""}


def _field(name: str, value: object) -> str:
    if value is True:
        return name
    if value is False or not (said := spoken(value)):
        return ""
    return said if name in {"", "status", "stage", "pc", "has"} else f"{name} {said}"
