"""What Schemathesis sends by the OpenAPI document: no 5xx, nothing that the document does not tell, nothing let out.

Schemathesis is a process of its own; the application is served here, so that every answer can be looked at. A route
that is added is covered by being in the document.
"""

import asyncio
import base64
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
from api.hook_signatures import SECRET_PREFIX, parse_hook_keys
from api.rate_limit import WriteLimiter, parse_write_limit
from api.services import ApiServices
from builder_clients import Builder, a_builder
from http_client import Api
from live_api import HOST, serving
from objects import an_id
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
PERSONAL_FIELDS = (
    *("change_payload", "record_attributes", "record", "data"),
    *("username", "display_name", "headline", "bio", "skills", "location", "website", "title", "summary"),
)
PREFIXES = METADATA, _, WEIGHTED = "/register-metadata", "/register-data", "/computation-score"
SENDER, SECRET = "farmers", base64.b64encode(b"f" * 32).decode()
SECONDS = 90
"""Then what is under way ends; of the phases, fuzzing comes last and goes on until then."""
NEVER_OK = {"POST /register-data/explain_score"}
"""Nothing computes a score here."""
ENVELOPED_ERROR = b'"response_status":"ERROR"'
LONG_ENOUGH = 8
"""Shorter values stand in an answer's words by chance."""


@dataclass
class Witness:
    """Looks at what every request sent and what its answer told; keeps what should not have been told."""

    app: ASGIApp
    told: list[str] = field(default_factory=list)
    served: set[str] = field(default_factory=set)
    """Method and path, as the document has it, of what did at least once what it is for."""

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
        elif "route" in scope and ENVELOPED_ERROR not in answered:
            self.served.add(f"{scope['method']} {scope['route'].path_format}")

    def _judge(self, name: str, sent: bytes, answered: str) -> None:
        self.told += [f"{name}: {inside}" for inside in INSIDES if inside in answered]
        self.told += [f"{name}: {text!r}" for text in personal_texts(sent) if text in json.loads(answered)["detail"]]


@dataclass(frozen=True)
class Newcomers:
    """Lets every sign-up be somebody new's: one token asks for everything, and nobody signs up twice."""

    app: ASGIApp
    token: bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ASGI asks."""
        if scope["type"] == "http" and (scope["method"], scope["path"]) == ("POST", "/users"):
            new = permitting_everything(sub=an_id())["Authorization"].encode()
            scope["headers"] = [(name, new if value == self.token else value) for name, value in scope["headers"]]
        await self.app(scope, receive, send)


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


async def ids_of_a_definition(api: Api) -> dict[str, str]:
    """A register of its own with a definition that has no attributes yet."""
    body = {"register_id": await api.register(), "score_type": "PMT_SCORE"}
    definition = (await api.post(f"{WEIGHTED}/create_score_definition", body)).json()["score_definition"]
    return {name: definition[name] for name in ("register_id", "score_definition_id")}


async def ids_of_a_weighted_attribute(api: Api) -> dict[str, str]:
    """A definition of its own with one."""
    ids = await ids_of_a_definition(api)
    body = {"score_definition_id": ids["score_definition_id"], "attribute_name": "income", "attribute_weightage": 1}
    created = await api.post(f"{WEIGHTED}/create_score_contributing_attribute", body)
    attribute = created.json()["contributing_attribute"]
    return ids | {"contributing_attribute_id": attribute["contributing_attribute_id"], "attribute_name": "income"}


async def ids_of_a_recomputation(api: Api, *, paused: bool = False) -> dict[str, str]:
    """A register of its own that is to be recomputed."""
    register = (await ids_of_a_weighted_attribute(api))["register_id"]
    asked = await api.post(f"{METADATA}/recompute_scores", {"register_id": register})
    ids = {"recomputation_id": asked.json()["recomputations"][0]["recomputation_id"]}
    if paused:
        assert (await api.post(f"{METADATA}/pause_recomputation", ids)).status_code == 200
    return ids


async def ids_of_a_fed_register(api: Api) -> dict[str, str]:
    """One that takes hooks, and its record."""
    attributes = {"income": "number"}
    body = {"register_mnemonic": "Fed", "register_purpose": "REGISTER", "attributes": attributes, "hook_sender": SENDER}
    register = str((await api.post("/registers", body)).json()["register_id"])
    record = an_id()
    return {"register_id": register, "internal_record_id": record, "link_internal_record_id": record}


async def ids_of_builders(api: Api) -> dict[str, dict[str, Any]]:
    """A project of whose token asks for everything, and two of another's, to which that one is invited."""
    body = {"username": "officer", "display_name": "Officer"}
    officer = Builder(api.http, api.http.headers, (await api.post("/users", body)).json()["user_id"])
    other = await a_builder(api.http, "other")
    own = await officer.project(status="shipped")
    known = {"project_id": own, "user_id": other.user_id, "owner_id": officer.user_id, "username": "other"}
    invited = [await other.project() for _ in range(2)]
    for project_id in invited:
        assert (await other.invite(project_id, officer)).status_code == HTTPStatus.CREATED
    left = await officer.project()
    assert (await officer.invite(left, other)).status_code == HTTPStatus.CREATED
    return {
        "*": known,
        "/users": {"username": "newcomer"},
        "/projects/{project_id}/confirm_collaboration": {"project_id": invited[0]},
        "/projects/{project_id}/decline_collaboration": {"project_id": invited[1]},
        "/projects/{project_id}/collaborators/{user_id}": {"project_id": left},
    }


