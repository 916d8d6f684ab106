"""What all runs have in common: how writes are tried, how urgent it is, how long a summary may be, what goes on."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    from scoring.messages import ScoreRequest
    from scoring.priorities import RequestPriority, as_fairness_key

WRITE_TIMEOUT = timedelta(seconds=30)
WRITE_RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=10))
"""Without end: what was computed waits for the database, however long that takes."""

MAX_SUMMARY = 80
"""Characters; servers take 400 bytes."""

OF_CURRENT_VERSION = ContinueAsNewVersioningBehavior.AUTO_UPGRADE
"""Where a run continues as new: on the current version. Servers before 1.30 do not know this and keep its own."""


def priority_of(requests: Sequence[ScoreRequest]) -> Priority:
    """What is done for all of them together is as urgent as the most urgent one, and shares in its fairness key."""
    urgent = min(requests, key=lambda request: request.priority)
    return Priority(priority_key=urgent.priority, fairness_key=urgent.fairness_key)


def bulk_priority(register_id: str) -> Priority:
    """Of what nobody waits for; one register's delays no other's."""
    return Priority(priority_key=RequestPriority.BULK.value, fairness_key=as_fairness_key(register_id))
