"""Hooks over HTTP: signed, answered after the commit, and harmless however often and in whatever order they come."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import text

from api.app import create_app
from api.hook_signatures import parse_hook_keys
from api.permissions import REQUIRED, SIGNED, Permission
from api.rate_limit import WriteLimiter, parse_write_limit
from api.services import ApiServices
from api.signed_route import SignedRoute
from http_client import Api, client_of
from live_api import HOST, serving
from objects import FARMER, FARMER_ATTRIBUTES, an_id
from signed_tokens import permitting
from store.database import SessionFactory

DECISION = Path(__file__).parents[2] / "docs" / "decisions" / "0018-hooks.md"
SECRETS = {name: "whsec_" + base64.b64encode(name[0].encode() * 32).decode() for name in ("farmers", "land")}
BOTH = ["FSF_SCORE", "PMT_SCORE"]
CHANGE_REQUEST, SUBMISSION = "/hooks/change-request-approved", "/hooks/submission-approved"


@dataclass(frozen=True)
class Hooks:
    """Another registry: its register here, and how it sends."""

    api: Api
    register_id: str
    record: str

    def body(self, sequence: int = 1, **fields: Any) -> dict[str, Any]:
        """An approved change of the record's income."""
        body = {
            "register_id": self.register_id,
            "internal_record_id": self.record,
            "change_request_id": f"CR-{sequence}",
            "source_sequence": sequence,
            "change_payload": {"income": 5000},
            "record_attributes": FARMER,
        }
        return body | fields

    async def send(
        self, body: Any, path: str = CHANGE_REQUEST, sender: str = "farmers", age: int = 0, **headers: str
    ) -> httpx.Response:
        """Sign as the specification says, so many seconds ago, and send."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        secret = base64.b64decode(SECRETS[sender].removeprefix("whsec_"))
        timestamp = str(int(time.time()) - age)
        digest = hmac.new(secret, f"msg_1.{timestamp}.".encode() + content, hashlib.sha256).digest()
        signed = {
            "content-type": "application/json",
            "webhook-id": "msg_1",
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }
        return await self.api.http.post(path, content=content, headers=signed | headers)

    async def stored(self) -> dict[str, Any]:
        """The record."""
        return dict((await self.api.get(f"/records/{self.record}")).json())

    async def requests(self) -> list[dict[str, Any]]:
        """The record's score requests."""
        answer = await self.api.get(f"/records/{self.record}/score-requests")
        return list(answer.json()["score_requests"])


@pytest.fixture
def services(services: ApiServices) -> ApiServices:
    """Two senders are configured."""
    configured = ",".join(f"{name}:{secret}" for name, secret in SECRETS.items())
    return replace(services, hook_keys=parse_hook_keys(configured))


async def a_fed_register(api: Api, hook_sender: str | None) -> str:
    body = {"register_mnemonic": "Farmer", "register_purpose": "REGISTER", "attributes": FARMER_ATTRIBUTES}
    created = await api.post("/registers", body | {"hook_sender": hook_sender})
    assert created.json()["hook_sender"] == hook_sender
    return str(created.json()["register_id"])


@pytest.fixture
async def hooks(api: Api) -> Hooks:
    """A register that is fed by `farmers`, with both score types."""
    register = await a_fed_register(api, "farmers")
    for score_type in BOTH:
        await api.definition(register, score_type)
    return Hooks(api, register, an_id())


async def test_a_hook_is_answered_after_its_commit(hooks: Hooks) -> None:
    answer = await hooks.send(hooks.body(7, record_attributes=FARMER | {"photo": "…"}))

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "change_request_id": "CR-7",
            "internal_record_id": hooks.record,
            "duplicate": False,
            "is_latest": True,
            "requested_score_types": BOTH,
            "ignored_attributes": ["photo"],
        },
    )
    assert (await hooks.stored())["attributes"] == FARMER
    assert [(row["change_request_id"], row["submission_id"]) for row in await hooks.requests()] == [("CR-7", "")] * 2


