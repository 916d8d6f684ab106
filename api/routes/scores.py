"""A record's scores and their history (section 9.2 of the source document), and asking again for what failed."""

from http import HTTPStatus

from fastapi import APIRouter

from api import retry_schemas
from api import score_schemas as schemas
from api.envelope import EnvelopedRoute
from api.identity import CurrentActor
from api.next_pages import split_page
from api.permissions import Permission, permission
from api.problems import documented
from api.services import Services
from store.retries import retry_scores
from store.score_states import list_score_states
from store.scores import get_past_score, list_history

router = APIRouter(route_class=EnvelopedRoute, prefix="/register-data", tags=["scores"], responses=documented())


@router.post("/get_scores", openapi_extra=permission(Permission.VIEW_SCORES, Permission.VIEW_REGISTERS))
async def get_scores(body: schemas.GetScores, services: Services) -> schemas.Scores:
    """The record's latest scores by score type, and where each stands: current, pending, failed or stale.

    `stale`: computed by an older version of its definition, or by one that another has replaced. A score type that has
    no score yet stands in `without_score`.
    """
    async with services.reads() as session:
        states = await list_score_states(session, [body.internal_record_id])
    of_record = states.get(body.internal_record_id, ())
    return schemas.Scores(
        scores=[schemas.Score.model_validate(one) for one in of_record if one.sequence is not None],
        without_score=[schemas.WithoutScore.model_validate(one) for one in of_record if one.sequence is None],
    )


@router.post("/get_score_history", openapi_extra=permission(Permission.VIEW_SCORES, Permission.VIEW_HISTORY))
async def get_score_history(body: schemas.GetScoreHistory, services: Services) -> schemas.ScoreHistory:
    """The scores that the record had of this score type, newest first, each with the change request that caused it."""
    async with services.reads() as session:
        rows = await list_history(session, body.internal_record_id, body.score_type, body.limit + 1, body.before)
    page, last = split_page(rows, body.limit)
    history = [schemas.PastScore.model_validate(row) for row in page]
    return schemas.ScoreHistory(history=history, next=last and last.sequence)


@router.post(
    "/explain_score",
    openapi_extra=permission(Permission.VIEW_HISTORY),
    responses=documented(HTTPStatus.NOT_FOUND),
)
async def explain_score(body: schemas.ExplainScore, services: Services) -> schemas.ExplainedScore:
    """Why a number is what it is: all it takes to compute it again, as it was then."""
    async with services.reads() as session:
        row = await get_past_score(session, body.internal_record_id, body.score_type, body.sequence)
    return schemas.ExplainedScore.model_validate(row)


@router.post(
    "/retry_scores",
    openapi_extra=permission(Permission.EDIT_SCORES),
    responses=documented(HTTPStatus.NOT_FOUND),
)
async def post_retry_scores(
    body: retry_schemas.RetryScores, services: Services, actor: CurrentActor
) -> retry_schemas.RetriedScores:
    """Ask again for the record's FAILED scores, at once and with all attempts; who asked is kept.

    The snapshot and the definition stay those of the failed request; after a change of the definition, recompute.
    """
    async with services.sessions.begin() as session:
        retried = await retry_scores(session, actor, body.internal_record_id, body.score_type)
    return retry_schemas.RetriedScores(retried=[retry_schemas.RetriedScore.model_validate(one) for one in retried])
