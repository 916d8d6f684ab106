"""The compute service of every weighted definition that no plug-in serves."""

from collections.abc import Mapping

from scoring.definitions import ScoreDefinition
from scoring.errors import InvalidDefinition, ScoreInputError
from scoring.formulas import NUMERIC_TYPES, exact_sum, number_at
from scoring.json_values import JsonObject, JsonValue
from scoring.mapping_keys import check_key, key_of
from scoring.weighted_attributes import WeightedAttribute


class WeightedSum:
    """The sum of number times weightage over the weighted attributes, rounded to 4 decimals.

    Each product is rounded to a double; the sum of the products is exact, whatever their order. The number is the
    attribute's value, or what `attribute_computation_value` maps it to where that is required. A value that is missing,
    no number or not mapped is an error: nothing counts as 0 by itself.
    """

    formula_version = "1"
    compute_mode = "instantaneous"

    def check_definition(self, definition: ScoreDefinition, attribute_types: Mapping[str, str]) -> None:
        """Raise InvalidDefinition for an attribute that holds no number and has no mapping to one that could fit."""
        for attribute in definition.weighted_attributes:
            kind = attribute_types.get(attribute.attribute_name)
            if kind is not None:
                _check_attribute(attribute, kind)

    async def compute_score(
        self,
        link_internal_record_id: str,
        contributing_attribute_config: list[JsonObject],
        contributing_attribute_values: JsonObject,
    ) -> float:
        """Raise ScoreInputError, naming the attribute, for a value that is missing, no number or not mapped."""
        del link_internal_record_id
        terms = [_term(attribute, contributing_attribute_values) for attribute in contributing_attribute_config]
        return round(exact_sum(terms), 4)


def _check_attribute(attribute: WeightedAttribute, kind: str) -> None:
    name = attribute.attribute_name
    if kind == "list":
        raise InvalidDefinition(
            f"{name} holds list, which a weighted sum cannot use; weigh an attribute of another type",
            field="attribute_name",
        )
    if attribute.attribute_computation_required:
        for key in attribute.attribute_computation_value or {}:
            check_key(name, kind, key)
    elif kind not in NUMERIC_TYPES:
        raise InvalidDefinition(
            f"{name} holds {kind}; set attribute_computation_required, and map each value to a number in "
            "attribute_computation_value",
            field="attribute_computation_required",
        )


def _term(attribute: JsonObject, values: JsonObject) -> float:
    name = str(attribute["attribute_name"])
    if attribute.get("attribute_computation_required"):
        mapping = attribute.get("attribute_computation_value")
        values = {name: _mapped(name, values.get(name), mapping if isinstance(mapping, dict) else {})}
    return number_at(values, name) * number_at(attribute, "attribute_weightage")


def _mapped(name: str, raw: JsonValue, mapping: JsonObject) -> JsonValue:
    if raw is None:
        return None
    key = key_of(name, raw)
    if key not in mapping:
        raise ScoreInputError(
            f"{name} holds a value that its attribute_computation_value does not map to a number", field=name
        )
    return mapping[key]
