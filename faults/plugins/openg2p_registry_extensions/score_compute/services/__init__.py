"""Compute services for a load under faults: two that work, and one that falls ill as its definition says.

They are found by their names, as those of any other package in this namespace; put `faults/plugins` on PYTHONPATH.
"""

from .healthy import G2PScoreComputeServiceBlockingScore, G2PScoreComputeServiceConcurrentScore
from .ill import (
    G2PScoreComputeServiceIllBlockingScore,
    G2PScoreComputeServiceIllInstantaneousScore,
    G2PScoreComputeServiceIllScore,
)

__all__ = [
    "G2PScoreComputeServiceBlockingScore",
    "G2PScoreComputeServiceConcurrentScore",
    "G2PScoreComputeServiceIllBlockingScore",
    "G2PScoreComputeServiceIllInstantaneousScore",
    "G2PScoreComputeServiceIllScore",
]
