"""The compute service of every weighted definition that no plug-in serves."""

from collections.abc import Mapping

from scoring.definitions import ScoreDefinition
from scoring.errors import InvalidDefinition, ScoreInputError
from scoring.formulas import NUMERIC_TYPES, exact_sum, kind_of, number_at
from scoring.json_values import JsonObject, JsonValue


class WeightedSum:
    """The sum of number times weightage over the weighted attributes, rounded to 4 decimals.

    The number is the attribute's value, or what `attribute_computation_value` maps it to where that is required. A
    value that is missing, no number or not mapped is an error: nothing counts as 0 by itself.
    """

    formula_version = "1"
    compute_mode = "instantaneous"

    def check_definition(self, definition: ScoreDefinition, attribute_types: Mapping[str, str]) -> None:
        """Raise InvalidDefinition for an attribute that holds no number and has no mapping to one."""
        for attribute in definition.weighted_attributes:
            kind = attribute_types.get(attribute.attribute_name, "number")
            if kind not in NUMERIC_TYPES and not attribute.attribute_computation_required:
                raise InvalidDefinition(
                    f"{attribute.attribute_name} holds {kind}; set attribute_computation_required, and map each value "
                    "to a number in attribute_computation_value",
                    field="attribute_computation_required",
                )

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


def _term(attribute: JsonObject, values: JsonObject) -> float:
    name = str(attribute["attribute_name"])
    if attribute.get("attribute_computation_required"):
        mapping = attribute.get("attribute_computation_value")
        values = {name: _mapped(name, values.get(name), mapping if isinstance(mapping, dict) else {})}
    return number_at(values, name) * number_at(attribute, "attribute_weightage")


def _mapped(name: str, raw: JsonValue, mapping: JsonObject) -> JsonValue:
    if raw is None:
        return None
    key = _key(name, raw)
    if key not in mapping:
        raise ScoreInputError(
            f"{name} holds a value that its attribute_computation_value does not map to a number", field=name
        )
    return mapping[key]


def _key(name: str, raw: JsonValue) -> str:
    match raw:
        case bool():
            return "true" if raw else "false"
        case str():
            return raw
        case float() if raw.is_integer():
            # JSON has one kind of number: 3 and 3.0 are the same
            return str(int(raw))
        case int() | float():
            return str(raw)
        case _:
            raise ScoreInputError(f"{name} holds {kind_of(raw)}; only single values can be mapped", field=name)
