"""The tables of the second act: the leaderboard as it moves, and a score term by term."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from builders.register import ATTRIBUTES

TERMS = {"shipped_projects": "Shipped", "vouches": "Vouches", "impact": "Impact", "key_fields": "Profile"}
"""The terms of the score as they are headed."""


def leaderboard_table(rows: Sequence[Mapping[str, Any]], before: Mapping[str, int]) -> Table:
    """The board, each row with its `breakdown`; `before` are the scores of the step before, by name."""
    table = Table(box=box.ROUNDED)
    table.add_column("Rank", justify="right")
    table.add_column("Builder", min_width=10)
    for heading in ("Score", "Change", *TERMS.values()):
        table.add_column(heading, justify="right")
    for row in rows:
        points = [str(row["breakdown"][term]["points"]) for term in TERMS]
        score, old = row["builder_score"], before.get(row["name"])
        table.add_row(str(row["rank"]), row["username"], f"[bold]{score}[/]", _change(score, old), *points)
    return table


def _change(score: int, old: int | None) -> str:
    if old is None:
        return "new"
    if score == old:
        return ""
    return f"[{'green' if score > old else 'red'}]{score - old:+}[/]"


def breakdown_table(breakdown: Mapping[str, Any]) -> Table:
    """A score term by term, as its history keeps it."""
    table = Table("Term", "Counted", box=box.ROUNDED)
    for heading in ("Points", "Without its cap"):
        table.add_column(heading, justify="right")
    for term, heading in TERMS.items():
        one = breakdown[term]
        counted = ", ".join(f"{words(path)} {one['counted'][path]:,}" for path in ATTRIBUTES if path in one["counted"])
        table.add_row(heading, counted, str(one["points"]), str(one["uncapped"]))
    return table


def words(path: str) -> str:
    """The last part of an attribute's path, to be read."""
    return path.rpartition(".")[2].replace("_", " ")


def around_table(rows: Sequence[Mapping[str, Any]], username: str) -> Table:
    """A page of the board with the one that was asked for marked."""
    table = Table(box=box.ROUNDED)
    table.add_column("Rank", justify="right")
    table.add_column("Builder", min_width=10)
    table.add_column("Score", justify="right")
    for row in rows:
        style = "bold" if row["username"] == username else None
        table.add_row(str(row["rank"]), row["username"], str(row["builder_score"]), style=style)
    return table
