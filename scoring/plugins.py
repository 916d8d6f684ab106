"""Finding the class with which another package serves a score type: by entry point, or by name in the namespace.

The namespace is filled by separate packages: each brings a module, and none need own `services/__init__.py`.
"""

import importlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from scoring.errors import ComputeServiceNotFound, InvalidInput
from scoring.failures import describe_exception
from scoring.signatures import signature_of

ENTRY_POINT_GROUP = "g2p_score_compute"
EXTENSION_MODULE = "openg2p_registry_extensions.score_compute.services"


@cache
def find_plugin(score_type: str) -> type | None:
    """The class that serves the score type, checked; None where no installed package has one.

    Raises:
        ComputeServiceNotFound: what is registered cannot be loaded, or is no compute service.
    """
    found = _from_entry_point(score_type)
    if found is None:
        found = _from_extension(score_type)
    return None if found is None else _checked(found, score_type)


def _from_entry_point(score_type: str) -> object:
    for point in entry_points(group=ENTRY_POINT_GROUP, name=score_type):
        with plugin_code(f"entry point {point.value}, asked for score type {score_type!r}, cannot be loaded"):
            return point.load()
    return None


def _from_extension(score_type: str) -> object:
    name = extension_class_name(score_type)
    with plugin_code(f"{EXTENSION_MODULE}, asked for score type {score_type!r}, cannot be loaded"):
        services = _module(EXTENSION_MODULE)
        if services is None or hasattr(services, name):
            return getattr(services, name, None)
        own = f"{EXTENSION_MODULE}.{extension_module_name(score_type)}"
        module = _module(own) if extension_module_name(score_type).isidentifier() else None
        return None if module is None else getattr(module, name)


def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # absent is normal; present, but with an import of its own that fails, is not
        if not f"{name}.".startswith(f"{error.name}."):
            raise
        return None


@contextmanager
def plugin_code(failure: str) -> Iterator[None]:
    """Where a package's own code runs: what it raises, but InvalidInput, becomes ComputeServiceNotFound."""
    try:
        yield
    except InvalidInput:
        raise
    except Exception as error:
        raise ComputeServiceNotFound(f"{failure}: {describe_exception(error)}", field="score_type") from error


def extension_class_name(score_type: str) -> str:
    """`PMT_SCORE` is served by `G2PScoreComputeServicePmtScore`."""
    return "G2PScoreComputeService" + score_type.replace("_", " ").title().replace(" ", "")


def extension_module_name(score_type: str) -> str:
    """The source document's name for the module with that class: `g2p_score_compute_service_pmt_score`."""
    return "_".join(["g2p_score_compute_service", *score_type.lower().replace("_", " ").split()])


def _checked(found: object, score_type: str) -> type:
    if not isinstance(found, type) or not callable(getattr(found, "compute_score", None)):
        raise ComputeServiceNotFound(
            f"what is registered for score type {score_type!r} is no class with a method compute_score",
            field="score_type",
        )
    if _needs_arguments(found):
        raise ComputeServiceNotFound(
            f"the constructor of {found.__qualname__}, registered for score type {score_type!r}, needs arguments; a "
            "compute service is made without any",
            field="score_type",
        )
    signature_of(found)
    return found


def _needs_arguments(kind: type) -> bool:
    try:
        inspect.signature(kind).bind()
    except TypeError:
        return True
    except ValueError:  # it has none that Python could tell
        return False
    return False
