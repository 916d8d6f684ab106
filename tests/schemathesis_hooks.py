"""Loaded by Schemathesis' own process: most requests get ids of what there is, to get past 404; hooks are signed."""

import base64
import json
import os
import time
from collections import Counter
from typing import Any

import schemathesis
from requests import PreparedRequest
from schemathesis import Case, GenerationMode, HookContext

from api.hook_signatures import ID, SIGNATURE, TIMESTAMP, sign

KNOWN: dict[str, dict[str, Any]] = json.loads(os.environ["KNOWN_IDS"])
"""By path as the document has it; `*` is for all, and what a path says comes first."""
SECRET = base64.b64decode(os.environ["HOOK_SECRET"])
ENVELOPE = ("request_body", "request_payload")
_turns: Counter[str] = Counter()


@schemathesis.hook
def before_call(_: HookContext, case: "Case[Any]", kwargs: dict[str, Any]) -> None:
    """Fill in what is known, two times in three where all is as documented; sign where a signature is asked for."""
    label = case.operation.label
    _turns[label] += 1
    if _turns[label] % 3 and not _is_wrong_on_purpose(case):
        known = KNOWN["*"] | KNOWN.get(case.operation.path, {})
        for fields in (case.path_parameters, case.query, case.body):
            _fill(fields, known)
    if set(case.headers or {}) >= {ID, TIMESTAMP, SIGNATURE}:
        kwargs["auth"] = _signed


def _is_wrong_on_purpose(case: "Case[Any]") -> bool:
    """Whether it breaks the document somewhere: what is filled in there would mend it."""
    return case.meta is not None and case.meta.generation.mode is GenerationMode.NEGATIVE


def _fill(fields: Any, known: dict[str, Any]) -> None:
    for name, value in fields.items() if isinstance(fields, dict) else ():
        if name in known and isinstance(value, type(known[name])):
            fields[name] = known[name]
        elif name in ENVELOPE:
            _fill(value, known)


def _signed(request: PreparedRequest) -> PreparedRequest:
    sent: Any = request.body or b""
    body = sent.encode() if isinstance(sent, str) else sent
    timestamp = str(int(time.time()))
    signature = sign(SECRET, f"msg_1.{timestamp}.".encode() + body)
    request.headers.update({ID: "msg_1", TIMESTAMP: timestamp, SIGNATURE: signature})
    return request
