"""Connecting to Temporal: with the keys that are configured, and with a word where there are none."""

import pytest
from temporalio.client import Interceptor
from temporalio.converter import DefaultFailureConverterWithEncodedAttributes

from steadyscore.payload_codec import KEY_ID_FIELD
from steadyscore.temporal import connect, warn_unless_encrypted
from temporal_fakes.connections import as_configured, settings_for

PLAIN = settings_for("127.0.0.1:1")
ENCRYPTED = PLAIN.model_copy(update={"payload_keys": as_configured("new", "old")})


async def test_a_client_encrypts_with_the_newest_key_and_hides_what_failures_say() -> None:
    client = await connect(ENCRYPTED)

    [payload] = await client.data_converter.encode(["anything"])

    assert payload.metadata[KEY_ID_FIELD] == b"new"
    assert client.data_converter.failure_converter_class is DefaultFailureConverterWithEncodedAttributes


async def test_a_client_has_the_interceptors_that_it_is_given() -> None:
    interceptor = Interceptor()

    client = await connect(PLAIN, interceptors=[interceptor])

    assert client.config()["interceptors"] == [interceptor]


def test_without_keys_a_process_says_so_with_the_remedy(caplog: pytest.LogCaptureFixture) -> None:
    warn_unless_encrypted(PLAIN)
    warn_unless_encrypted(ENCRYPTED)

    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert "NOT encrypted" in record.getMessage()
    assert "PAYLOAD_KEYS" in record.getMessage()