async def test_a_submission_needs_no_payload(hooks: Hooks) -> None:
    body = {name: value for name, value in hooks.body().items() if name not in {"change_request_id", "change_payload"}}

    answer = await hooks.send(body | {"submission_id": "SUB-1"}, SUBMISSION)

    assert (answer.status_code, answer.json()["submission_id"]) == (200, "SUB-1")
    assert answer.json()["requested_score_types"] == BOTH
    assert [(row["change_request_id"], row["submission_id"]) for row in await hooks.requests()] == [("", "SUB-1")] * 2


async def test_the_record_may_have_openg2ps_newer_name_and_the_payload_its_items(hooks: Hooks) -> None:
    body = hooks.body(change_payload=[{"edit_action": "UPDATE", "internal_record_id": "x", "income": 5000}])
    body["link_internal_record_id"] = body.pop("internal_record_id")

    answer = await hooks.send(body)

    assert (answer.status_code, answer.json()["internal_record_id"]) == (200, hooks.record)


async def test_a_replayed_hook_is_a_duplicate_and_changes_nothing(hooks: Hooks) -> None:
    await hooks.send(hooks.body(), age=200)
    before = (await hooks.stored(), await hooks.requests())

    again = await hooks.send(hooks.body(), age=200)

    assert (again.status_code, again.json()["duplicate"], again.json()["requested_score_types"]) == (200, True, [])
    assert (await hooks.stored(), await hooks.requests()) == before


async def test_hooks_that_arrive_in_another_order_end_in_the_latest_state(hooks: Hooks) -> None:
    late = hooks.body(1, record_attributes=FARMER | {"income": 1})
    await hooks.send(hooks.body(2, record_attributes=FARMER | {"income": 3500}))

    answer = await hooks.send(late)

    assert (answer.json()["is_latest"], answer.json()["duplicate"]) == (False, False)
    assert (await hooks.stored())["attributes"]["income"] == 3500


@pytest.mark.parametrize(("age", "told"), [(310, "minutes ago"), (-310, "minutes ahead")])
async def test_a_genuine_hook_of_another_time_is_refused(hooks: Hooks, age: int, told: str) -> None:
    answer = await hooks.send(hooks.body(), age=age)

    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("webhook-timestamp is more than 5")
    assert told in answer.json()["detail"]
    assert await hooks.requests() == []


async def test_an_altered_body_is_refused(hooks: Hooks) -> None:
    signed = await hooks.send(hooks.body())
    headers = {name: signed.request.headers[name] for name in signed.request.headers if name.startswith("webhook-")}
    altered = signed.request.content.replace(b"CR-1", b"CR-2")

    answer = await hooks.api.http.post(
        CHANGE_REQUEST, content=altered, headers=headers | {"content-type": "application/json"}
    )

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Webhook-Signature")
    assert "webhook-signature fits no configured secret" in answer.json()["detail"]


@pytest.mark.parametrize("content", [b"no JSON", b"\xff\xfe", b"", b"{}"])
async def test_what_is_not_signed_is_not_even_read(hooks: Hooks, content: bytes) -> None:
    answer = await hooks.api.http.post(CHANGE_REQUEST, content=content)

    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert "webhook-id is missing" in answer.json()["detail"]


