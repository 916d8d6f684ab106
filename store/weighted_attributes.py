"""Weighted attributes as they are read: with their definition, and frozen into the config that a request carries."""

from typing import cast

from sqlalchemy import collate, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB

from scoring.json_values import JsonObject
from scoring.weighted_attributes import FROZEN_WEIGHTS, WeightedAttribute
from store.database import Session
from store.definition_tables import G2PRegisterScoreContributingAttribute, G2PRegisterScoreDefinition

# Part of a statement that reads the definition, hence of one snapshot with its version. COLLATE "C" is Python's order.
_FROZEN_CONFIG = literal_column(
    f"""g2p_register_score_definitions.score_config || coalesce((
        SELECT jsonb_build_object('{FROZEN_WEIGHTS}', jsonb_agg(jsonb_build_object(
            'attribute_name', attribute_name,
            'attribute_weightage', attribute_weightage,
            'attribute_computation_required', attribute_computation_required,
            'attribute_computation_value', attribute_computation_value) ORDER BY attribute_name COLLATE "C"))
        FROM g2p_register_score_contributing_attributes AS weighted
        WHERE weighted.score_definition_id = g2p_register_score_definitions.score_definition_id
        HAVING count(*) > 0), '{{}}')""",
    JSONB,
)

# columns, not objects: a session that has read a definition before would see it as it was then
SELECT_FOR_REQUESTS = select(
    G2PRegisterScoreDefinition.score_definition_id,
    G2PRegisterScoreDefinition.register_id,
    G2PRegisterScoreDefinition.score_type,
    G2PRegisterScoreDefinition.contributing_attributes,
    G2PRegisterScoreDefinition.version,
    _FROZEN_CONFIG.label("score_config"),
    G2PRegisterScoreDefinition.debounce,
    G2PRegisterScoreDefinition.is_enabled,
)
"""What a score request takes from its definition; `score_config` holds all that a computation needs."""


async def list_weighted_attributes(
    session: Session, score_definition_id: str
) -> list[G2PRegisterScoreContributingAttribute]:
    """A definition's weighted attributes, by name."""
    attribute = G2PRegisterScoreContributingAttribute
    statement = (
        select(attribute)
        .where(attribute.score_definition_id == score_definition_id)
        .order_by(collate(attribute.attribute_name, "C"))
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(statement))


def to_weighted_attribute(row: G2PRegisterScoreContributingAttribute) -> WeightedAttribute:
    """The row as the core sees it."""
    mapping = row.attribute_computation_value
    return WeightedAttribute(
        row.attribute_name,
        row.attribute_weightage,
        row.attribute_computation_required,
        None if mapping is None else with_doubles(cast(JsonObject, mapping)),
    )


def with_doubles(mapping: JsonObject) -> JsonObject:
    """The mapping, however JSON wrote its numbers: 1 and 1.0 are no change, and JSONB gives 1e22 as an integer."""
    return {raw: float(cast(float, number)) for raw, number in mapping.items()}
