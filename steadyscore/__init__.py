"""The door: settings, command line, assembling each process. Other programs import these names and nothing else.

A registry calls `request_scores` from its own approval; a package with a formula implements `ScoreComputeService`,
or `WeightedScoreComputeService`, and raises `ScoreInputError` for values that no retry will mend; its
`check_definition` raises `InvalidDefinition`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scoring.compute import ScoreComputeService, WeightedScoreComputeService
    from scoring.definitions import ScoreDefinition
    from scoring.errors import InvalidDefinition, ScoreInputError, ScoringError
    from store.requests import ApprovedChange, request_scores

__all__ = [
    "ApprovedChange",
    "InvalidDefinition",
    "ScoreComputeService",
    "ScoreDefinition",
    "ScoreInputError",
    "ScoringError",
    "WeightedScoreComputeService",
    "request_scores",
]

_MODULES = {
    "ApprovedChange": "store.requests",
    "InvalidDefinition": "scoring.errors",
    "ScoreComputeService": "scoring.compute",
    "ScoreDefinition": "scoring.definitions",
    "ScoreInputError": "scoring.errors",
    "ScoringError": "scoring.errors",
    "WeightedScoreComputeService": "scoring.compute",
    "request_scores": "store.requests",
}


def __getattr__(name: str) -> Any:
    # on first use: the set-up runs parts of this package before any dependency is installed
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
