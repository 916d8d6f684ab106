"""How writes are tried, whatever run they belong to."""

from datetime import timedelta

from temporalio.common import RetryPolicy

WRITE_TIMEOUT = timedelta(seconds=30)
WRITE_RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=10))
"""Without end: what was computed waits for the database, however long that takes."""
