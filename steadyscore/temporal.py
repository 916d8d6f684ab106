"""Connecting to Temporal."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RetryConfig


async def connect(address: str, namespace: str, *, lazy: bool = True) -> Client:
    """A client; a lazy one connects when it is first used, so that its process starts without Temporal.

    It repeats no call by itself for long: whoever calls knows better what to do meanwhile. Not lazy, it raises
    RuntimeError where nobody answers.
    """
    return await Client.connect(
        address, namespace=namespace, lazy=lazy, retry_config=RetryConfig(max_retries=1, max_elapsed_time_millis=2_000)
    )


async def require_serving(client: Client) -> None:
    """Raise when the server does not answer."""
    await client.service_client.check_health(timeout=timedelta(seconds=2))
