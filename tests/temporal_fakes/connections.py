"""Clients as the processes have them, and with keys for payloads."""

import base64

from temporalio.client import Client

from steadyscore.payload_keys import KeyRing
from steadyscore.settings import Settings
from steadyscore.temporal import make_data_converter


def settings_for(address: str) -> Settings:
    """Settings of a process that finds Temporal there and encrypts nothing."""
    return Settings(_env_file=None, temporal_address=address, payload_keys=None, payload_keys_file=None)


def a_ring(*key_ids: str) -> KeyRing:
    """A ring of these keys, the newest first; the same id is always the same key."""
    return KeyRing({key_id: key_of(key_id) for key_id in key_ids})


def key_of(key_id: str) -> bytes:
    """The key of a ring of the tests."""
    return key_id.encode().ljust(32, b".")


def as_configured(*key_ids: str) -> str:
    """What PAYLOAD_KEYS says for a ring of these keys."""
    return ",".join(f"{key_id}:{base64.b64encode(key_of(key_id)).decode()}" for key_id in key_ids)


def with_ring(client: Client, ring: KeyRing) -> Client:
    """A client on the same connection with these keys."""
    config = client.config()
    config["data_converter"] = make_data_converter(ring)
    return Client(**config)
