"""Weighted attributes (OpenG2P's latest code): what each is worth, and how a request carries them.

A request's `score_config` is the definition's with all weighted attributes beside it, under one reserved key: what a
score is computed from never changes after the approval.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring.errors import InvalidDefinition
from scoring.json_values import JsonObject, JsonValue, require_finite, require_storable

FROZEN_WEIGHTS = "contributing_attribute_config"
"""The reserved key of a request's `score_config`: a list of objects with WeightedAttribute's fields, by name."""


@dataclass(frozen=True)
class WeightedAttribute:
    """A contributing attribute and its weight.

    Where `attribute_computation_required`, a raw value is looked up in `attribute_computation_value` first, such as
    `{"FEMALE_HEADED": 0.3}`. Keys are texts: `true`, `false`, and whole numbers without a decimal point.
    """

    attribute_name: str
    attribute_weightage: float
    attribute_computation_required: bool = False
    attribute_computation_value: JsonObject | None = None


def check_attribute(attribute: WeightedAttribute) -> None:
    """Raise InvalidDefinition for a weight or a mapping that is no number; its name is checked as every path is."""
    _require_number(attribute.attribute_weightage, "attribute_weightage")
    field = "attribute_computation_value"
    mapping = attribute.attribute_computation_value
    if mapping is not None:
        require_storable(mapping, field)
        for raw, number in mapping.items():
            _require_number(number, f"{field}.{raw}")
    if attribute.attribute_computation_required and not mapping:
        raise InvalidDefinition(
            f"{field} is empty; map each value that {attribute.attribute_name} can have to a number, or set "
            "attribute_computation_required to false",
            field=field,
        )


def _require_number(value: object, field: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidDefinition(f"{field} must be a number", field=field)
    require_finite(value, field)


def frozen_weights(score_config: Mapping[str, JsonValue]) -> list[JsonObject]:
    """The weighted attributes that a request carries; empty for a definition that has none.

    Raises:
        InvalidDefinition: it carries something else there.
    """
    frozen = score_config.get(FROZEN_WEIGHTS) or []
    field = f"score_config.{FROZEN_WEIGHTS}"
    if not isinstance(frozen, list):
        raise InvalidDefinition(f"{field} must be a list of weighted attributes", field=field)
    attributes: list[JsonObject] = []
    for attribute in frozen:
        if not isinstance(attribute, dict) or not isinstance(attribute.get("attribute_name"), str):
            raise InvalidDefinition(f"{field} must be a list of weighted attributes", field=field)
        _require_number(attribute.get("attribute_weightage"), f"{field}.attribute_weightage")
        attributes.append(attribute)
    return attributes
