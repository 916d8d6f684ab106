"""Reads JSON bodies, once for all routes: what no validator, formula or database could take ends here.

RFC 8259 in UTF-8, nested to a bound, with every key of an object once, finite numbers, and text that can be stored.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from email.message import Message
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

MAX_DEPTH = 32

Path = tuple[str | int, ...]

_BRACKETS = str.maketrans("{}", "[]")
_TEXTS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_NO_BRACKETS = re.compile(r"[^\[\]]+")
# only where one of these stands, a value has to be looked at: an escape, a large exponent, many digits, no number
_SUSPICIOUS = re.compile(r"\\u(?:0000|[dD][89a-fA-F])|[eE]\+?\d{3}|\d{300}|NaN|Infinity")
_SURROGATE = re.compile("[\ud800-\udfff]")


async def read_json(request: Request) -> None:
    """Read the body, if there is one, and leave it where `request.json()` finds it; raise what becomes a problem."""
    body = await request.body()
    if not body:
        return
    if not _is_json(request.headers.get("content-type", "")):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the body as application/json")
    request._json = parse_json(body)  # noqa: SLF001 - where Starlette keeps it


def parse_json(body: bytes) -> Any:
    """The value; raise RequestValidationError that tells the place and shows nothing of what was sent."""
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise _malformed(error.pos) from None
    except UnicodeDecodeError as error:
        raise _malformed(error.start) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        # Python reads no integer of more than some thousand digits
        raise _invalid("number", (), "a number has too many digits") from None
    if _is_too_deep(text):
        raise _too_deep()
    if _SUSPICIOUS.search(text):
        for path, reason in _unusable(value, ()):
            raise _invalid("value", path, reason)
    return value


def _is_json(content_type: str) -> bool:
    header = Message()
    header["content-type"] = content_type
    subtype = header.get_content_subtype()
    return header.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise _invalid("key", (twice.encode(errors="replace").decode(),), "given twice in one object")
    return fields


def _is_too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    brackets = _NO_BRACKETS.sub("", _TEXTS.sub("", text).translate(_BRACKETS))
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace("[]", "")
    return bool(brackets)


def _unusable(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            if reason := _wrong_text(name):
                yield path, f"a key {reason}"
            yield from _unusable(part, (*path, name))
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _unusable(part, (*path, position))
    elif isinstance(value, str):
        if reason := _wrong_text(value):
            yield path, f"the text {reason}"
    elif isinstance(value, int | float) and not _is_finite(value):
        yield path, "must be a finite number"


def _wrong_text(text: str) -> str | None:
    if "\x00" in text:
        return "holds the character U+0000, which cannot be stored"
    return "holds half of a surrogate pair, which is no character" if _SURROGATE.search(text) else None


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def _malformed(position: int) -> RequestValidationError:
    return RequestValidationError([{"type": "json_invalid", "loc": ("body", position), "msg": "no JSON"}])


def _too_deep() -> RequestValidationError:
    return _invalid("depth", (), f"objects and lists may be nested {MAX_DEPTH} deep")


def _invalid(kind: str, path: Path, message: str) -> RequestValidationError:
    return RequestValidationError([{"type": f"json_{kind}", "loc": ("body", *path), "msg": message}])
