"""Score requests as they are answered: with the Temporal run that has them."""

from typing import TypeVar

from api.schemas import Answer
from store.runs import ScoreRequestRow, workflow_of

AnswerT = TypeVar("AnswerT", bound=Answer)


def request_answer(kind: type[AnswerT], row: ScoreRequestRow) -> AnswerT:
    """The row as this kind of answer, which has a `workflow_id`."""
    stored = {name: getattr(row, name) for name in kind.model_fields if name != "workflow_id"}
    return kind.model_validate(stored | {"workflow_id": workflow_of(row)})
