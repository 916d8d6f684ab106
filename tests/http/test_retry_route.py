"""Asking again for failed scores over HTTP."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from http_client import Api
from postgres_sessions import set_requests
from store.audit import list_audit
from store.database import SessionFactory

RETRY = "/register-data/retry_scores"
FAIL = """
UPDATE g2p_score_compute_queue SET compute_status = 'FAILED', compute_latest_error_code = 'ScoreInputError',
    compute_latest_error_message = 'income is missing' WHERE internal_record_id = :record
"""


@pytest.fixture
async def record(api: Api, sessions: SessionFactory) -> str:
    """A record whose PMT_SCORE has failed."""
    register = await api.register()
    await api.definition(register)
    record = await api.record(register)
    async with sessions.begin() as session:
        await session.execute(text(FAIL), {"record": record})
    return record


async def retry(api: Api, record: str, **fields: Any) -> httpx.Response:
    """Ask again."""
    return await api.post(RETRY, {"internal_record_id": record} | fields)


async def test_what_failed_is_asked_for_again_and_told(api: Api, record: str) -> None:
    answer = await retry(api, record)

    assert answer.status_code == 200
    [retried] = answer.json()["retried"]
    assert (retried["score_type"], retried["error_code"]) == ("PMT_SCORE", "ScoreInputError")
    [request] = (await api.get(f"/records/{record}/score-requests")).json()["score_requests"]
    assert request["compute_status"] == "PENDING"


async def test_what_a_submission_asked_for_is_told_by_its_id(api: Api, record: str, sessions: SessionFactory) -> None:
    await set_requests(sessions, record, change_request_id="", submission_id="SUB-00042")

    [retried] = (await retry(api, record)).json()["retried"]

    assert (retried["change_request_id"], retried["submission_id"]) == ("", "SUB-00042")


async def test_the_one_who_asks_is_kept(api: Api, record: str, sessions: SessionFactory) -> None:
    await retry(api, record, score_type="PMT_SCORE")

    async with sessions() as session:
        [entry] = await list_audit(session, record)
    assert (entry.actor, entry.username, entry.source) == ("6e4a2c1e-officer", "officer.kamau", "api")
    assert (entry.action, entry.address) == ("retry_scores", "127.0.0.1")


async def test_where_nothing_has_failed_nothing_is_asked_for(api: Api, record: str) -> None:
    await retry(api, record)

    answer = await retry(api, record)

    assert (answer.status_code, answer.json()) == (200, {"retried": []})


async def test_a_score_that_was_never_asked_for_is_not_found(api: Api, record: str) -> None:
    unknown = await retry(api, "nobody")
    other_type = await retry(api, record, score_type="FSF_SCORE")

    assert (unknown.status_code, other_type.status_code) == (404, 404)
    assert other_type.json()["type"] == "urn:steadyscore:problem:ScoreRequestNotFound"
    assert "FSF_SCORE" in other_type.json()["detail"]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"requested_by": "somebody.else"}, id="another asks than whose token it is"),
        pytest.param({"internal_record_id": "a b"}, id="no id"),
        pytest.param({"priority": 1}, id="an unknown field"),
    ],
)
async def test_a_body_that_is_wrong_names_the_field(api: Api, record: str, fields: dict[str, Any]) -> None:
    answer = await retry(api, record, **fields)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == next(iter(fields))
