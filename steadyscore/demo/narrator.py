"""What the demo prints, and what it checks."""

import time
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from steadyscore.errors import SetupError


class Narrator:
    """Prints chapters, figures and tables; a check that fails ends the demo."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.perf_counter()
        self._chapters = 0

    def aside(self, line: str) -> None:
        """What goes on behind the story, with the seconds since the start."""
        self._console.print(f"[dim]{time.perf_counter() - self._began:6.1f} s  {escape(line)}[/]", soft_wrap=True)

    def chapter(self, title: str) -> None:
        """Begin the next chapter."""
        self._chapters += 1
        self._console.print(f"\n[bold]{self._chapters}. {escape(title)}[/]")

    def say(self, line: str) -> None:
        """A line of the story."""
        self._console.print(f"   {escape(line)}", soft_wrap=True)

    def check(self, claim: str, holds: bool) -> None:  # noqa: FBT001 - a claim and whether it holds
        """Say that it holds; raise SetupError when it does not."""
        if not holds:
            raise SetupError(f"the demo failed, this does not hold: {claim}")
        self._console.print(f"   [green]✓[/] {escape(claim)}", soft_wrap=True)

    def table(self, table: Table) -> None:
        """A table as it is, below the line before it."""
        self._console.print(Padding(table, (0, 0, 0, 3), expand=False))

    def scores(self, scores: list[dict[str, Any]]) -> None:
        """The table of the source document's section 11.1."""
        table = Table("Score Type", "Score", "Computed At", "Triggered by CR")
        for score in scores:
            table.add_row(
                score["score_type"], f"{score['computed_score']:.2f}", _minute(score), score["triggered_by_cr_id"]
            )
        self._console.print(table)

    def history(self, score_type: str, history: list[dict[str, Any]]) -> None:
        """All scores of one type, newest first."""
        table = Table("Score", "Computed At", "Triggered by CR", title=f"history of {score_type}", title_justify="left")
        for score in history:
            table.add_row(f"{score['computed_score']:.2f}", _minute(score), score["triggered_by_cr_id"])
        self._console.print(table)


def _minute(score: dict[str, Any]) -> str:
    return f"{datetime.fromisoformat(score['computed_at']):%Y-%m-%d %H:%M}"
