"""Lists of a register's scores, filtered, sorted by time or by score, each with what stands in the way of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    Subquery,
    case,
    literal_column,
    select,
    true,
)
from sqlalchemy.sql.selectable import LateralFromClause

from scoring.errors import InvalidInput
from store.database import Session
from store.definition_tables import G2PRegisterScoreDefinition
from store.pages import Along, ListPage, Part, read_page, walk
from store.score_states import STATUS, ScoreStatus
from store.tables import ComputeStatus, G2PRegisterScore, G2PScoreComputeQueue

_ONE: ColumnElement[int] = literal_column("1")
_status = literal_column(STATUS, String)


class ScoreSort(StrEnum):
    """What a list of scores is sorted by."""

    COMPUTED_AT = "computed_at"
    COMPUTED_SCORE = "computed_score"


@dataclass(frozen=True)
class ScoreFilter:
    """Which scores; those at the thresholds belong to them."""

    register_id: str
    score_type: str | None = None
    status: ScoreStatus | None = None
    min_score: float | None = None
    max_score: float | None = None


async def list_scores_of_register(session: Session, wanted: ScoreFilter, sort: ScoreSort, part: Part) -> ListPage:
    """A register's scores; what has none yet is not among them.

    Raises:
        InvalidInput: sorted by score without a score type, or no score can lie between the thresholds.
    """
    _check(wanted, sort)
    score = G2PRegisterScore
    by_score = sort is ScoreSort.COMPUTED_SCORE
    rows = select(score.__table__).where(score.register_id == wanted.register_id)
    if by_score:
        rows = rows.where(score.score_type == wanted.score_type, *_between(score.computed_score, wanted))
    walked = walk(rows, Along(score.computed_score if by_score else score.computed_at, score.score_id), part, "state")
    return await read_page(session, _with_status(walked), walked, list(_matches(walked, wanted)), part)


def _with_status(state: Subquery) -> Select[*tuple[Any, ...]]:
    """The scores with the names that `store.score_states.STATUS` is written for."""
    request, definition = _request_of(state), _definition_of(state)
    failed = case((request.c.compute_status == ComputeStatus.FAILED.value, request.c.compute_latest_error_message))
    joined = state.outerjoin(request, true()).outerjoin(definition, true())
    return select(state, failed.label("reason"), _status.label("status")).select_from(joined)


# LIMIT 1, although there is no second: so each is looked up by its key, whatever the planner thinks of the whole table


def _request_of(state: Subquery) -> LateralFromClause:
    request = G2PScoreComputeQueue
    of_score = (request.internal_record_id == state.c.internal_record_id, request.score_type == state.c.score_type)
    columns = select(request.compute_status, request.compute_latest_error_message)
    return columns.where(*of_score).limit(_ONE).lateral("request")


def _definition_of(state: Subquery) -> LateralFromClause:
    definition = G2PRegisterScoreDefinition
    of_type = (definition.register_id == state.c.register_id, definition.score_type == state.c.score_type)
    return select(definition.score_definition_id, definition.version).where(*of_type).limit(_ONE).lateral("definition")


def _matches(state: Subquery, wanted: ScoreFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.score_type is not None:
        yield state.c.score_type == wanted.score_type
    if wanted.status is not None:
        yield _status == wanted.status.value
    yield from _between(state.c.computed_score, wanted)


def _check(wanted: ScoreFilter, sort: ScoreSort) -> None:
    if sort is ScoreSort.COMPUTED_SCORE and wanted.score_type is None:
        raise InvalidInput(
            "scores of different types do not compare: to sort by score, name a score_type", field="score_type"
        )
    if wanted.min_score is not None and wanted.max_score is not None and wanted.min_score > wanted.max_score:
        raise InvalidInput("min_score is greater than max_score", field="min_score")


def _between(computed_score: SQLColumnExpression[float], wanted: ScoreFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.min_score is not None:
        yield computed_score >= wanted.min_score
    if wanted.max_score is not None:
        yield computed_score <= wanted.max_score
