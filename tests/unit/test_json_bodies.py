"""What is refused of a JSON body before anybody looks at its fields, and in what time."""

import contextlib
import json
import time

import pytest
from fastapi.exceptions import RequestValidationError

from api.json_bodies import MAX_DEPTH, parse_json

PLANTED = "Amina-0700-555-100"


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"[]" + b"}" * (depth - 1)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="no end"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), id="UTF-16"),
        pytest.param('{"a": 1}'.encode("utf-32-le"), id="UTF-32"),
        pytest.param(b"{'a': 1}", id="Python"),
        pytest.param(b'{"a": "\x00"}', id="a NUL byte in a text"),
        pytest.param(b'{"a": 1} x', id="more than one value"),
        pytest.param(b"[" * MAX_DEPTH, id="brackets without end"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(RequestValidationError) as refused:
        parse_json(body)

    assert [error["type"] for error in refused.value.errors()] == ["json_invalid"]


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        pytest.param('{"a": [1, NaN]}', ("a", 1), "must be a finite number", id="NaN"),
        pytest.param('{"a": -Infinity}', ("a",), "must be a finite number", id="infinity"),
        pytest.param('{"a": 1e400}', ("a",), "must be a finite number", id="a large exponent"),
        pytest.param(f'{{"a": {"9" * 400}}}', ("a",), "must be a finite number", id="400 digits"),
        pytest.param(f'{{"a": {"9" * 400}.5}}', ("a",), "must be a finite number", id="400 digits and a fraction"),
        pytest.param(f'{{"a": {"9" * 100_000}}}', (), "too many digits", id="100,000 digits"),
        pytest.param(r'{"a": {"b": "x\u0000"}}', ("a", "b"), r"U\+0000", id="an escaped NUL"),
        pytest.param(r'{"a": {"\u0000": 1}}', ("a",), r"a key holds the character U\+0000", id="a NUL in a key"),
        pytest.param(r'{"a": "\ud800"}', ("a",), "half of a surrogate pair", id="a lone surrogate"),
        pytest.param(r'{"\uDC00": 1}', (), "half of a surrogate pair", id="a lone surrogate in a key"),
        pytest.param('{"a": {"b": 1, "c": 2, "b": 3}}', ("b",), "given twice", id="a key twice"),
    ],
)
def test_what_nobody_could_store_is_refused_by_its_place(body: str, path: tuple[str | int, ...], message: str) -> None:
    planted = body.replace('{"', f'{{"planted": "{PLANTED}", "', 1)

    with pytest.raises(RequestValidationError, match=message) as refused:
        parse_json(planted.encode())

    assert [error["loc"] for error in refused.value.errors()] == [("body", *path)]
    assert PLANTED not in str(refused.value)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 900, 100_000])
def test_what_is_nested_too_deeply_is_refused(depth: int) -> None:
    with pytest.raises(RequestValidationError, match=f"nested {MAX_DEPTH} deep"):
        parse_json(nested(depth))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(nested(MAX_DEPTH), id="as deep as may be"),
        pytest.param(b'"' + b"[{" * 1000 + b'\\""', id="brackets and a quotation mark in a text"),
        pytest.param(b"[" + b"[]," * 1000 + b"{}]", id="many side by side"),
        pytest.param("\ufeff{}".encode(), id="a byte order mark"),
        pytest.param(rb'"\ud83d\ude00"', id="a whole pair"),
        pytest.param(f'"{"NaN Infinity 1e400 " * 20}"'.encode(), id="a text that looks like numbers"),
        pytest.param(b"[1e308, -12345678901234567890, 0.1E-400]", id="numbers that are finite"),
    ],
)
def test_what_is_json_is_read(body: bytes) -> None:
    assert parse_json(body) == json.loads(body.decode("utf-8-sig"))


LARGE = 1_000_000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * LARGE, id="opened"),
        pytest.param(b"[" + b"[]," * (LARGE // 3) + b"[]]", id="lists"),
        pytest.param(b"{" + b",".join(b'"%d":0' % n for n in range(LARGE // 10)) + b',"0":1}', id="keys, one twice"),
        pytest.param(b"[" + b"0," * (LARGE // 2) + b"NaN]", id="numbers, the last of which is none"),
        pytest.param(b'"' + b'\\"' * (LARGE // 2) + b'"', id="quotation marks"),
        pytest.param(b'["' + b'","' * (LARGE // 3) + b'"]' + b"[]" * 40, id="texts"),
        pytest.param(b"1" * LARGE, id="digits"),
    ],
)
def test_the_largest_body_costs_a_bounded_time(body: bytes) -> None:
    began = time.process_time()

    with contextlib.suppress(RequestValidationError):
        parse_json(body)

    # it takes a tenth of that; what is quadratic takes minutes
    assert time.process_time() - began < 5