async def test_the_body_of_what_cannot_be_a_hook_is_not_even_received(hooks: Hooks) -> None:
    received: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        received.append(b"{")
        yield b"{"

    too_old = {"webhook-id": "one", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
    for headers in ({}, too_old):
        answer = await hooks.api.http.post(CHANGE_REQUEST, content=body(), headers=headers)
        assert answer.status_code == 401

    assert received == []


async def test_a_token_is_no_signature(hooks: Hooks) -> None:
    answer = await hooks.api.http.post(CHANGE_REQUEST, json=hooks.body(), headers={"authorization": "Bearer all"})

    assert answer.status_code == 401


async def test_without_a_configured_sender_every_hook_is_refused(hooks: Hooks, services: ApiServices) -> None:
    transport = httpx.ASGITransport(create_app(replace(services, hook_keys=())))
    async with httpx.AsyncClient(transport=transport, base_url="http://steadyscore") as http:
        answer = await replace(hooks, api=Api(http)).send(hooks.body())

    assert answer.status_code == 401
    assert "set HOOK_SECRETS" in answer.json()["detail"]


async def test_another_sender_may_not_feed_the_register(hooks: Hooks) -> None:
    answer = await hooks.send(hooks.body(), sender="land")

    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert answer.json()["type"] == "urn:steadyscore:problem:NotTheSender"
    assert [error["field"] for error in answer.json()["errors"]] == ["register_id"]
    assert "takes no hooks from land" in answer.json()["detail"]
    assert "farmers" not in answer.json()["detail"]


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        pytest.param({"record_attributes": {"income": "5000"}}, 422, "income", id="a value of another type"),
        pytest.param({"source_sequence": 0}, 422, "source_sequence", id="no sequence"),
        pytest.param({"source_sequence": 2**63}, 422, "source_sequence", id="a sequence that no column holds"),
        pytest.param({"source_sequence": True}, 422, "source_sequence", id="a truth for a sequence"),
        pytest.param(
            {"record_attributes": {f"a{number}": 1 for number in range(10_001)}},
            422,
            "record_attributes",
            id="many names",
        ),
        pytest.param({"section": "a..b"}, 422, "section", id="a section that is no path"),
        pytest.param({"surprise": 1}, 422, "surprise", id="a field nobody knows"),
        pytest.param({"link_internal_record_id": "another"}, 422, "body", id="two records"),
        pytest.param({"register_id": "nobody's"}, 422, "register_id", id="an id that is none"),
        pytest.param({"register_id": "nobody"}, 404, "register_id", id="an unknown register"),
    ],
)
async def test_a_signed_body_that_cannot_be_taken_names_the_field(
    hooks: Hooks, fields: dict[str, Any], status: int, field: str
) -> None:
    answer = await hooks.send(hooks.body(**fields))

    assert answer.status_code == status
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await hooks.requests() == []


@pytest.mark.parametrize(
    ("content", "status"), [(b"no JSON", 400), (b"\xff\xfe", 400), (b'{"register_id": "\\ud800"}', 422), (b"[]", 422)]
)
async def test_a_signed_body_that_is_no_hook_is_a_problem(hooks: Hooks, content: bytes, status: int) -> None:
    assert (await hooks.send(content)).status_code == status


async def test_each_sender_has_a_limit_of_its_own_and_what_is_refused_uses_up_nothing(
    hooks: Hooks, services: ApiServices
) -> None:
    writes = WriteLimiter(parse_write_limit("2/hour"))
    async with client_of(create_app(replace(services, writes=writes)), {}) as http:
        limited = replace(hooks, api=Api(http))
        stale = [await limited.send(limited.body(), age=3_600) for _ in range(3)]
        answers = [await limited.send(limited.body(number)) for number in (1, 2, 3)]
        other = await limited.send(limited.body(4), sender="land")

    assert [answer.status_code for answer in stale] == [401] * 3
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit"].partition(";t=")[0] for answer in answers] == [
        f'"writes";r={left}' for left in (1, 0, 0)
    ]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 3600
    assert other.status_code == 403
    assert {row["change_request_id"] for row in await hooks.requests()} == {"CR-2"}


