"""Encrypts everything that goes through Temporal: AES-256-GCM, with the key's id beside each payload."""

import logging
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from steadyscore.payload_keys import KEY_ID, KeyRing

logger = logging.getLogger(__name__)

ENCODING = b"binary/encrypted"
KEY_ID_FIELD = "encryption-key-id"
NONCE_BYTES = 12
_PURPOSE = b"steadyscore payload, key "
"""Authenticated with every payload, the key's id behind it."""


class PayloadKeyMissing(Exception):
    """A payload is encrypted with a key that is not there; no task may end by it, as the key may come back."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"a payload is encrypted with the key {key_id}, which is not in PAYLOAD_KEYS (or PAYLOAD_KEYS_FILE):"
            " add it behind the newest and restart; what needs it is tried again until then"
        )
        self.key_id = key_id


class EncryptionCodec(PayloadCodec):
    """Encrypts whole payloads, metadata included, with the newest key; decrypts with any key of the ring.

    What is not encrypted stays as it is: runs from before encryption, and what people send by the CLI. So does what
    claims to be encrypted and is forged or damaged: nobody can read it then, and its receiver treats it like any other
    garbage, where an error would be repeated for ever.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._newest = ring.newest
        self._ciphers = {key_id: AESGCM(key) for key_id, key in ring.keys.items()}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload; without a key they stay as they are."""
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what is encrypted; raise PayloadKeyMissing where the ring lacks its key."""
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        if self._newest is None:
            return payload
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, payload.SerializeToString(), _bound_to(self._newest))
        metadata = {"encoding": ENCODING, KEY_ID_FIELD: self._newest.encode()}
        return Payload(metadata=metadata, data=nonce + sealed)

    def _decrypted(self, payload: Payload) -> Payload:
        key_id = _key_id_of(payload)
        if key_id is None:
            return payload
        if key_id not in self._ciphers:
            raise PayloadKeyMissing(key_id)
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(self._ciphers[key_id].decrypt(nonce, sealed, _bound_to(key_id)))
        # ValueError: too short to hold a nonce
        except (InvalidTag, ValueError, DecodeError):
            logger.warning("a payload that claims to be encrypted with the key %s is forged or damaged", key_id)
            return payload


def _key_id_of(payload: Payload) -> str | None:
    """The id of the key that it claims to be encrypted with; None where that cannot be."""
    if payload.metadata.get("encoding") != ENCODING:
        return None
    key_id = payload.metadata.get(KEY_ID_FIELD, b"").decode(errors="replace")
    return key_id if KEY_ID.fullmatch(key_id) else None


def _bound_to(key_id: str) -> bytes:
    return _PURPOSE + key_id.encode()
