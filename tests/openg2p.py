"""What OpenG2P's front ends and registry send, built as their code builds it."""

from datetime import UTC, datetime
from typing import Any

import httpx

REQUEST_ID = "0f9d1b7e-2f0a-4d0c-9d43-3a8f4b6f1f60"


def enveloped(payload: Any, **pagination: Any) -> dict[str, Any]:
    """The payload in an envelope, with a page asked for where it is told which."""
    return {
        "request_header": {
            "sender_app_mnemonic": "staff-portal",
            "sender_app_url": "https://portal.example.org",
            "request_id": REQUEST_ID,
            "request_timestamp": datetime.now(UTC).isoformat(),
            "instance_id": None,
        },
        "request_body": {"pagination_request": pagination or None, "request_payload": payload},
    }


def payload_of(answer: httpx.Response) -> dict[str, Any]:
    """What a success brought, all of its header checked."""
    header, body = _parts(answer)
    assert (header["response_status"], header["response_error_code"], header["response_error_message"]) == (
        "SUCCESS",
        "",
        "",
    ), answer.text
    return dict(body["response_payload"])


def pages_of(answer: httpx.Response) -> tuple[int, int]:
    """Items and pages in all."""
    told = _parts(answer)[1]["pagination_response"]
    return told["number_of_items"], told["number_of_pages"]


def error_of(answer: httpx.Response) -> str:
    """The code of a refusal, which brings no payload and tells what was wrong."""
    header, body = _parts(answer)
    assert (header["response_status"], body["response_payload"]) == ("ERROR", None), answer.text
    assert header["response_error_message"]
    return str(header["response_error_code"])


def _parts(answer: httpx.Response) -> tuple[dict[str, Any], dict[str, Any]]:
    assert answer.status_code == httpx.codes.OK, answer.text
    parts = answer.json()
    header = parts["response_header"]
    assert header["request_id"] == REQUEST_ID
    assert header["response_timestamp"].endswith("Z")
    return header, parts["response_body"]
