"""The compute interface, and how a score type finds its service."""

import json
import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from inspect import iscoroutinefunction
from typing import Any, Protocol, cast

from scoring.definitions import RegisterFacts, ScoreDefinition, check_shape
from scoring.errors import ComputeServiceNotFound, InvalidInput, ScoreResultError
from scoring.formulas import FsfScore, PmtScore
from scoring.json_values import JsonObject, require_storable, storable_text
from scoring.plugins import ENTRY_POINT_GROUP, EXTENSION_MODULE, extension_class_name, find_plugin, plugin_code
from scoring.signatures import Signature, arguments_of, signature_of
from scoring.weighted_attributes import frozen_weights
from scoring.weighted_sum import WeightedSum

MAX_BREAKDOWN_BYTES = 10_000
"""As JSON. Each score of the history may have one."""


class ComputeMode(StrEnum):
    """How a compute service spends its time, as its `compute_mode` says."""

    INSTANTANEOUS = "instantaneous"
    """Pure arithmetic, done in well under a millisecond: it runs within the worker's own task, as a local activity."""
    CONCURRENT = "concurrent"
    """It awaits what takes time. So does a service that says nothing and has an async method."""
    BLOCKING = "blocking"
    """It holds its thread. So does a service that says nothing and has an ordinary method."""


class ScoreComputeService(Protocol):
    """What computes one score type; made anew for each computation. See also WeightedScoreComputeService.

    The record's id may be called `link_internal_record_id` as well. Of a definition with weighted attributes the config
    has their weights by name in `weights`, and all of them in `contributing_attribute_config`.

    A service may also have `formula_version: str`, kept with each score, `compute_mode`, one of ComputeMode's values,
    and `check_definition(definition, attribute_types)`, which raises InvalidDefinition when a definition is saved.

    With `break_down(contributing_attribute_values, score_config)`, ordinary or async, it may say what the score is made
    of: a JSON object of at most MAX_BREAKDOWN_BYTES, or None. It is called right after `compute_score`, with what that
    was given and within the same timeout, and kept with the score. Where it fails, the computation fails.
    """

    async def compute_score(
        self, internal_record_id: str, contributing_attribute_values: JsonObject, score_config: JsonObject
    ) -> float:
        """The score, a finite number.

        Args:
            internal_record_id: the record's id.
            contributing_attribute_values: values by dot path; what is missing or null in the record is left out.
            score_config: the definition's config.

        Raises:
            ScoreInputError: a value that no retry will mend. Anything else is retried.
        """


class WeightedScoreComputeService(Protocol):
    """What computes one score type from weighted attributes alone, told apart by the names of its parameters."""

    async def compute_score(
        self,
        link_internal_record_id: str,
        contributing_attribute_config: list[JsonObject],
        contributing_attribute_values: JsonObject,
    ) -> float:
        """The score, as of ScoreComputeService; the config holds each attribute's name, weightage and mapping."""


class AnyComputeService(Protocol):
    """A compute service of any signature: see `call_service`."""

    @property
    def compute_score(self) -> Callable[..., Any]:
        """Its method."""


SHIPPED: Mapping[str, type[ScoreComputeService]] = {"PMT_SCORE": PmtScore, "FSF_SCORE": FsfScore}


def find_compute_service(score_type: str, score_config: JsonObject | None = None) -> AnyComputeService:
    """A new service for the score type: a plug-in, the weighted sum for a weighted config, or what ships here.

    Raises:
        ComputeServiceNotFound: nobody serves it, or what serves it cannot be loaded.
    """
    return _service_class(score_type, is_weighted=bool(frozen_weights(score_config or {})))()


def call_service(service: AnyComputeService, internal_record_id: str, values: JsonObject, config: JsonObject) -> Any:
    """Call the service as its signature wants: what it returns, to be awaited where it is awaitable."""
    return service.compute_score(**arguments_of(signature_of(type(service)), internal_record_id, values, config))


def find_break_down(service: AnyComputeService) -> Callable[[JsonObject, JsonObject], Any] | None:
    """The method with which the service says what a score is made of, where it has one."""
    method = getattr(service, "break_down", None)
    return method if callable(method) else None


