"""The door: settings, command line, assembling each process. Other programs import these names and nothing else.

A registry calls `request_scores` from its own approval; a package with a formula implements `ScoreComputeService` and
raises `ScoreInputError` for values that no retry will mend.
"""

from scoring.compute import ScoreComputeService
from scoring.errors import ScoreInputError, ScoringError
from store.requests import ApprovedChange, request_scores

__all__ = ["ApprovedChange", "ScoreComputeService", "ScoreInputError", "ScoringError", "request_scores"]
