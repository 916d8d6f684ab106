"""The keys that payloads are encrypted with: read from what is configured; never shown, not even where one is wrong."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from steadyscore.errors import SetupError

KEY_BYTES = 32
KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Ids stand beside what is encrypted, and in logs."""

_REMEDY = "write ID:KEY for each, the newest first; `openssl rand -base64 32` makes a KEY"


@dataclass(frozen=True)
class KeyRing:
    """Keys by id, the newest first: it encrypts, all of them decrypt. An empty ring encrypts nothing."""

    keys: Mapping[str, bytes] = field(repr=False)

    @property
    def newest(self) -> str | None:
        """The id of the key that encrypts."""
        return next(iter(self.keys), None)


NO_KEYS = KeyRing(MappingProxyType({}))


def parse_key_ring(text: str) -> KeyRing:
    """Read `ID:KEY` entries between commas or line ends; raise ValueError, which does not show them, for other text."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    entries = [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]
    if not entries:
        raise ValueError(f"holds no key: {_REMEDY}")
    keys: dict[str, bytes] = {}
    for position, entry in enumerate(entries, start=1):
        key_id, key = _parse_entry(entry, f"entry {position}")
        if key_id in keys:
            raise ValueError(f"entry {position} has the id of an earlier one: {_REMEDY}")
        keys[key_id] = key
    return KeyRing(MappingProxyType(keys))


def _parse_entry(entry: str, name: str) -> tuple[str, bytes]:
    key_id, separator, encoded = entry.partition(":")
    if not separator or not KEY_ID.fullmatch(key_id):
        raise ValueError(f"{name} has no id of letters, digits, dots, hyphens and underscores: {_REMEDY}")
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        raise ValueError(f"{name} has a key that is no base64: {_REMEDY}") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"{name} has a key of {len(key)} bytes instead of {KEY_BYTES}: {_REMEDY}")
    return key_id, key


def configured_key_ring(keys: str | None, keys_file: Path | None) -> KeyRing:
    """The ring in PAYLOAD_KEYS or in PAYLOAD_KEYS_FILE, an empty one where neither is set.

    Raise SetupError where both are set, or where what is set cannot be read.
    """
    if keys and keys_file:
        raise SetupError("PAYLOAD_KEYS, PAYLOAD_KEYS_FILE: both are set, and may differ; set one of them")
    if keys:
        return _parsed("PAYLOAD_KEYS", keys)
    if keys_file:
        return _parsed(f"PAYLOAD_KEYS_FILE ({keys_file})", _read(keys_file))
    return NO_KEYS


def _parsed(name: str, text: str) -> KeyRing:
    try:
        return parse_key_ring(text)
    except ValueError as error:
        raise SetupError(f"{name}: {error}") from None


def _read(keys_file: Path) -> str:
    try:
        return keys_file.read_text(encoding="ascii")
    except OSError as error:
        raise SetupError(f"PAYLOAD_KEYS_FILE: {keys_file} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SetupError(f"PAYLOAD_KEYS_FILE: {keys_file} holds something else than keys: {_REMEDY}") from None
