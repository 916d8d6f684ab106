"""What all runs have in common: how writes are tried, how long a summary may be."""

from datetime import timedelta

from temporalio.common import RetryPolicy

WRITE_TIMEOUT = timedelta(seconds=30)
WRITE_RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=10))
"""Without end: what was computed waits for the database, however long that takes."""

MAX_SUMMARY = 80
"""Characters; servers take 400 bytes."""
