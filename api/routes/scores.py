"""A record's scores and their history (section 9.2 of the source document), and asking again for what failed."""

from http import HTTPStatus

from fastapi import APIRouter

from api import retry_schemas, schemas
from api.guard import GuardedRoute
from api.identity import CurrentActor
from api.permissions import Permission, permission
from api.problems import documented
from api.services import Services
from store.retries import retry_scores
from store.scores import list_history, list_scores

router = APIRouter(route_class=GuardedRoute, prefix="/register-data", tags=["scores"], responses=documented())


@router.post("/get_scores", openapi_extra=permission(Permission.VIEW_SCORES, Permission.VIEW_REGISTERS))
async def get_scores(body: schemas.GetScores, services: Services) -> schemas.Scores:
    """The record's latest scores, by score type."""
    async with services.sessions() as session:
        rows = await list_scores(session, body.internal_record_id)
    return schemas.Scores(scores=[schemas.Score.model_validate(row) for row in rows])


@router.post("/get_score_history", openapi_extra=permission(Permission.VIEW_SCORES, Permission.VIEW_HISTORY))
async def get_score_history(body: schemas.GetScoreHistory, services: Services) -> schemas.ScoreHistory:
    """Every score the record had of this score type, newest first, each with the change request that caused it."""
    async with services.sessions() as session:
        rows = await list_history(session, body.internal_record_id, body.score_type)
    return schemas.ScoreHistory(history=[schemas.PastScore.model_validate(row) for row in rows])


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
