"""Score definitions (section 9.2 of the source document)."""

from http import HTTPStatus

from fastapi import APIRouter

from api import definition_schemas as schemas
from api.guard import GuardedRoute
from api.permissions import Permission, permission
from api.problems import documented
from api.services import Services
from registry.registers import get_register, register_facts
from scoring.debounce import DebouncePolicy
from scoring.definitions import ScoreDefinition
from store.definitions import (
    DefinitionChange,
    count_stale_scores,
    create_definition,
    get_definition,
    list_definitions,
    update_definition,
)
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation
from store.tables import G2PRegisterScoreDefinition

router = APIRouter(
    route_class=GuardedRoute,
    prefix="/register-metadata",
    tags=["score definitions"],
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)


@router.post("/get_score_definitions", openapi_extra=permission(Permission.VIEW_DEFINITIONS))
async def get_score_definitions(body: schemas.GetScoreDefinitions, services: Services) -> schemas.ScoreDefinitions:
    """The register's score definitions, by score type."""
    async with services.sessions() as session:
        await get_register(session, body.register_id)
        rows = await list_definitions(session, body.register_id)
    return schemas.ScoreDefinitions(
        score_definitions=[schemas.ScoreDefinition.model_validate(row) for row in rows],
    )


@router.post("/create_score_definition", openapi_extra=permission(Permission.MANAGE_DEFINITIONS))
async def create_score_definition(
    body: schemas.CreateScoreDefinition, services: Services
) -> schemas.OneScoreDefinition:
    """Define a score type for a register; refused where its scores could not be computed."""
    definition = ScoreDefinition(
        register_id=body.register_id,
        score_type=body.score_type,
        contributing_attributes=tuple(body.contributing_attributes),
        debounce=_debounce(body.debounce) or services.default_debounce,
        score_config=body.score_config or {},
    )
    async with services.sessions.begin() as session:
        register = await get_register(session, body.register_id)
        row = await create_definition(session, definition, register_facts(register))
    return _answer(row)


@router.post("/update_score_definition", openapi_extra=permission(Permission.MANAGE_DEFINITIONS))
async def update_score_definition(
    body: schemas.UpdateScoreDefinition, services: Services
) -> schemas.UpdatedScoreDefinition:
    """Change a definition; approvals from now on use what it now says.

    Scores that are there stay, and may be stale now: they are computed again when somebody asks for it
    (recompute_scores), or by themselves where the service is set up so.
    """
    change = DefinitionChange(
        contributing_attributes=tuple(body.contributing_attributes)
        if body.contributing_attributes is not None
        else None,
        score_config=body.score_config,
        is_enabled=body.is_enabled,
        debounce=_debounce(body.debounce),
    )
    async with services.sessions.begin() as session:
        existing = await get_definition(session, body.score_definition_id)
        version_before = existing.version
        register = register_facts(await get_register(session, existing.register_id))
        row = await update_definition(session, body.score_definition_id, change, register)
        if services.recompute_automatically and row.is_enabled and row.version > version_before:
            await ask_for_recomputation(session, register, RecomputationWanted([row.score_type], only_stale=True))
        stale = await count_stale_scores(session, row)
    definition = schemas.ScoreDefinition.model_validate(row)
    return schemas.UpdatedScoreDefinition(score_definition=definition, stale_scores=stale)


def _debounce(body: schemas.Debounce | None) -> DebouncePolicy | None:
    return DebouncePolicy(body.quiet_period, body.max_wait) if body else None


def _answer(row: G2PRegisterScoreDefinition) -> schemas.OneScoreDefinition:
    return schemas.OneScoreDefinition(score_definition=schemas.ScoreDefinition.model_validate(row))
