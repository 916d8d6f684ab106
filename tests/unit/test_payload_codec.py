"""The codec: what comes back, what stays as it is, and what is said of a key that is not there."""

import asyncio
import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from objects import a_request
from scoring.messages import MAX_MESSAGE_BYTES, ScoresRequested
from steadyscore.payload_codec import ENCODING, KEY_ID_FIELD, NONCE_BYTES, EncryptionCodec, PayloadKeyMissing
from steadyscore.payload_keys import NO_KEYS, KeyRing
from steadyscore.temporal import make_data_converter
from temporal_fakes.connections import a_ring

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"income": 5000}')
TAG_BYTES = 16
TEMPORALS_LIMIT = 2 * 1024 * 1024


def encoded(ring: KeyRing, payload: Payload = PLAIN) -> Payload:
    [result] = asyncio.run(EncryptionCodec(ring).encode([payload]))
    return result


def decoded(ring: KeyRing, payload: Payload) -> Payload:
    [result] = asyncio.run(EncryptionCodec(ring).decode([payload]))
    return result


def forged(**changes: bytes) -> Payload:
    """A payload encrypted with the key `new`, changed afterwards."""
    sealed = encoded(a_ring("new"))
    metadata = dict(sealed.metadata) | {KEY_ID_FIELD: changes.get("key_id", b"new")}
    return Payload(metadata=metadata, data=changes.get("data", sealed.data))


@given(st.binary(max_size=1000), st.dictionaries(st.text(max_size=20), st.binary(max_size=50), max_size=5))
def test_any_payload_comes_back_as_it_was(data: bytes, metadata: dict[str, bytes]) -> None:
    payload = Payload(metadata=metadata, data=data)

    assert decoded(a_ring("new"), encoded(a_ring("new"), payload)) == payload


def test_nothing_of_a_payload_is_readable_but_the_id_of_its_key() -> None:
    sealed = encoded(a_ring("new", "old"))

    assert dict(sealed.metadata) == {"encoding": ENCODING, KEY_ID_FIELD: b"new"}
    assert not any(word in sealed.SerializeToString() for word in (b"income", b"5000", b"json"))
    assert len(sealed.data) == NONCE_BYTES + len(PLAIN.SerializeToString()) + TAG_BYTES


def test_the_same_payload_never_looks_the_same() -> None:
    assert len({encoded(a_ring("new")).data for _ in range(100)}) == 100


def test_each_payload_keeps_its_place() -> None:
    payloads = [Payload(data=bytes([number])) for number in range(5)]
    codec = EncryptionCodec(a_ring("new"))

    sealed = asyncio.run(codec.encode(payloads))
    mixed = [sealed[0], payloads[1], *sealed[2:]]

    assert asyncio.run(codec.decode(mixed)) == payloads


def test_after_a_rotation_old_payloads_are_read_and_new_ones_have_the_new_key() -> None:
    before, after = a_ring("old"), a_ring("new", "old")
    old = encoded(before)

    assert decoded(after, old) == PLAIN
    assert encoded(after).metadata[KEY_ID_FIELD] == b"new"


@pytest.mark.parametrize("ring", [a_ring("another"), NO_KEYS], ids=["other keys", "no keys"])
def test_a_key_that_is_not_there_is_named_with_what_to_do(ring: KeyRing) -> None:
    with pytest.raises(PayloadKeyMissing, match=r"the key lost-1, which is not in PAYLOAD_KEYS.*add it"):
        decoded(ring, encoded(a_ring("lost-1")))


def test_without_keys_payloads_stay_as_they_are() -> None:
    assert encoded(NO_KEYS) == PLAIN
    assert decoded(NO_KEYS, PLAIN) == PLAIN


SEALED = encoded(a_ring("new")).data

FORGED = {
    "a bit of the nonce is flipped": forged(data=bytes([SEALED[0] ^ 1]) + SEALED[1:]),
    "a bit of the text is flipped": forged(data=SEALED[:20] + bytes([SEALED[20] ^ 1]) + SEALED[21:]),
    "a bit of the tag is flipped": forged(data=SEALED[:-1] + bytes([SEALED[-1] ^ 1])),
    "the end is cut off": forged(data=SEALED[:-1]),
    "only the nonce is left": forged(data=SEALED[:NONCE_BYTES]),
    "less than a nonce is left": forged(data=SEALED[:5]),
    "nothing is left": forged(data=b""),
    "noise": forged(data=bytes(range(256))),
    "another key of the ring is named": forged(key_id=b"old"),
    "a key without a name": forged(key_id=b""),
    "a key whose name would break a log line": forged(key_id=b"new\nERROR all is lost"),
    "a key whose name is no text": forged(key_id=b"\xff\xfe"),
}


@pytest.mark.parametrize("payload", FORGED.values(), ids=FORGED.keys())
def test_what_is_forged_or_damaged_stays_as_it_is(payload: Payload) -> None:
    assert decoded(a_ring("new", "old"), payload) == payload


def test_the_id_of_the_key_is_authenticated() -> None:
    same_key = a_ring("new").keys["new"]
    renamed = forged(key_id=b"renamed")

    assert decoded(KeyRing({"new": same_key, "renamed": same_key}), renamed) == renamed


def test_a_failure_shows_neither_message_nor_stack_trace_nor_details_to_who_has_no_key() -> None:
    failure = Failure()
    converter = make_data_converter(a_ring("new"))
    with pytest.raises(ApplicationError) as raised:
        raise ApplicationError("income of 5000", "5002") from KeyError("the cause's 5001")

    asyncio.run(converter.encode_failure(raised.value, failure))

    written = failure.SerializeToString()
    back = asyncio.run(converter.decode_failure(failure))
    assert not any(word in written for word in (b"5000", b"5001", b"5002", b"test_payload_codec"))
    assert isinstance(back, ApplicationError)
    assert (back.message, back.details) == ("income of 5000", ("5002",))
    assert "the cause's 5001" in str(back.__cause__)


def test_without_keys_failures_stay_readable() -> None:
    failure = Failure()

    asyncio.run(make_data_converter(NO_KEYS).encode_failure(ValueError("as it is"), failure))

    assert failure.message == "as it is"


def test_the_largest_message_stays_below_temporals_limit() -> None:
    message = ScoresRequested([a_request(1, contributing_attribute_values={"notes": "x" * MAX_MESSAGE_BYTES})])

    [payload] = asyncio.run(make_data_converter(a_ring("new")).encode([message]))
    [plain] = asyncio.run(DataConverter.default.encode([message]))

    assert payload.ByteSize() - plain.ByteSize() < 200
    assert payload.ByteSize() < TEMPORALS_LIMIT


def test_keys_are_not_shown_by_what_holds_them() -> None:
    ring = a_ring("new")

    shown = repr(ring) + repr(EncryptionCodec(ring))

    key = ring.keys["new"]
    assert not any(form in shown for form in (repr(key), key.decode(), base64.b64encode(key).decode()))
