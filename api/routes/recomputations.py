"""Computing the scores of a whole register again: start, progress, pause, resume, cancel."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from api import recomputation_schemas as schemas
from api.envelope import EnvelopedRoute
from api.identity import CurrentActor
from api.permissions import Permission, permission
from api.problems import documented
from api.registers import get_register_facts
from api.schemas import IDENTIFIER
from api.services import Services
from scoring.recompute_messages import RecomputationStatus
from store.audit import Actor
from store.recomputation_audit import audit_controlled, audit_started
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation
from store.recomputations import control_recomputation, list_recomputations

router = APIRouter(
    route_class=EnvelopedRoute,
    prefix="/register-metadata",
    tags=["recomputations"],
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)

RegisterId = Annotated[str, Query(min_length=1, max_length=128, pattern=IDENTIFIER)]


@router.post("/recompute_scores", openapi_extra=permission(Permission.MANAGE_DEFINITIONS))
async def recompute_scores(
    body: schemas.RecomputeScores, services: Services, actor: CurrentActor
) -> schemas.StartedRecomputations:
    """Compute a register's scores again, in the background; what is under way for a score type already is joined.

    A joined one goes on where it is, and begins again where more is asked for than it would do. An approval meanwhile
    wins over it.
    """
    wanted = RecomputationWanted(body.score_types, body.only_stale, body.rate)
    async with services.sessions.begin() as session:
        register = await get_register_facts(session, body.register_id)
        asked = await ask_for_recomputation(session, register, wanted)
        await audit_started(session, actor, asked)
    return schemas.StartedRecomputations(
        recomputations=[schemas.StartedRecomputation.model_validate(one) for one in asked]
    )


@router.get("/recomputations", openapi_extra=permission(Permission.VIEW_DEFINITIONS))
async def get_recomputations(register_id: RegisterId, services: Services) -> schemas.Recomputations:
    """The register's latest recomputations, newest first, and how far they are."""
    async with services.reads() as session:
        await get_register_facts(session, register_id)
        stored = await list_recomputations(session, register_id)
    return schemas.Recomputations(recomputations=[schemas.recomputation_answer(one) for one in stored])


@router.post("/pause_recomputation", openapi_extra=permission(Permission.MANAGE_DEFINITIONS))
async def pause_recomputation(
    body: schemas.ChooseRecomputation, services: Services, actor: CurrentActor
) -> schemas.Recomputation:
    """Request no further page; what was requested is computed."""
    return await _control(services, actor, body, RecomputationStatus.PAUSED)


@router.post("/resume_recomputation", openapi_extra=permission(Permission.MANAGE_DEFINITIONS))
async def resume_recomputation(
    body: schemas.ChooseRecomputation, services: Services, actor: CurrentActor
) -> schemas.Recomputation:
    """Go on after a pause."""
    return await _control(services, actor, body, RecomputationStatus.RUNNING)


@router.post("/cancel_recomputation", openapi_extra=permission(Permission.MANAGE_DEFINITIONS))
async def cancel_recomputation(
    body: schemas.ChooseRecomputation, services: Services, actor: CurrentActor
) -> schemas.Recomputation:
    """End it; what was requested stays requested."""
    return await _control(services, actor, body, RecomputationStatus.CANCELLED)


async def _control(
    services: Services, actor: Actor, body: schemas.ChooseRecomputation, status: RecomputationStatus
) -> schemas.Recomputation:
    async with services.sessions.begin() as session:
        controlled = await control_recomputation(session, body.recomputation_id, status)
        await audit_controlled(session, actor, controlled, status)
    return schemas.recomputation_answer(controlled)
