"""The three ways in which a compute service's method takes its arguments, told apart by their names."""

import inspect
from enum import Enum
from functools import cache
from typing import Any

from scoring.errors import ComputeServiceNotFound
from scoring.json_values import JsonObject
from scoring.weighted_attributes import FROZEN_WEIGHTS, frozen_weights


class Signature(Enum):
    """The parameters of `compute_score`, besides `self`; OpenG2P's generations A, B and C."""

    BY_INTERNAL_ID = ("internal_record_id", "contributing_attribute_values", "score_config")
    BY_LINK_ID = ("link_internal_record_id", "contributing_attribute_values", "score_config")
    WEIGHTED = ("link_internal_record_id", "contributing_attribute_config", "contributing_attribute_values")


@cache
def signature_of(kind: type) -> Signature:
    """Which of the three a compute service's class has; its own parameters may follow, with defaults.

    Raises:
        ComputeServiceNotFound: none of them.
    """
    parameters = _parameters(kind)
    required = {one.name for one in parameters if one.default is one.empty and one.kind not in _VARIADIC}
    by_name = {one.name for one in parameters if one.kind in _BY_NAME}
    for signature in Signature:
        if required <= set(signature.value) <= by_name:
            return signature
    ways = "; ".join(f"({', '.join(signature.value)})" for signature in Signature)
    takes = ", ".join(one.name for one in parameters) or "nothing"
    raise ComputeServiceNotFound(
        f"{kind.__qualname__}.compute_score takes ({takes}); it must take one of {ways}", field="score_type"
    )


_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _parameters(kind: Any) -> list[inspect.Parameter]:
    try:
        parameters = list(inspect.signature(kind.compute_score).parameters.values())
    except (TypeError, ValueError):  # not written in Python
        return []
    has_self = not isinstance(inspect.getattr_static(kind, "compute_score"), staticmethod | classmethod)
    return parameters[1:] if has_self else parameters


def arguments_of(
    signature: Signature, internal_record_id: str, values: JsonObject, score_config: JsonObject
) -> dict[str, Any]:
    """The arguments of a computation, by name.

    What knows of no weighted attributes gets their weights in `score_config["weights"]`, by name.
    """
    attributes = frozen_weights(score_config)
    if attributes and signature is not Signature.WEIGHTED:
        weights = {str(one["attribute_name"]): one["attribute_weightage"] for one in attributes}
        score_config = {**score_config, "weights": weights}
    given = {
        "internal_record_id": internal_record_id,
        "link_internal_record_id": internal_record_id,
        "contributing_attribute_values": values,
        "score_config": score_config,
        FROZEN_WEIGHTS: attributes,
    }
    return {name: given[name] for name in signature.value}
