"""The interface as a whole: health, OpenAPI, permissions, errors that nobody foresaw."""

import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.app import create_app
from api.services import ApiServices
from http_client import Api, TemporalSwitch, client_of
from steadyscore.embedded.temporal_server import free_port
from store.database import SessionFactory, make_engine, make_sessions

PERSONAL = "Amina-0700-555-100"


@pytest.fixture
async def without_database(services: ApiServices) -> AsyncIterator[ApiServices]:
    """Services whose database is not there."""
    engine = make_engine(f"postgresql+asyncpg://nobody:{PERSONAL}@127.0.0.1:{free_port()}/nothing")
    yield replace(services, sessions=make_sessions(engine))
    await engine.dispose()


def checks(answer: httpx.Response) -> dict[str, bool]:
    return {check["name"]: check["ok"] for check in answer.json()["checks"]}


async def test_a_service_with_all_it_needs_is_ready(api: Api) -> None:
    live, ready = await api.get("/health/live"), await api.get("/health/ready")

    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert checks(ready) == {"postgresql": True, "temporal": True, "relay": True}


async def test_without_temporal_approvals_go_on_and_the_service_is_degraded(
    api: Api, temporal_switch: TemporalSwitch
) -> None:
    temporal_switch.answers = False
    register = await api.register()
    await api.definition(register)

    approved = await api.approve(await api.change_request(register))
    ready = await api.get("/health/ready")

    assert approved.status_code == 200
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert checks(ready) == {"postgresql": True, "temporal": False, "relay": True}


async def test_requests_that_no_relay_takes_make_the_service_degraded(api: Api, sessions: SessionFactory) -> None:
    register = await api.register()
    await api.definition(register)
    await api.record(register)
    async with sessions.begin() as session:
        await session.execute(text("UPDATE g2p_score_compute_queue SET due_at = now() - interval '1 hour'"))

    ready = await api.get("/health/ready")

    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert checks(ready) == {"postgresql": True, "temporal": True, "relay": False}
    assert "3600" in ready.text


async def test_without_postgresql_the_service_is_unavailable(without_database: ApiServices) -> None:
    async with client_of(create_app(without_database)) as http:
        live, ready = await http.get("/health/live"), await http.get("/health/ready")
        answer = await http.post("/register-data/get_scores", json={"internal_record_id": "a"})

    assert live.status_code == 200
    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
    assert checks(ready)["postgresql"] is False
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "urn:steadyscore:problem:DatabaseUnavailable"
    assert PERSONAL not in answer.text + ready.text


async def test_an_unforeseen_error_tells_nothing_but_that_it_happened(
    services: ApiServices, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(services)

    async def fail() -> None:
        raise ValueError(PERSONAL)

    app.add_api_route("/fail", fail)
    with caplog.at_level(logging.DEBUG):
        async with client_of(app) as http:
            answer = await http.get("/fail")

    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert PERSONAL not in answer.text + caplog.text
    assert "ValueError in fail" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PUT", "/registers", 405), ("GET", "/change-requests/x/approve", 405)],
)
async def test_a_route_that_is_not_there_is_a_problem_too(api: Api, method: str, path: str, status: int) -> None:
    answer = await api.http.request(method, path)

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


TAKES_NOTHING = {"GET /health/live", "GET /health/ready", "GET /console-settings"}


async def test_every_route_is_described_and_documents_its_problems(api: Api) -> None:
    document = (await api.get("/openapi.json")).json()

    for name, operation in operations(document):
        assert operation["description"], name
        if name not in TAKES_NOTHING:
            problem = operation["responses"]["422"]["content"]
            assert problem == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}, name
    assert "HTTPValidationError" not in json.dumps(document)
    assert "Problem" in document["components"]["schemas"]


async def test_the_documentation_page_needs_nothing_from_elsewhere(api: Api) -> None:
    page = (await api.get("/docs")).text

    addresses = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert len(addresses) == 3
    for address in addresses:
        assert (await api.get(address)).status_code == 200, address


async def test_every_body_has_an_example_for_what_must_be_sent(api: Api) -> None:
    document = (await api.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]
    sent = [
        operation["requestBody"]["content"]["application/json"]["schema"]
        for _, operation in operations(document)
        if "requestBody" in operation
    ]
    # beside the envelope, the first is the plain body
    bodies = [schema.get("anyOf", [schema])[0]["$ref"].rpartition("/")[2] for schema in sent]

    without = [
        f"{body}.{field}"
        for body in bodies
        for field in schemas[body].get("required", [])
        if "examples" not in schemas[body]["properties"][field]
    ]

    assert without == []


async def test_the_document_says_which_operations_ask_for_a_token(api: Api) -> None:
    document = (await api.get("/openapi.json")).json()

    without = {name for name, operation in operations(document) if "security" not in operation}

    assert without == {
        *TAKES_NOTHING,
        "POST /hooks/change-request-approved",
        "POST /hooks/submission-approved",
    }
    assert document["components"]["securitySchemes"] == {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
