"""The lists over HTTP: what they answer, their cursors, and what they refuse."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from http_client import Api
from listed_scores import a_score, a_score_request, an_audit_entry, at
from objects import an_id
from registry.change_requests import NewChangeRequest, create_change_request
from store.database import SessionFactory
from store.tables import ComputeStatus

SCORES, FAILED = "/register-data/scores", "/register-data/failed_requests"
HISTORY, AUDIT = "/register-metadata/score_definition_history", "/audit-log"
CHANGE_REQUESTS = "/change-requests"


def url(path: str, **query: object) -> str:
    """The path with the parameters that are given."""
    return f"{path}?{urlencode({name: value for name, value in query.items() if value is not None})}"


async def all_of(api: Api, path: str, rows: str, **query: object) -> list[dict[str, Any]]:
    """What stands on all pages of a list."""
    answer: dict[str, Any] = {"next": None}
    found: list[dict[str, Any]] = []
    while True:
        response = await api.get(url(path, **query, after=answer["next"]))
        assert response.status_code == 200, response.text
        answer = response.json()
        assert set(answer) == {rows, "next"}
        found += answer[rows]
        if answer["next"] is None:
            return found


@pytest.mark.parametrize("sort", ["computed_at", "computed_score"])
@pytest.mark.parametrize(("order", "expected"), [("asc", [1.5, 2.5, 3.5]), ("desc", [3.5, 2.5, 1.5])])
async def test_scores_are_listed_in_either_order(
    api: Api, sessions: SessionFactory, sort: str, order: str, expected: list[float]
) -> None:
    register = await api.register()
    async with sessions.begin() as session:
        for number in (1, 2, 3):
            await a_score(session, register, number + 0.5, computed_at=at(number))

    found = await all_of(
        api, SCORES, "scores", register_id=register, score_type="PMT_SCORE", sort=sort, order=order, limit=1
    )

    assert [score["computed_score"] for score in found] == expected


async def test_a_listed_score_tells_all_that_is_known_of_it(api: Api, sessions: SessionFactory) -> None:
    register = await api.register()
    async with sessions.begin() as session:
        record = await a_score(session, register, 1401.83)
        failed = {"compute_latest_error_message": "income is missing"}
        await a_score_request(session, register, ComputeStatus.FAILED, internal_record_id=record, **failed)

    [score] = await all_of(api, SCORES, "scores", register_id=register, status="failed", min_score=1400)

    assert score == {
        "internal_record_id": record,
        "score_type": "PMT_SCORE",
        "computed_score": 1401.83,
        "computed_at": "2026-11-21T12:00:00Z",
        "triggered_by_cr_id": "CR-1",
        "triggered_by_submission_id": "",
        "definition_version": 1,
        "status": "failed",
        "reason": "income is missing",
    }


async def test_failed_requests_tell_why(api: Api, sessions: SessionFactory) -> None:
    register = await api.register()
    told = {"compute_latest_error_code": "ScoreInputError", "compute_latest_error_message": "income is missing"}
    asked = {"sequence": 7, "signaled_sequence": 7}
    async with sessions.begin() as session:
        records = [
            await a_score_request(
                session, register, ComputeStatus.FAILED, **asked, compute_latest_timestamp=at(number), **told
            )
            for number in range(3)
        ]

    found = await all_of(api, FAILED, "failed_requests", register_id=register, score_type="PMT_SCORE", limit=2)

    assert [request["internal_record_id"] for request in found] == records[::-1]
    assert found[0] == {
        "internal_record_id": records[2],
        "score_type": "PMT_SCORE",
        "error_code": "ScoreInputError",
        "reason": "income is missing",
        "failed_at": "2026-11-21T12:02:00Z",
        "change_request_id": "CR-1",
        "submission_id": "",
        "sequence": 7,
        "definition_version": 1,
        "workflow_id": f"score-record:{register}:{records[2]}",
    }


async def test_the_history_of_a_definition_outlives_it(api: Api, sessions: SessionFactory) -> None:
    deleted = an_id()
    async with sessions.begin() as session:
        for number, verb in enumerate(("create", "update", "delete")):
            details = {"before": {"version": number}, "after": {"version": number + 1}}
            acted = {"action": f"{verb}_score_definition", "details": details}
            await an_audit_entry(session, deleted, occurred_at=at(number), **acted)

    found = await all_of(api, HISTORY, "score_definition_history", score_definition_id=deleted, limit=1)

    assert [event["action"].partition("_")[0] for event in found] == ["delete", "update", "create"]
    assert found[0] == {
        "occurred_at": "2026-11-21T12:02:00Z",
        "action": "delete_score_definition",
        "actor": "officer",
        "username": "Officer Kamau",
        "source": "api",
        "details": {"before": {"version": 2}, "after": {"version": 3}},
    }


async def test_the_history_of_a_definition_shows_nothing_of_other_subjects(api: Api, sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        await an_audit_entry(session, "CR-1", action="approve_change_request")

    answer = await api.get(url(HISTORY, score_definition_id="CR-1"))

    assert answer.status_code == 404


async def test_what_was_done_to_a_definition_is_its_history(api: Api) -> None:
    register = await api.register()
    definition = (await api.definition(register))["score_definition_id"]

    history = await all_of(api, HISTORY, "score_definition_history", score_definition_id=definition)

    [event] = history
    assert (event["action"], event["details"]["before"]) == ("create_score_definition", None)
    assert event["details"]["after"]["score_type"] == "PMT_SCORE"


async def test_the_audit_log_tells_who_and_from_where(api: Api, sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        await an_audit_entry(session, "CR-1")
        await an_audit_entry(session, "CR-2", actor="clerk", occurred_at=at(1))
        await an_audit_entry(session, "CR-1", action="retry_scores", occurred_at=at(2))

    everything = await all_of(api, AUDIT, "entries", limit=1, since=at(0).isoformat(), until=at(3).isoformat())
    chosen = await all_of(api, AUDIT, "entries", subject="CR-1", actor="officer", action="approve_change_request")

    assert [entry["subject"] for entry in everything] == ["CR-1", "CR-2", "CR-1"]
    [entry] = chosen
    assert (entry["actor"], entry["username"], entry["address"]) == ("officer", "Officer Kamau", "10.0.0.7")


async def test_what_waits_for_approval_is_listed(api: Api) -> None:
    register, other = await api.register(), await api.register()
    waiting = [await api.change_request(register) for _ in range(3)]
    elsewhere = await api.change_request(other)
    await api.approve(waiting[1])
    wanted = {"status": "PENDING", "limit": 1}

    here = await all_of(api, CHANGE_REQUESTS, "change_requests", register_id=register, order="asc", **wanted)
    anywhere = await all_of(api, CHANGE_REQUESTS, "change_requests", **wanted)

    assert [one["change_request_id"] for one in here] == [waiting[0], waiting[2]]
    assert [one["change_request_id"] for one in anywhere] == [elsewhere, waiting[2], waiting[0]]
    assert here[0] == (await api.get(f"/change-requests/{waiting[0]}")).json()


@pytest.mark.parametrize("path", [SCORES, FAILED, CHANGE_REQUESTS])
async def test_a_register_nobody_knows_is_not_found(api: Api, path: str) -> None:
    answer = await api.get(url(path, register_id=an_id()))

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (404, "register_id")


@pytest.mark.parametrize("path", [SCORES, FAILED, CHANGE_REQUESTS])
async def test_a_register_without_any_has_an_empty_list(api: Api, path: str) -> None:
    answer = await api.get(url(path, register_id=await api.register()))

    assert answer.status_code == 200
    assert [value for value in answer.json().values() if value] == []


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        pytest.param(SCORES, {"sort": "computed_score"}, "score_type", id="by score without a type"),
        pytest.param(SCORES, {"min_score": "NaN"}, "min_score", id="a threshold that is no number"),
        pytest.param(SCORES, {"max_score": "inf"}, "max_score", id="a threshold that is infinite"),
        pytest.param(SCORES, {"min_score": 2, "max_score": 1}, "min_score", id="a range that holds nothing"),
        pytest.param(SCORES, {"status": "done"}, "status", id="a status there is not"),
        pytest.param(SCORES, {"sort": "name"}, "sort", id="a sort there is not"),
        pytest.param(SCORES, {"limit": 0}, "limit", id="no rows"),
        pytest.param(SCORES, {"limit": 501}, "limit", id="too many rows"),
        pytest.param(SCORES, {"score_typ": "PMT_SCORE"}, "score_typ", id="a filter there is not"),
        pytest.param(SCORES, {"score_type": "a\0b"}, "score_type", id="a NUL character"),
        pytest.param(AUDIT, {"register_id": None, "since": "2026-11-21T12:00:00"}, "since", id="a time without zone"),
        pytest.param(
            AUDIT, {"register_id": None, "since": "0001-01-01T00:00:00+14:00"}, "since", id="before the calendar"
        ),
        pytest.param(CHANGE_REQUESTS, {"register_id": None}, "register_id", id="all change requests there are"),
    ],
)
async def test_what_makes_no_sense_is_refused(api: Api, path: str, query: dict[str, object], field: str) -> None:
    query = {"register_id": "farmers"} | query

    answer = await api.get(url(path, **query))

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


@pytest.fixture
async def cursor(api: Api, sessions: SessionFactory) -> tuple[str, str]:
    """A register with two scores, and the cursor after the first one."""
    register = await api.register()
    async with sessions.begin() as session:
        for _ in range(2):
            await a_score(session, register)
    answer = (await api.get(url(SCORES, register_id=register, score_type="PMT_SCORE", limit=1))).json()
    return register, answer["next"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"sort": "computed_score"}, id="sort"),
        pytest.param({"order": "asc"}, id="order"),
        pytest.param({"score_type": "FSF_SCORE"}, id="score type"),
        pytest.param({"min_score": 0}, id="threshold"),
    ],
)
async def test_a_cursor_of_another_list_is_refused(api: Api, cursor: tuple[str, str], other: dict[str, object]) -> None:
    register, after = cursor
    same = {"register_id": register, "score_type": "PMT_SCORE", "after": after}

    refused = await api.get(url(SCORES, **(same | other)))

    assert (await api.get(url(SCORES, **same))).status_code == 200
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "after")


@pytest.mark.parametrize(
    "prefix",
    [
        pytest.param("CR/2026/", id="slashes"),
        pytest.param("Demande n° 7, ", id="a sentence"),
        pytest.param("\x01" * 250, id="much that JSON escapes"),
        pytest.param("\N{GRINNING FACE}" * 250, id="much that UTF-8 makes longer"),
    ],
)
async def test_a_list_goes_on_after_whatever_id_the_registry_gave(
    api: Api, sessions: SessionFactory, prefix: str
) -> None:
    register = await api.register()
    ids = [f"{prefix}{number}" for number in (1, 2, 3)]
    for one in ids:
        async with sessions.begin() as session:
            await create_change_request(session, NewChangeRequest(register, {"income": 1}, change_request_id=one))

    found = await all_of(api, CHANGE_REQUESTS, "change_requests", register_id=register, order="asc", limit=1)

    assert [one["change_request_id"] for one in found] == ids


def forged(cursor: str, key: object, unique: object) -> str:
    """The cursor, pointing elsewhere."""
    scope = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[0]
    return base64.urlsafe_b64encode(json.dumps([scope, key, unique]).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("key", "unique"),
    [
        pytest.param(1.5, "a", id="a key of another type"),
        pytest.param("yesterday", "a", id="no time"),
        pytest.param("2026-11-21T12:00:00", "a", id="a time without zone"),
        pytest.param("0001-01-01T00:00:00+14:00", "a", id="a time before the calendar"),
        pytest.param("2026-11-21T12:00:00Z", 7, id="a number for an id"),
        pytest.param("2026-11-21T12:00:00Z", "a\0b", id="a NUL character"),
        pytest.param("2026-11-21T12:00:00Z", "\ud800", id="half a surrogate pair"),
        pytest.param("2026-11-21T12:00:00Z", "", id="no id"),
        pytest.param("2026-11-21T12:00:00Z", "a" * 257, id="too long an id"),
        pytest.param([], {}, id="other shapes"),
    ],
)
async def test_a_forged_cursor_that_points_nowhere_is_refused(
    api: Api, cursor: tuple[str, str], key: object, unique: object
) -> None:
    register, after = cursor
    query = {"register_id": register, "score_type": "PMT_SCORE", "after": forged(after, key, unique)}

    refused = await api.get(url(SCORES, **query))

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "after")


@pytest.mark.parametrize("after", ["", "a", "garbage!", "bm9uZQ", "W10", "W1tdLDEsMl0", "é", "a" * 513])
@pytest.mark.parametrize("path", [SCORES, FAILED, AUDIT, CHANGE_REQUESTS, HISTORY])
async def test_garbage_for_a_cursor_is_refused(api: Api, path: str, after: str) -> None:
    key = {AUDIT: "subject", HISTORY: "score_definition_id"}.get(path, "register_id")

    refused = await api.get(url(path, **{key: "farmers"}, after=after))

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "after")


@pytest.mark.parametrize("unique", [-1, 2**63, True, 1.0, "7"])
async def test_a_forged_place_in_the_audit_log_is_refused(api: Api, sessions: SessionFactory, unique: object) -> None:
    async with sessions.begin() as session:
        for _ in range(2):
            await an_audit_entry(session, "CR-1")
    after = (await api.get(url(AUDIT, limit=1))).json()["next"]

    refused = await api.get(url(AUDIT, after=forged(after, "2026-11-21T12:00:00Z", unique)))

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "after")
