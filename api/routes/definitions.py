"""Score definitions, at the addresses of OpenG2P's three generations."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter

from api import definition_schemas as schemas
from api.envelope import EnvelopedRoute
from api.identity import CurrentActor
from api.paging import CurrentPaging
from api.permissions import Permission, permission
from api.problems import documented
from api.recomputing import changing_definition
from api.registers import get_register_facts
from api.services import Services
from scoring.debounce import DebouncePolicy
from scoring.definitions import ScoreDefinition
from store.audit import Actor
from store.database import Session
from store.definitions import (
    DefinitionChange,
    count_stale_scores,
    create_definition,
    delete_definition,
    list_definitions,
    update_definition,
)

router = APIRouter(
    route_class=EnvelopedRoute,
    tags=["score definitions"],
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)

LISTED = ("score_type", "is_enabled", "version", "created_at", "updated_at")
"""What a numbered page may be sorted and filtered by."""


@dataclass(frozen=True)
class Generation:
    """Where one of OpenG2P's generations has these routes, and the permissions that it asks for."""

    prefix: str
    view: Permission
    create: Permission
    edit: Permission


A = Generation(
    "/register-metadata",
    Permission.VIEW_DEFINITIONS,
    Permission.MANAGE_DEFINITIONS,
    Permission.MANAGE_DEFINITIONS,
)
B = Generation("/register-data", Permission.VIEW_SCORES, Permission.CREATE_SCORES, Permission.EDIT_SCORES)
C = Generation("/computation-score", Permission.VIEW_SCORES, Permission.CREATE_SCORES, Permission.EDIT_SCORES)
GENERATIONS: Sequence[Generation] = (A, B, C)


async def get_score_definitions(
    body: schemas.GetScoreDefinitions, services: Services, paging: CurrentPaging
) -> schemas.ScoreDefinitions:
    """The register's score definitions, by score type."""
    async with services.reads() as session:
        register = await get_register_facts(session, body.register_id)
        rows = await list_definitions(session, body.register_id)
    page = paging.page_of(rows, searched="score_type", fields=LISTED)
    return schemas.ScoreDefinitions(score_definitions=[schemas.definition_answer(row, register) for row in page])


async def create_score_definition(
    body: schemas.CreateScoreDefinition, services: Services, actor: CurrentActor
) -> schemas.OneScoreDefinition:
    """Define a score type for a register; refused where its scores could not be computed."""
    definition = _definition(body, tuple(body.contributing_attributes), services.default_debounce)
    async with services.sessions.begin() as session:
        return await _create(session, actor, definition)


async def create_weighted_score_definition(
    body: schemas.CreateWeightedScoreDefinition, services: Services, actor: CurrentActor
) -> schemas.OneScoreDefinition:
    """Define a score type for a register; it computes nothing until it has weighted attributes."""
    definition = _definition(body, (), services.default_debounce)
    async with services.sessions.begin() as session:
        return await _create(session, actor, definition)


def _definition(
    body: schemas.CreateScoreDefinition | schemas.CreateWeightedScoreDefinition,
    attributes: tuple[str, ...],
    default_debounce: DebouncePolicy,
) -> ScoreDefinition:
    return ScoreDefinition(
        register_id=body.register_id,
        score_type=body.score_type,
        contributing_attributes=attributes,
        debounce=_debounce(body.debounce) or default_debounce,
        score_config=body.score_config or {},
    )


async def _create(session: Session, actor: Actor, definition: ScoreDefinition) -> schemas.OneScoreDefinition:
    register = await get_register_facts(session, definition.register_id)
    row = await create_definition(session, actor, definition, register)
    return schemas.OneScoreDefinition(score_definition=schemas.definition_answer(row, register))


async def update_score_definition(
    body: schemas.UpdateScoreDefinition, services: Services, actor: CurrentActor
) -> schemas.UpdatedScoreDefinition:
    """Change a definition; approvals from now on use what it now says.

    Scores that are there stay, and may be stale now: they are computed again when somebody asks for it
    (recompute_scores), or by themselves where the service is set up so.
    """
    chosen = body.score_definition_id
    async with services.sessions.begin() as session:
        async with changing_definition(session, services, actor, chosen) as register:
            row = await update_definition(session, actor, chosen, _change(body), register)
        stale = await count_stale_scores(session, row)
    definition = schemas.definition_answer(row, register)
    return schemas.UpdatedScoreDefinition(score_definition=definition, stale_scores=stale)


def _change(body: schemas.UpdateScoreDefinition) -> DefinitionChange:
    attributes = body.contributing_attributes
    return DefinitionChange(
        contributing_attributes=None if attributes is None else tuple(attributes),
        score_config=body.score_config,
        is_enabled=body.is_enabled,
        debounce=_debounce(body.debounce),
    )


def _debounce(body: schemas.Debounce | None) -> DebouncePolicy | None:
    return DebouncePolicy(body.quiet_period, body.max_wait) if body else None


async def delete_score_definition(
    body: schemas.ChooseScoreDefinition, services: Services, actor: CurrentActor
) -> schemas.DeletedScoreDefinition:
    """Delete a definition; scores and history stay, and what is pending is still computed by what it said."""
    async with services.sessions.begin() as session:
        await delete_definition(session, actor, body.score_definition_id)
    return schemas.DeletedScoreDefinition(score_definition_id=body.score_definition_id)


def _add_routes() -> None:
    for generation in GENERATIONS:
        create = create_weighted_score_definition if generation is C else create_score_definition
        for action, handler, needed in (
            ("get_score_definitions", get_score_definitions, generation.view),
            ("create_score_definition", create, generation.create),
            ("update_score_definition", update_score_definition, generation.edit),
        ):
            router.add_api_route(
                f"{generation.prefix}/{action}", handler, methods=["POST"], openapi_extra=permission(needed)
            )
    router.add_api_route(
        f"{C.prefix}/delete_score_definition",
        delete_score_definition,
        methods=["POST"],
        openapi_extra=permission(C.edit),
    )


_add_routes()
