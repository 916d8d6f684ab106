"""Recomputations as progress bars, one a score type, and as lines."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from scoring.recompute_messages import RecomputationStatus
from store.recomputations import Recomputation


class _RateColumn(ProgressColumn):
    """Records a second."""

    def render(self, task: Task) -> Text:
        """As it was over the last half minute, or nothing yet."""
        return Text("" if not task.speed else f"{task.speed:,.0f}/s")


class RecomputeBars:
    """Draws while the context is open: records that are settled, of all."""

    def __init__(self, console: Console | None = None) -> None:
        self._bars: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _RateColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[detail]}"),
            console=console or Console(highlight=False),
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, recomputations: Sequence[Recomputation]) -> None:
        """Move each to where it is."""
        for one in recomputations:
            progress = one.progress
            key = progress.recomputation_id
            if key not in self._bars:
                self._bars[key] = self._progress.add_task(one.score_type, total=None, detail="")
            # records that came meanwhile were not counted
            total = None if progress.total is None else max(progress.total, progress.looked_at)
            settled = progress.looked_at - progress.outstanding
            self._progress.update(self._bars[key], total=total, completed=settled, detail=_detail(one))


def _detail(recomputation: Recomputation) -> str:
    progress = recomputation.progress
    parts = [] if recomputation.status is RecomputationStatus.RUNNING else [recomputation.status.value.lower()]
    parts += [f"{progress.outstanding:,} under way"] if progress.outstanding else []
    parts += [f"{progress.failed:,} failed"] if progress.failed else []
    return ", ".join(parts)


def as_line(recomputation: Recomputation) -> str:
    """All that there is to say of it, on one line."""
    progress = recomputation.progress
    of_total = "" if progress.total is None else f" of {max(progress.total, progress.looked_at)}"
    line = (
        f"{recomputation.score_type}: {progress.status}, {progress.looked_at}{of_total} records looked at, "
        f"{progress.requested} requested, {progress.outstanding} under way, {progress.failed} failed"
    )
    return line if progress.reason is None else f"{line} ({progress.reason})"