def _service_class(score_type: str, *, is_weighted: bool) -> Callable[[], AnyComputeService]:
    plugin = find_plugin(score_type)
    if plugin is not None:
        if not is_weighted and signature_of(plugin) is Signature.WEIGHTED:
            raise ComputeServiceNotFound(
                f"the compute service of {score_type} takes weighted attributes; create the definition without "
                "contributing_attributes and add them with create_score_contributing_attribute",
                field="contributing_attributes",
            )
        return cast(Callable[[], AnyComputeService], plugin)
    if is_weighted:
        return WeightedSum
    if score_type in SHIPPED:
        return SHIPPED[score_type]
    raise ComputeServiceNotFound(
        f"no compute service serves score type {score_type!r}; install a package with an entry point of that name "
        f"in group {ENTRY_POINT_GROUP}, or a class {extension_class_name(score_type)} in {EXTENSION_MODULE}, or create "
        "the definition without contributing_attributes and add weighted attributes",
        field="score_type",
    )


def check_definition(definition: ScoreDefinition, register: RegisterFacts) -> None:
    """Refuse a definition that its register, its compute service or the rules for definitions cannot accept.

    Raises:
        InvalidDefinition, ComputeServiceNotFound, RegisterPurposeConflict
    """
    check_shape(definition, register)
    if not definition.contributing_attributes and find_plugin(definition.score_type) is None:
        return
    # one that has no attributes yet will be weighted
    make = _service_class(definition.score_type, is_weighted=not definition.is_plain)
    with plugin_code(f"the compute service of {definition.score_type} cannot be made"):
        service = make()
    check = getattr(service, "check_definition", None)
    if check is not None and definition.contributing_attributes:
        with plugin_code(f"the check_definition of the compute service of {definition.score_type} failed"):
            check(definition, register.attribute_types or {})


def require_score(result: object, score_type: str) -> float:
    """The result as a finite double.

    Raises:
        ScoreResultError: it is none.
    """
    if isinstance(result, bool) or not isinstance(result, int | float):
        raise ScoreResultError(f"the service of {score_type} returned {type(result).__name__}, not a number")
    try:
        score = float(result)
    except OverflowError:
        score = math.inf
    if not math.isfinite(score):
        raise ScoreResultError(f"the service of {score_type} returned a number that is not finite")
    # PostgreSQL's JSON knows no -0.0: with it, a stored score could not be computed again bit for bit
    return score + 0.0


def require_breakdown(result: object, score_type: str) -> JsonObject | None:
    """What `break_down` returned as JSON has it; None where it tells nothing.

    Raises:
        ScoreResultError: it is no JSON object, or too large.
    """
    if result is None:
        return None
    breakdown = _as_json(result, score_type)
    if not isinstance(breakdown, dict):
        raise ScoreResultError(f"break_down of {score_type} returned {type(result).__name__}, not an object")
    return breakdown


def _as_json(result: object, score_type: str) -> object:
    try:
        text = json.dumps(result, allow_nan=False)
        # measured before it is looked at: that takes its time with a large one
        value = json.loads(text) if len(text) <= MAX_BREAKDOWN_BYTES else None
        require_storable(value, "breakdown")
    except (TypeError, ValueError, RecursionError, InvalidInput):
        raise ScoreResultError(f"break_down of {score_type} returned what JSON cannot hold") from None
    if len(text) > MAX_BREAKDOWN_BYTES:
        raise ScoreResultError(f"break_down of {score_type} returned more than {MAX_BREAKDOWN_BYTES} bytes of JSON")
    return value


def mode_of(service: AnyComputeService) -> ComputeMode:
    """How the service is run; what it declares wins, unless it is no mode."""
    declared = getattr(service, "compute_mode", None)
    if declared in list(ComputeMode):
        return ComputeMode(declared)
    return ComputeMode.CONCURRENT if iscoroutinefunction(service.compute_score) else ComputeMode.BLOCKING


@cache
def is_instantaneous(score_type: str, *, is_weighted: bool = False) -> bool:
    """Whether what serves the score type here says so; False for what nobody serves here.

    Without a plug-in that is the weighted sum for a weighted definition, or what ships here.
    """
    try:
        plugin = find_plugin(score_type)
        if plugin is None:
            return is_weighted or score_type in SHIPPED
        return mode_of(plugin()) is ComputeMode.INSTANTANEOUS
    except Exception:  # noqa: BLE001 - a plug-in that cannot be made: the worker tells why
        return False


def formula_of(service: AnyComputeService) -> tuple[str, str]:
    """Name and version of the formula, as kept in the history."""
    kind = type(service)
    version = str(getattr(service, "formula_version", "unversioned"))
    return storable_text(f"{kind.__module__}.{kind.__qualname__}"), storable_text(version)
