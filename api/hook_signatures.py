"""Who signed a hook, by the Standard Webhooks specification; docs/decisions/0018 says why no library does it."""

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = timedelta(minutes=5)
"""How far a hook's time may be from ours, either way: what is older may be a replay."""

SENDER = r"[A-Za-z0-9_.\-]{1,64}"
SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
MIN_SECRET_BYTES = 24
SCHEME = "v1,"


class Unsigned(Exception):
    """No signature, or none that counts; the text names the header and the remedy, never what was sent."""


@dataclass(frozen=True)
class HookKey:
    """A secret that a sender signs with; a sender has two while it changes from one to the other."""

    sender: str
    secret: bytes = field(repr=False)


def parse_hook_keys(configured: str) -> tuple[HookKey, ...]:
    """Read `sender:whsec_…,sender:whsec_…`; raise ValueError that names the entry and never shows a secret."""
    keys = tuple(_parse(number, entry) for number, entry in enumerate(configured.split(","), start=1))
    owners: dict[bytes, str] = {}
    for key in keys:
        if owners.setdefault(key.secret, key.sender) != key.sender:
            raise ValueError("two senders have the same secret; the secret tells them apart, so give each its own")
    return keys


def _parse(number: int, entry: str) -> HookKey:
    sender, _, secret = entry.strip().partition(":")
    if not re.fullmatch(SENDER, sender):
        raise ValueError(f"entry {number} must be SENDER:SECRET, the sender 1 to 64 letters, digits, '_', '.' or '-'")
    encoded = secret.removeprefix(SECRET_PREFIX)
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        decoded = b""
    if not secret.startswith(SECRET_PREFIX) or len(decoded) < MIN_SECRET_BYTES:
        raise ValueError(
            f"entry {number} must have a secret of {SECRET_PREFIX} and {MIN_SECRET_BYTES} or more bytes in base64; "
            f"`echo {SECRET_PREFIX}$(openssl rand -base64 32)` makes one"
        )
    return HookKey(sender, decoded)


def require_signed(keys: Sequence[HookKey], headers: Mapping[str, str], now: datetime) -> None:
    """Raise Unsigned where the headers tell already that it cannot be a hook: nobody needs to read its body."""
    if not keys:
        raise Unsigned("no sender of hooks is configured; set HOOK_SECRETS and start the API anew")
    message_id, timestamp, _ = (_header(headers, name) for name in (ID, TIMESTAMP, SIGNATURE))
    # without dots, so that no other id, time and body sign as the same text
    if not re.fullmatch(r"[!-\-/-~]{1,256}", message_id):
        raise Unsigned(f"{ID} must be 1 to 256 characters without spaces and dots")
    _require_recent(timestamp, now)


def signer_of(keys: Sequence[HookKey], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The sender whose secret signed exactly this body with this id, at this time; raise Unsigned if none did."""
    require_signed(keys, headers, now)
    signed = f"{headers[ID]}.{headers[TIMESTAMP]}.".encode() + body
    given = [one.encode("latin-1") for one in headers[SIGNATURE].split(" ") if one.startswith(SCHEME)]
    for key in keys:
        expected = sign(key.secret, signed).encode()
        if any([hmac.compare_digest(expected, one) for one in given]):  # noqa: C419 - all of them, in constant time
            return key.sender
    raise Unsigned(
        f"{SIGNATURE} fits no configured secret; it is `{SCHEME}` and the base64 of HMAC-SHA256 over "
        f"`{{{ID}}}.{{{TIMESTAMP}}}.{{body}}`, the body as it is sent, byte for byte"
    )


def sign(secret: bytes, signed: bytes) -> str:
    """A signature as it stands in the header."""
    return SCHEME + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise Unsigned(f"the header {name} is missing; sign hooks as standardwebhooks.com says")
    return value


def _require_recent(timestamp: str, now: datetime) -> None:
    if not re.fullmatch(r"[0-9]{1,11}", timestamp):
        raise Unsigned(f"{TIMESTAMP} must be whole seconds since 1970, of the moment of sending")
    sent_at = datetime.fromtimestamp(int(timestamp), UTC)
    minutes = int(TOLERANCE / timedelta(minutes=1))
    if sent_at < now - TOLERANCE:
        raise Unsigned(
            f"{TIMESTAMP} is more than {minutes} minutes ago; sign anew to repeat it, and compare the clocks"
        )
    if sent_at > now + TOLERANCE:
        raise Unsigned(f"{TIMESTAMP} is more than {minutes} minutes ahead; compare the clocks")
