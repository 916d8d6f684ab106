"""What was lost, what is wrong and what was done twice: decided from PostgreSQL and the driver's log alone.

Shares no code with any contender nor with the project: formulas of its own, in exact arithmetic, and SQL of its own.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import asyncpg  # type: ignore[import-untyped]

from bench.approvals import Approval

_TOLERANCE = Fraction(1, 10**6)


class StoredScore(NamedTuple):
    """A row of the scores, or of their history."""

    record_id: str
    score_type: str
    change_request_id: str
    score: float


@dataclass(frozen=True)
class Findings:
    """What PostgreSQL holds after a run."""

    last_states: Mapping[str, tuple[str, Mapping[str, Any]]]
    """By record id: the change request that was committed last, and the attributes it left."""
    scores: Sequence[StoredScore]
    history: Sequence[StoredScore]


@dataclass(frozen=True)
class Verdict:
    """How many (record, score type) are lost or wrong, and how many computations were recorded beyond the first."""

    lost: int
    wrong: int
    double: int

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.lost or self.wrong or self.double)


def exact_scores(attributes: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """Both scores of a record, as rational numbers; the generator's values need no rounding to 4 decimals."""
    income = _exact(attributes["income"])
    members = _exact(attributes["household"]["member_count"])
    land = _exact(attributes["assets"]["land_area"])
    meals = _exact(attributes["household"]["meals_per_day"])
    return {
        "PMT_SCORE": income * Fraction(4, 10) + land * Fraction(3, 10) + members * Fraction(3, 10),
        "FSF_SCORE": income * Fraction(1, 100) - members * Fraction(3, 2) + meals * Fraction(25, 2),
    }


def _exact(number: float) -> Fraction:
    # by its decimal text: 0.1 is a tenth here
    return Fraction(str(number))


def judge(approvals: Iterable[Approval], findings: Findings) -> Verdict:
    """Hold what is stored against what was approved."""
    approved = {one.change_request_id: one for one in approvals}
    lost, wrong = _judge_scores(approved, findings)
    wrong |= {(row.record_id, row.score_type) for row in findings.history if not _is_of_its_state(row, approved)}
    computed = Counter(row[:3] for row in findings.history)
    return Verdict(len(lost), len(wrong), sum(count - 1 for count in computed.values()))


def _judge_scores(
    approved: Mapping[str, Approval], findings: Findings
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    stored = {(row.record_id, row.score_type): row for row in findings.scores}
    lost, wrong = set(), set()
    for record_id in {one.record_id for one in approved.values()}:
        last, attributes = findings.last_states[record_id]
        for score_type, exact in exact_scores(attributes).items():
            row = stored.get((record_id, score_type))
            if row is None or row.change_request_id != last:
                lost.add((record_id, score_type))
            elif not _equals(row.score, exact) or approved[last].attributes != attributes:
                wrong.add((record_id, score_type))
    return lost, wrong


def _is_of_its_state(row: StoredScore, approved: Mapping[str, Approval]) -> bool:
    state = approved.get(row.change_request_id)
    if state is None or state.record_id != row.record_id:
        return False
    exact = exact_scores(state.attributes).get(row.score_type)
    return exact is not None and _equals(row.score, exact)


def _equals(score: float, exact: Fraction) -> bool:
    # NaN and infinity are no ratio of integers
    return score == score and abs(score) != float("inf") and abs(Fraction(score) - exact) < _TOLERANCE  # noqa: PLR0124


_LAST_STATES = """
SELECT record_id, change_request_id, attributes FROM bench_records WHERE revision > 0 AND register_id <> $1
"""
_STORED = """
SELECT stored.internal_record_id, stored.score_type, stored.triggered_by_cr_id, stored.computed_score
FROM {table} AS stored JOIN bench_records ON record_id = stored.internal_record_id
WHERE bench_records.register_id <> $1
"""


async def read_findings(connection: asyncpg.Connection, leave_out: str) -> Findings:
    """Read what is stored, without the records of the register `leave_out`."""
    last = await connection.fetch(_LAST_STATES, leave_out)
    scores = await connection.fetch(_STORED.format(table="g2p_register_scores"), leave_out)
    history = await connection.fetch(_STORED.format(table="g2p_register_score_history"), leave_out)
    return Findings(
        last_states={row["record_id"]: (row["change_request_id"], json.loads(row["attributes"])) for row in last},
        scores=[StoredScore(*row) for row in scores],
        history=[StoredScore(*row) for row in history],
    )
