"""Weighted attributes of score definitions, as OpenG2P's latest generation has them."""

from http import HTTPStatus

from fastapi import APIRouter

from api import contributing_attribute_schemas as schemas
from api.definition_schemas import ChooseScoreDefinition
from api.envelope import EnvelopedRoute
from api.identity import CurrentActor
from api.paging import CurrentPaging
from api.permissions import Permission, permission
from api.problems import documented
from api.recomputing import changing_definition
from api.services import Services
from scoring.weighted_attributes import WeightedAttribute
from store.contributing_attributes import (
    WeightedAttributeChange,
    create_contributing_attribute,
    delete_contributing_attribute,
    get_contributing_attribute,
    list_contributing_attributes,
    update_contributing_attribute,
)
from store.definitions import get_definition

router = APIRouter(
    prefix="/computation-score",
    route_class=EnvelopedRoute,
    tags=["weighted attributes"],
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)

LISTED = ("attribute_name", "attribute_weightage", "attribute_computation_required")
"""What a numbered page may be sorted and filtered by."""


@router.post("/get_score_contributing_attributes", openapi_extra=permission(Permission.VIEW_SCORES))
async def get_score_contributing_attributes(
    body: ChooseScoreDefinition, services: Services, paging: CurrentPaging
) -> schemas.ContributingAttributes:
    """The definition's weighted attributes, by name."""
    async with services.reads() as session:
        await get_definition(session, body.score_definition_id)
        rows = await list_contributing_attributes(session, body.score_definition_id)
    page = paging.page_of(rows, searched="attribute_name", fields=LISTED)
    attributes = [schemas.ContributingAttribute.model_validate(row) for row in page]
    return schemas.ContributingAttributes(contributing_attributes=attributes)


@router.post("/create_score_contributing_attribute", openapi_extra=permission(Permission.CREATE_SCORES))
async def create_score_contributing_attribute(
    body: schemas.CreateContributingAttribute, services: Services, actor: CurrentActor
) -> schemas.OneContributingAttribute:
    """Weigh an attribute in a definition; its version goes up."""
    attribute = WeightedAttribute(**body.model_dump(exclude={"score_definition_id"}))
    chosen = body.score_definition_id
    async with services.sessions.begin() as session, changing_definition(session, services, actor, chosen) as register:
        row = await create_contributing_attribute(session, actor, chosen, attribute, register)
    return schemas.OneContributingAttribute(contributing_attribute=schemas.ContributingAttribute.model_validate(row))


@router.post("/update_score_contributing_attribute", openapi_extra=permission(Permission.EDIT_SCORES))
async def update_score_contributing_attribute(
    body: schemas.UpdateContributingAttribute, services: Services, actor: CurrentActor
) -> schemas.OneContributingAttribute:
    """Change how an attribute is weighed; the definition's version goes up."""
    chosen = body.contributing_attribute_id
    change = WeightedAttributeChange(**body.model_dump(exclude={"contributing_attribute_id"}))
    async with services.sessions.begin() as session:
        existing = await get_contributing_attribute(session, chosen)
        async with changing_definition(session, services, actor, existing.score_definition_id) as register:
            row = await update_contributing_attribute(session, actor, chosen, change, register)
    return schemas.OneContributingAttribute(contributing_attribute=schemas.ContributingAttribute.model_validate(row))


@router.post("/delete_score_contributing_attribute", openapi_extra=permission(Permission.EDIT_SCORES))
async def delete_score_contributing_attribute(
    body: schemas.ChooseContributingAttribute, services: Services, actor: CurrentActor
) -> schemas.DeletedContributingAttribute:
    """Take an attribute out of a definition; the definition's version goes up."""
    async with services.sessions.begin() as session:
        existing = await get_contributing_attribute(session, body.contributing_attribute_id)
        async with changing_definition(session, services, actor, existing.score_definition_id):
            await delete_contributing_attribute(session, actor, body.contributing_attribute_id)
    return schemas.DeletedContributingAttribute(contributing_attribute_id=body.contributing_attribute_id)