async def test_a_token_whose_subject_is_a_senders_name_takes_nothing_from_its_limit(
    hooks: Hooks, services: ApiServices
) -> None:
    writes = WriteLimiter(parse_write_limit("1/hour"))
    namesake = permitting(Permission.MANAGE_REGISTERS, sub="farmers")
    async with client_of(create_app(replace(services, writes=writes)), {}) as http:
        refused = [await http.post("/registers", json={}, headers=namesake) for _ in range(2)]
        answer = await replace(hooks, api=Api(http)).send(hooks.body())

    assert [one.status_code for one in refused] == [422, 429]
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param([{"income": 1}] * 1_001, id="items"),
        pytest.param({f"a{number}": 1 for number in range(10_001)}, id="names"),
        pytest.param([{f"a{number}": 1 for number in range(10_001)}], id="names of an item"),
    ],
)
async def test_a_change_of_more_than_anybody_needs_is_refused(hooks: Hooks, payload: Any) -> None:
    answer = await hooks.send(hooks.body(change_payload=payload))

    assert answer.status_code == 422
    assert {error["field"].partition(".")[0] for error in answer.json()["errors"]} == {"change_payload"}


async def test_change_requests_of_such_a_register_are_refused(hooks: Hooks) -> None:
    refused = await hooks.api.post(
        "/change-requests", {"register_id": hooks.register_id, "change_payload": {"income": 1}}
    )

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:steadyscore:problem:ChangesComeFromElsewhere")
    assert "fed by hooks from farmers" in refused.json()["detail"]


async def until_blocked(sessions: SessionFactory) -> int:
    """The process of PostgreSQL that waits for a lock, as soon as there is one."""
    waiting = text(
        "SELECT min(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(20), sessions() as session:
        while (pid := (await session.execute(waiting)).scalar_one()) is None:
            # within a transaction the view stays as it was at the first look
            await session.rollback()
            await asyncio.sleep(0.01)
    return int(pid)


async def test_where_the_connection_is_lost_before_the_commit_its_repetition_does_it_all(
    hooks: Hooks, sessions: SessionFactory
) -> None:
    await hooks.send(hooks.body(1))
    second = hooks.body(2, record_attributes=FARMER | {"income": 3500})
    async with sessions.begin() as blocking:
        # the requests come last but one: record and received change are written by then
        await blocking.execute(text("SELECT FROM g2p_score_compute_queue FOR UPDATE"))
        sending = asyncio.create_task(hooks.send(second))
        pid = await until_blocked(sessions)
        await blocking.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        lost = await sending
    untouched = await hooks.stored()

    repeated = await hooks.send(second)

    assert (lost.status_code, lost.headers["retry-after"]) == (503, "1")
    assert (untouched["attributes"], untouched["version"]) == (FARMER, 1)
    assert (repeated.status_code, repeated.json()["duplicate"]) == (200, False)
    assert (await hooks.stored())["version"] == 2
    assert {row["change_request_id"] for row in await hooks.requests()} == {"CR-2"}


def test_every_route_that_says_it_is_signed_is(services: ApiServices) -> None:
    app = create_app(services)
    routes = [context.original_route for context in iter_route_contexts(app.routes)]

    signed = [
        route
        for route in routes
        if isinstance(route, APIRoute) and (route.openapi_extra or {}).get(REQUIRED) == SIGNED[REQUIRED]
    ]

    assert len(signed) == 2
    assert {type(route) for route in signed} == {SignedRoute}


@pytest.fixture
async def address(services: ApiServices) -> AsyncIterator[str]:
    """The application on a socket."""
    async with serving(create_app(services)) as port:
        yield f"http://{HOST}:{port}"


async def test_the_example_of_the_decision_page_is_let_through(hooks: Hooks, address: str, tmp_path: Path) -> None:
    [script] = re.findall(r"```python\n(.*?)```", DECISION.read_text(encoding="utf-8"), re.DOTALL)
    body = tmp_path / "body.json"
    body.write_text(json.dumps(hooks.body(), ensure_ascii=False), encoding="utf-8")
    environment = {"API": address, "BODY": str(body), "SECRET": SECRETS["farmers"]}

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, env=environment, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await process.communicate()

    assert process.returncode == 0, answer
    assert json.loads(answer)["change_request_id"] == "CR-1"
