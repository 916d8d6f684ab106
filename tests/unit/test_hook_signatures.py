"""Signatures of hooks: what is let through, and what is told of what is not."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from api.hook_signatures import HookKey, Unsigned, parse_hook_keys, signer_of

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
BODY = '{"income": 3500, "name": "Amina Wanjirũ"}'.encode()
FARMERS, LAND, FARMERS_OLD = b"f" * 24, b"l" * 32, b"o" * 24
KEYS = (HookKey("farmers", FARMERS), HookKey("farmers", FARMERS_OLD), HookKey("land", LAND))


def sign(secret: bytes, body: bytes = BODY, sent_at: datetime = NOW, message_id: str = "msg_1") -> dict[str, str]:
    """The headers that a sender adds, by the text of the specification."""
    timestamp = str(int(sent_at.timestamp()))
    digest = hmac.new(secret, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


def test_the_example_of_the_reference_implementation_is_let_through() -> None:
    # what standardwebhooks 1.1.0 makes of this secret, id, time and body
    keys = parse_hook_keys("sender:whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }

    signer = signer_of(keys, headers, b'{"test": 2432232314}', datetime.fromtimestamp(1614265330, UTC))

    assert signer == "sender"


@pytest.mark.parametrize(
    ("secret", "sender"),
    [
        pytest.param(FARMERS, "farmers", id="the new secret"),
        pytest.param(FARMERS_OLD, "farmers", id="the old secret while it is changed"),
        pytest.param(LAND, "land", id="another sender"),
    ],
)
def test_the_secret_tells_the_sender(secret: bytes, sender: str) -> None:
    assert signer_of(KEYS, sign(secret), BODY, NOW) == sender


def test_one_of_several_signatures_is_enough() -> None:
    headers = sign(FARMERS)
    headers["webhook-signature"] = f"v1a,xyz v1,AAAA {headers['webhook-signature']} v2,zzz"

    assert signer_of(KEYS, headers, BODY, NOW) == "farmers"


@pytest.mark.parametrize("position", [0, len(BODY) // 2, len(BODY) - 1])
def test_a_body_that_differs_in_one_bit_is_refused(position: int) -> None:
    altered = bytearray(BODY)
    altered[position] ^= 1

    with pytest.raises(Unsigned, match="webhook-signature fits no configured secret"):
        signer_of(KEYS, sign(FARMERS), bytes(altered), NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [("webhook-id", "msg_2"), ("webhook-timestamp", str(int(NOW.timestamp()) + 1))],
)
def test_another_id_or_time_than_what_was_signed_is_refused(name: str, value: str) -> None:
    with pytest.raises(Unsigned, match="fits no configured secret"):
        signer_of(KEYS, sign(FARMERS) | {name: value}, BODY, NOW)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(missing: str) -> None:
    headers = {name: value for name, value in sign(FARMERS).items() if name != missing}

    with pytest.raises(Unsigned, match=f"the header {missing} is missing"):
        signer_of(KEYS, headers, BODY, NOW)


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_clocks_may_differ_by_five_minutes(minutes: int) -> None:
    assert signer_of(KEYS, sign(FARMERS, sent_at=NOW + timedelta(minutes=minutes)), BODY, NOW) == "farmers"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [pytest.param(-301, "5 minutes ago", id="a replay"), pytest.param(301, "5 minutes ahead", id="a fast clock")],
)
def test_beyond_five_minutes_even_what_is_genuine_is_refused(seconds: int, told: str) -> None:
    with pytest.raises(Unsigned, match=told):
        signer_of(KEYS, sign(FARMERS, sent_at=NOW + timedelta(seconds=seconds)), BODY, NOW)


@pytest.mark.parametrize("timestamp", ["now", "1764063000.5", "-1", "1e9", " 1764063000", "9" * 12, "²"])
def test_a_time_that_is_none_is_refused(timestamp: str) -> None:
    with pytest.raises(Unsigned, match="webhook-timestamp must be whole seconds"):
        signer_of(KEYS, sign(FARMERS) | {"webhook-timestamp": timestamp}, BODY, NOW)


def test_an_id_with_a_dot_is_refused_as_the_rest_could_be_read_as_another_time_and_body() -> None:
    with pytest.raises(Unsigned, match="webhook-id must be"):
        signer_of(KEYS, sign(FARMERS, message_id="msg.1764063000"), BODY, NOW)


@pytest.mark.parametrize("signature", ["v1,", "v1,%%%", "v2,AAAA", "v1", ",", "AAAA", "v1,\xff"])
def test_a_signature_that_is_none_is_refused_and_nothing_worse(signature: str) -> None:
    with pytest.raises(Unsigned, match="fits no configured secret"):
        signer_of(KEYS, sign(FARMERS) | {"webhook-signature": signature}, BODY, NOW)


def test_without_a_sender_nothing_is_let_through_not_even_an_empty_secret() -> None:
    with pytest.raises(Unsigned, match="set HOOK_SECRETS"):
        signer_of((), sign(b""), BODY, NOW)


def test_secrets_are_read_with_and_without_padding() -> None:
    padded, unpadded = base64.b64encode(b"s" * 25).decode(), base64.b64encode(b"t" * 25).decode().rstrip("=")

    keys = parse_hook_keys(f"farmers:whsec_{padded}, land-registry:whsec_{unpadded}")

    assert [key.sender for key in keys] == ["farmers", "land-registry"]
    assert [key.secret for key in keys] == [b"s" * 25, b"t" * 25]


LONG = "whsec_" + base64.b64encode(b"hunter2" * 4).decode()


@pytest.mark.parametrize(
    ("configured", "told"),
    [
        pytest.param(LONG, "entry 1 must be SENDER:SECRET", id="no sender"),
        pytest.param(f"farmers:{LONG},:{LONG}", "entry 2 must be SENDER:SECRET", id="an empty sender"),
        pytest.param(f"far mers:{LONG}", "entry 1 must be SENDER:SECRET", id="a sender with a space"),
        pytest.param(f"farmers:{LONG},", "entry 2", id="a comma too many"),
        pytest.param(f"farmers:{LONG.removeprefix('whsec_')}", "entry 1 must have a secret", id="no prefix"),
        pytest.param("farmers:whsec_" + base64.b64encode(b"hunter2" * 3).decode(), "24 or more bytes", id="too short"),
        pytest.param(f"farmers:{LONG}é", "entry 1 must have a secret", id="no base64"),
        pytest.param(f"farmers:{LONG[:-4]}_-_-", "entry 1 must have a secret", id="base64 of another kind"),
        pytest.param(f"farmers:{LONG},land:{LONG}", "two senders have the same secret", id="a shared secret"),
    ],
)
def test_secrets_that_cannot_be_used_are_refused_and_not_shown(configured: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        parse_hook_keys(configured)

    assert LONG not in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_secret_is_not_shown() -> None:
    assert "hunter2" not in repr(HookKey("farmers", b"hunter2" * 4))
