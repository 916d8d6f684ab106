"""What the builders' benchmark makes of what it measured: its table, and what it finds wrong."""

from dataclasses import replace

import pytest

from bench.builders_data import Board, Standing
from bench.builders_report import Found, Measured, markdown
from bench.builders_writes import KINDS
from store.database import Session

BY_INDEX = [
    "Limit  (cost=0.63..11.87 rows=51 width=117) (actual time=0.072..0.242 rows=51.00 loops=1)",
    "  Buffers: shared hit=50 read=4",
    "  ->  Index Scan using idx_users_builder_score on users  (cost=0.41..4056.72 rows=20000 width=67)",
    "        Buffers: shared hit=50 read=4",
    "Planning:",
    "  Buffers: shared hit=700",
    "Planning Time: 1.000 ms",
    "Execution Time: 0.290 ms",
]
BY_SORTING = ["Sort  (cost=0.63..11.87)", "  Buffers: shared hit=9000", "Execution Time: 200.000 ms"]
SOMEBODY = Standing("user", "somebody", 0, 0)
BOARD = Board(20_000, 209, 8_257, 1_340, SOMEBODY, SOMEBODY, SOMEBODY, SOMEBODY)


async def nothing(session: Session) -> None:
    del session


def a_read() -> Measured:
    return Measured(
        "first 50", nothing, plans=[BY_INDEX], plans_without=[BY_SORTING], milliseconds=[2.0, 4.0], without=[100.0]
    )


def found(read: Measured) -> Found:
    return Found(BOARD, [read], dict(zip(KINDS, ([10.0], [11.0], [20.0], [30.0]), strict=True)))


def test_a_read_is_told_with_its_times_its_pages_and_the_peer() -> None:
    lines = list(markdown(found(a_read())))

    assert "| first 50 | 2.00 | 4.00 | 0.29 | 54 | 100.0 | 50.0 |" in lines
    assert BY_INDEX[2] in lines
    assert BY_SORTING[0] in lines


def test_a_copy_is_compared_with_storing_the_same_without_it() -> None:
    rows = [line for line in markdown(found(a_read())) if "scores, " in line or "the copies" in line]

    assert [row.split(" | ")[-1] for row in rows] == ["1.00 |", "1.10 |", "1.00 |", "1.50 |"]


@pytest.mark.parametrize(
    ("read", "error"),
    [
        pytest.param(a_read(), [], id="by the index"),
        pytest.param(
            replace(a_read(), plans=[BY_SORTING]),
            ["first 50: its plan does not use idx_users_builder_score"],
            id="by sorting",
        ),
        pytest.param(replace(a_read(), plans=[BY_SORTING], is_along_scores=False), [], id="where no index is wanted"),
    ],
)
def test_a_plan_without_the_index_is_an_error(read: Measured, error: list[str]) -> None:
    assert found(read).errors() == error


def test_a_copy_that_is_not_the_score_is_an_error() -> None:
    assert replace(found(a_read()), differing=3).errors() == ["3 copies are not the stored score"]
