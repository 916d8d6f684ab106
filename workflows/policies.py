"""What all runs have in common: how writes are tried, how long a summary may be, which version goes on."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ContinueAsNewVersioningBehavior

WRITE_TIMEOUT = timedelta(seconds=30)
WRITE_RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=10))
"""Without end: what was computed waits for the database, however long that takes."""

MAX_SUMMARY = 80
"""Characters; servers take 400 bytes."""

OF_CURRENT_VERSION = ContinueAsNewVersioningBehavior.AUTO_UPGRADE
"""Where a run continues as new: on the current version. Servers before 1.30 do not know this and keep its own."""
