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
    own = _parameters(kind, follow_wrapped=False)
    # a decorator may hand on whatever it is given: then the method within tells what that is
    within = _parameters(kind, follow_wrapped=True)
    for parameters in (own, within):
        for signature in Signature:
            if _names(parameters, signature) and _can_be_called(kind, signature):
                return signature
    ways = "; ".join(f"({', '.join(signature.value)})" for signature in Signature)
    takes = " around ".join(dict.fromkeys(map(_in_words, (own, within))))
    raise ComputeServiceNotFound(
        f"{kind.__qualname__}.compute_score takes {takes}; it must take one of {ways}", field="score_type"
    )


_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _parameters(kind: Any, *, follow_wrapped: bool) -> list[inspect.Parameter]:
    try:
        parameters = list(inspect.signature(kind.compute_score, follow_wrapped=follow_wrapped).parameters.values())
    except (TypeError, ValueError):  # not written in Python
        return []
    return parameters[1:] if _has_self(kind) else parameters


def _has_self(kind: type) -> bool:
    return not isinstance(inspect.getattr_static(kind, "compute_score"), staticmethod | classmethod)


def _names(parameters: list[inspect.Parameter], signature: Signature) -> bool:
    required = {one.name for one in parameters if one.default is one.empty and one.kind not in _VARIADIC}
    return required <= set(signature.value) <= {one.name for one in parameters if one.kind in _BY_NAME}


def _can_be_called(kind: Any, signature: Signature) -> bool:
    this = (None,) if _has_self(kind) else ()
    try:
        own = inspect.signature(kind.compute_score, follow_wrapped=False)
        own.bind(*this, **dict.fromkeys(signature.value))
    except (TypeError, ValueError):
        return False
    return True


def _in_words(parameters: list[inspect.Parameter]) -> str:
    return f"({', '.join(one.name for one in parameters) or 'nothing'})"


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
