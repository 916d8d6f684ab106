"""A definition's weighted attributes: each change of one is a change of the definition, under its lock."""

from dataclasses import dataclass, replace

from scoring.compute import check_definition
from scoring.definitions import RegisterFacts, ScoreDefinition, weighted
from scoring.errors import (
    ContributingAttributeExists,
    ContributingAttributeNotFound,
    InvalidDefinition,
    ScoreDefinitionNotFound,
)
from scoring.json_values import JsonObject
from scoring.weighted_attributes import WeightedAttribute, check_attribute
from store.audit import Actor
from store.database import Session
from store.definition_tables import G2PRegisterScoreContributingAttribute, G2PRegisterScoreDefinition
from store.definitions import Change, get_definition, lock_definition, save_definition
from store.weighted_attributes import list_weighted_attributes, to_weighted_attribute, with_doubles


@dataclass(frozen=True)
class WeightedAttributeChange:
    """What to change in a weighted attribute; None leaves a field as it is."""

    attribute_name: str | None = None
    attribute_weightage: float | None = None
    attribute_computation_required: bool | None = None
    attribute_computation_value: JsonObject | None = None


async def create_contributing_attribute(
    session: Session, actor: Actor, score_definition_id: str, attribute: WeightedAttribute, register: RegisterFacts
) -> G2PRegisterScoreContributingAttribute:
    """Give a definition one more weighted attribute.

    Raises:
        ScoreDefinitionNotFound: no definition has the id.
        ContributingAttributeExists: the definition weighs this attribute already.
        InvalidDefinition: the definition names its contributing attributes itself, or the attribute, its weight or its
            mapping is wrong.
    """
    row, before = await lock_definition(session, score_definition_id)
    if before.is_plain:
        raise InvalidDefinition(
            f"the definition for {before.score_type} has contributing_attributes and score_config of its own; delete "
            "it and create it anew without them to give it weighted attributes",
            field="score_definition_id",
        )
    _require_new_name(before, attribute.attribute_name)
    attribute = _stored_alike(attribute)
    after = _checked(weighted(before, [*before.weighted_attributes, attribute]), register)
    created = G2PRegisterScoreContributingAttribute(score_definition_id=score_definition_id, **vars(attribute))
    session.add(created)
    await save_definition(session, Change(actor, "create_score_contributing_attribute", before, after), row)
    return created


async def update_contributing_attribute(
    session: Session,
    actor: Actor,
    contributing_attribute_id: str,
    change: WeightedAttributeChange,
    register: RegisterFacts,
) -> G2PRegisterScoreContributingAttribute:
    """Change a weighted attribute; what is the same already changes nothing.

    Raises:
        ContributingAttributeNotFound: no attribute has the id.
        ContributingAttributeExists: its new name is that of another.
        InvalidDefinition: what it would become is wrong.
    """
    existing, row, before = await _lock(session, contributing_attribute_id)
    old = to_weighted_attribute(existing)
    changes = {name: value for name, value in vars(change).items() if value is not None}
    new = _stored_alike(replace(old, **changes))
    if new.attribute_name != old.attribute_name:
        _require_new_name(before, new.attribute_name)
    after = _checked(weighted(before, [*_without(before, old.attribute_name), new]), register)
    for name, value in vars(new).items():
        setattr(existing, name, value)
    await save_definition(session, Change(actor, "update_score_contributing_attribute", before, after), row)
    return existing


async def delete_contributing_attribute(session: Session, actor: Actor, contributing_attribute_id: str) -> None:
    """Take a weighted attribute from its definition; without its last one that computes nothing any more.

    Raises:
        ContributingAttributeNotFound: no attribute has the id.
    """
    existing, row, before = await _lock(session, contributing_attribute_id)
    after = weighted(before, _without(before, existing.attribute_name))
    await session.delete(existing)
    await save_definition(session, Change(actor, "delete_score_contributing_attribute", before, after), row)


async def _lock(
    session: Session, contributing_attribute_id: str
) -> tuple[G2PRegisterScoreContributingAttribute, G2PRegisterScoreDefinition, ScoreDefinition]:
    """The attribute as it stands once its definition is locked, the definition's row and what the core sees of it."""
    seen = await get_contributing_attribute(session, contributing_attribute_id)
    try:
        row, definition = await lock_definition(session, seen.score_definition_id)
    except ScoreDefinitionNotFound as error:
        # deleted meanwhile, and its attributes with it
        raise _not_found(contributing_attribute_id) from error
    return await get_contributing_attribute(session, contributing_attribute_id), row, definition


async def get_contributing_attribute(
    session: Session, contributing_attribute_id: str
) -> G2PRegisterScoreContributingAttribute:
    """Raise ContributingAttributeNotFound when no weighted attribute has the id."""
    row = await session.get(G2PRegisterScoreContributingAttribute, contributing_attribute_id, populate_existing=True)
    if row is None:
        raise _not_found(contributing_attribute_id)
    return row


def _not_found(contributing_attribute_id: str) -> ContributingAttributeNotFound:
    return ContributingAttributeNotFound(
        f"no contributing attribute has the id {contributing_attribute_id}", field="contributing_attribute_id"
    )


async def list_contributing_attributes(
    session: Session, score_definition_id: str
) -> list[G2PRegisterScoreContributingAttribute]:
    """A definition's weighted attributes, by name; raises ScoreDefinitionNotFound when no definition has the id."""
    await get_definition(session, score_definition_id)
    return await list_weighted_attributes(session, score_definition_id)


def _require_new_name(definition: ScoreDefinition, attribute_name: str) -> None:
    if attribute_name in definition.contributing_attributes:
        raise ContributingAttributeExists(
            f"the definition weighs {attribute_name} already; update that attribute", field="attribute_name"
        )


def _without(definition: ScoreDefinition, attribute_name: str) -> list[WeightedAttribute]:
    return [one for one in definition.weighted_attributes if one.attribute_name != attribute_name]


def _stored_alike(attribute: WeightedAttribute) -> WeightedAttribute:
    """As it is read back: numbers are doubles."""
    check_attribute(attribute)
    mapping = attribute.attribute_computation_value
    numbers = None if mapping is None else with_doubles(mapping)
    weightage = float(attribute.attribute_weightage)
    return replace(attribute, attribute_weightage=weightage, attribute_computation_value=numbers)


def _checked(definition: ScoreDefinition, register: RegisterFacts) -> ScoreDefinition:
    check_definition(definition, register)
    return definition
