"""What Schemathesis sends by the OpenAPI document: no 5xx, nothing that the document does not tell, nothing let out.

Schemathesis is a process of its own; the application is served here, so that every answer can be looked at. A route
that is added is covered by being in the document.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.rate_limit import WriteLimiter, parse_write_limit
from api.services import ApiServices
from http_client import Api
from live_api import HOST, serving
from signed_tokens import permitting_everything

CONFIG = Path(__file__).parents[1] / "schemathesis.toml"
INSIDES = (
    "Traceback",
    'File "',
    "sqlalchemy",
    "asyncpg",
    "pydantic",
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "g2p_",
    "NoneType",
)
PERSONAL_FIELDS = ("change_payload", "attributes", "record", "data")
SECONDS = 60
"""Then what is under way ends; on a machine that is busy, with fewer cases."""
LONG_ENOUGH = 8
"""Shorter values stand in an answer's words by chance."""


@dataclass
class Witness:
    """Looks at what every request sent and what its answer told; keeps what should not have been told."""

    app: ASGIApp
    told: list[str] = field(default_factory=list)
    refused: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ASGI asks."""
        sent, answered, status = bytearray(), bytearray(), 0

        async def hear() -> Message:
            message = await receive()
            sent.extend(message.get("body", b""))
            return message

        async def speak(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            answered.extend(message.get("body", b""))
            await send(message)

        await self.app(scope, hear, speak)
        if status >= HTTPStatus.BAD_REQUEST:
            self._judge(f"{scope['method']} {scope['path']} {status}", bytes(sent), answered.decode())

    def _judge(self, name: str, sent: bytes, answered: str) -> None:
        self.refused += 1
        self.told += [f"{name}: {inside}" for inside in INSIDES if inside in answered]
        self.told += [f"{name}: {text!r}" for text in personal_texts(sent) if text in json.loads(answered)["detail"]]


def personal_texts(body: bytes) -> Iterator[str]:
    """The texts that were sent as a record's values."""
    with suppress(ValueError, RecursionError):
        value = json.loads(body)
        for name in PERSONAL_FIELDS if isinstance(value, dict) else ():
            yield from texts_in(value.get(name))


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= LONG_ENOUGH:
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_in(part)


async def ids_of_what_there_is(api: Api) -> dict[str, str]:
    """A register with all that hangs on it, so that requests get past 404."""
    register = await api.register()
    definition = await api.definition(register)
    record = await api.record(register)
    waiting = await api.change_request(register, {"income": 4000}, internal_record_id=record)
    return {
        "register_id": register,
        "score_definition_id": definition["score_definition_id"],
        "internal_record_id": record,
        "link_internal_record_id": record,
        "change_request_id": waiting,
    }


def streams(app: FastAPI) -> list[str]:
    """Paths whose answers have no end."""
    return [
        path
        for path, methods in app.openapi()["paths"].items()
        if any("text/event-stream" in json.dumps(operation["responses"]) for operation in methods.values())
    ]


async def run_schemathesis(url: str, excluded: Sequence[str], ids: dict[str, str], report: Path) -> int:
    """Its exit code; what it says goes to the report."""
    token = permitting_everything()["Authorization"]
    command = ("-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", url)
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "KNOWN_IDS": json.dumps(ids)}
    environment |= {"PYTHONPATH": str(CONFIG.parent), "NO_COLOR": "1"}
    with report.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            "--max-time",
            str(SECONDS),
            "--header",
            f"Authorization: {token}",
            *(part for path in excluded for part in ("--exclude-path", path)),
            env=environment,
            cwd=report.parent,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            return await process.wait()
        finally:
            with suppress(ProcessLookupError):
                process.kill()


@pytest.mark.timeout(240)
async def test_every_answer_is_one_that_the_document_tells(services: ApiServices, api: Api, tmp_path: Path) -> None:
    unhindered = replace(services, writes=WriteLimiter(parse_write_limit("1000000/second")))
    app = create_app(unhindered)
    witness = Witness(app)
    report = tmp_path / "schemathesis.txt"

    async with serving(witness) as port:
        url = f"http://{HOST}:{port}/openapi.json"
        exit_code = await run_schemathesis(url, streams(app), await ids_of_what_there_is(api), report)

    assert exit_code == 0, report.read_text(encoding="utf-8")[-20_000:]
    assert witness.told == []
    assert witness.refused > 100
