"""The compute interface, and how a score type finds its service."""

import importlib
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from importlib.metadata import entry_points
from inspect import iscoroutinefunction
from typing import Protocol, cast

from scoring.definitions import RegisterFacts, ScoreDefinition, check_shape
from scoring.errors import ComputeServiceNotFound, ScoreResultError
from scoring.failures import describe_exception
from scoring.formulas import FsfScore, PmtScore
from scoring.json_values import JsonObject, storable_text

ENTRY_POINT_GROUP = "g2p_score_compute"
EXTENSION_MODULE = "openg2p_registry_extensions.score_compute.services"


class ComputeMode(StrEnum):
    """How a compute service spends its time, as its `compute_mode` says."""

    INSTANTANEOUS = "instantaneous"
    """Pure arithmetic, done in well under a millisecond: it runs within the worker's own task, as a local activity."""
    CONCURRENT = "concurrent"
    """It awaits what takes time. So does a service that says nothing and has an async method."""
    BLOCKING = "blocking"
    """It holds its thread. So does a service that says nothing and has an ordinary method."""


class ScoreComputeService(Protocol):
    """What computes one score type; made anew for each computation.

    It may also have `formula_version: str`, kept with each score, `compute_mode`, one of ComputeMode's values, and
    `check_definition(definition, attribute_types)`, which raises InvalidDefinition when a definition is saved.
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


SHIPPED: Mapping[str, type[ScoreComputeService]] = {"PMT_SCORE": PmtScore, "FSF_SCORE": FsfScore}


def find_compute_service(score_type: str) -> ScoreComputeService:
    """A new service for the score type: from an entry point, by the document's naming convention, or shipped here.

    Raises:
        ComputeServiceNotFound: nobody serves it, or what serves it cannot be loaded.
    """
    return _service_class(score_type)()


@cache
def _service_class(score_type: str) -> type[ScoreComputeService]:
    candidates = (source(score_type) for source in (_from_entry_point, _from_extension, SHIPPED.get))
    found: object = next((candidate for candidate in candidates if candidate is not None), None)
    if found is None:
        raise ComputeServiceNotFound(
            f"no compute service serves score type {score_type!r}; install a package with an entry point of that name "
            f"in group {ENTRY_POINT_GROUP}, or a class {extension_class_name(score_type)} in {EXTENSION_MODULE}",
            field="score_type",
        )
    if not isinstance(found, type) or not callable(getattr(found, "compute_score", None)):
        raise ComputeServiceNotFound(
            f"what is registered for score type {score_type!r} is no class with a method compute_score",
            field="score_type",
        )
    return cast(type[ScoreComputeService], found)


def _from_entry_point(score_type: str) -> object:
    for point in entry_points(group=ENTRY_POINT_GROUP, name=score_type):
        with _loading(f"entry point {point.value}", score_type):
            return point.load()
    return None


def _from_extension(score_type: str) -> object:
    with _loading(EXTENSION_MODULE, score_type):
        try:
            module = importlib.import_module(EXTENSION_MODULE)
        except ModuleNotFoundError as error:
            # absent is normal; present, but with an import of its own that fails, is not
            if not f"{EXTENSION_MODULE}.".startswith(f"{error.name}."):
                raise
            return None
        return getattr(module, extension_class_name(score_type), None)


@contextmanager
def _loading(what: str, score_type: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise ComputeServiceNotFound(
            f"{what}, asked for score type {score_type!r}, cannot be loaded: {describe_exception(error)}",
            field="score_type",
        ) from error


def extension_class_name(score_type: str) -> str:
    """`PMT_SCORE` is served by `G2PScoreComputeServicePmtScore`."""
    return "G2PScoreComputeService" + score_type.replace("_", " ").title().replace(" ", "")


def check_definition(definition: ScoreDefinition, register: RegisterFacts) -> None:
    """Refuse a definition that its register, its compute service or the rules for definitions cannot accept.

    Raises:
        InvalidDefinition, ComputeServiceNotFound, RegisterPurposeConflict
    """
    check_shape(definition, register)
    service = find_compute_service(definition.score_type)
    check = getattr(service, "check_definition", None)
    if check is not None:
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


def mode_of(service: ScoreComputeService) -> ComputeMode:
    """How the service is run; what it declares wins, unless it is no mode."""
    declared = getattr(service, "compute_mode", None)
    if declared in list(ComputeMode):
        return ComputeMode(declared)
    return ComputeMode.CONCURRENT if iscoroutinefunction(service.compute_score) else ComputeMode.BLOCKING


@cache
def is_instantaneous(score_type: str) -> bool:
    """Whether what serves the score type here says so; False where nothing does."""
    try:
        return mode_of(find_compute_service(score_type)) is ComputeMode.INSTANTANEOUS
    except Exception:  # noqa: BLE001 - a plug-in that cannot be made: the worker tells why
        return False


def formula_of(service: ScoreComputeService) -> tuple[str, str]:
    """Name and version of the formula, as kept in the history."""
    kind = type(service)
    version = str(getattr(service, "formula_version", "unversioned"))
    return storable_text(f"{kind.__module__}.{kind.__qualname__}"), storable_text(version)