async def ids_of_what_there_is(api: Api) -> dict[str, dict[str, Any]]:
    """Registers with all that hangs on them: by path what only that may use up, and for the others by `*`."""
    register = await api.register()
    definition = await api.definition(register)
    record = await api.record(register)
    approved, rejected, read = [
        await api.change_request(register, {"income": 4000 + number}, internal_record_id=record) for number in range(3)
    ]
    weighted, deleted = [await ids_of_a_weighted_attribute(api) for _ in range(2)]
    recomputations = [await ids_of_a_recomputation(api, paused=paused) for paused in (False, True, False)]
    fed, builders = await ids_of_a_fed_register(api), await ids_of_builders(api)
    return builders | {
        "*": {
            **builders["*"],
            **weighted,
            "register_id": register,
            "score_type": "PMT_SCORE",
            "contributing_attributes": ["income"],
            "score_config": {},
            "debounce": {"quiet_period": 2, "max_wait": 10},
            "attribute_computation_required": True,
            "attribute_computation_value": {"1": 0.5},
            "attribute_weightage": 0.4,
            "score_definition_id": definition["score_definition_id"],
            "internal_record_id": record,
            "link_internal_record_id": record,
            "change_request_id": read,
            **recomputations[0],
        },
        "/change-requests": {"change_request_id": an_id()},
        "/change-requests/{change_request_id}/approve": {"change_request_id": approved},
        "/change-requests/{change_request_id}/reject": {"change_request_id": rejected},
        f"{WEIGHTED}/create_score_contributing_attribute": weighted | {"attribute_name": "assets.land_area"},
        f"{WEIGHTED}/delete_score_contributing_attribute": deleted,
        f"{METADATA}/resume_recomputation": recomputations[1],
        f"{METADATA}/cancel_recomputation": recomputations[2],
        f"{WEIGHTED}/delete_score_definition": await ids_of_a_definition(api),
        **{f"{prefix}/create_score_definition": {"register_id": await api.register()} for prefix in PREFIXES},
        "/hooks/change-request-approved": fed,
        "/hooks/submission-approved": fed,
    }


def streams(app: FastAPI) -> list[str]:
    """Paths whose answers have no end."""
    return [
        path
        for path, methods in app.openapi()["paths"].items()
        if any("text/event-stream" in json.dumps(operation["responses"]) for operation in methods.values())
    ]


def operations_of(app: FastAPI) -> set[str]:
    """Method and path of each that is asked."""
    paths = app.openapi()["paths"]
    without = streams(app)
    return {f"{method.upper()} {path}" for path, methods in paths.items() if path not in without for method in methods}


async def run_schemathesis(
    url: str, token: str, excluded: Sequence[str], ids: dict[str, dict[str, Any]], report: Path
) -> int:
    """Its exit code; what it says goes to the report."""
    command = ("-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", url)
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "KNOWN_IDS": json.dumps(ids)}
    environment["HOOK_SECRET"] = SECRET
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


@pytest.mark.timeout(300)
async def test_every_answer_is_one_that_the_document_tells(services: ApiServices, api: Api, tmp_path: Path) -> None:
    hook_keys = parse_hook_keys(f"{SENDER}:{SECRET_PREFIX}{SECRET}")
    unhindered = replace(services, writes=WriteLimiter(parse_write_limit("1000000/second")), hook_keys=hook_keys)
    app = create_app(unhindered)
    token = permitting_everything()["Authorization"]
    witness = Witness(Newcomers(app, token.encode()))
    report = tmp_path / "schemathesis.txt"

    async with serving(witness) as port:
        url = f"http://{HOST}:{port}/openapi.json"
        exit_code = await run_schemathesis(url, token, streams(app), await ids_of_what_there_is(api), report)

    assert exit_code == 0, report.read_text(encoding="utf-8")[-20_000:]
    assert witness.told == []
    assert operations_of(app) - witness.served == NEVER_OK
