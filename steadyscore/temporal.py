"""Connecting to Temporal, and what is done to everything that goes through it."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from temporalio.client import Client, Interceptor
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.service import RetryConfig

from steadyscore.payload_codec import EncryptionCodec
from steadyscore.payload_keys import KeyRing
from steadyscore.settings import Settings

logger = logging.getLogger(__name__)


async def connect(settings: Settings, *, lazy: bool = True, interceptors: Sequence[Interceptor] = ()) -> Client:
    """A client; a lazy one connects when it is first used, so that its process starts without Temporal.

    It repeats no call by itself for long: whoever calls knows better what to do meanwhile. Not lazy, it raises
    RuntimeError where nobody answers.
    """
    return await Client.connect(
        settings.require_temporal_address(),
        namespace=settings.temporal_namespace,
        data_converter=make_data_converter(settings.key_ring()),
        interceptors=interceptors,
        lazy=lazy,
        retry_config=RetryConfig(max_retries=1, max_elapsed_time_millis=2_000),
    )


def make_data_converter(ring: KeyRing) -> DataConverter:
    """The one converter of workers, clients and replays: with keys it encrypts payloads and the texts of failures."""
    # without keys it decrypts nothing either, but says which key is missing, where the SDK would drop a signal
    converter = replace(DataConverter.default, payload_codec=EncryptionCodec(ring))
    if ring.newest is None:
        return converter
    return replace(converter, failure_converter_class=DefaultFailureConverterWithEncodedAttributes)


def warn_unless_encrypted(settings: Settings) -> None:
    """Say once, at the start of a process, that Temporal sees everything."""
    if settings.key_ring().newest is None:
        logger.warning(
            "payloads are NOT encrypted: Temporal stores attribute values as they are, and shows them to whoever"
            " may look; set PAYLOAD_KEYS or PAYLOAD_KEYS_FILE"
        )


async def require_serving(client: Client) -> None:
    """Raise when the server does not answer."""
    await client.service_client.check_health(timeout=timedelta(seconds=2))
