"""What the console asks for over HTTP: records by words, what is pending, a record's change requests, runs."""

import logging
from typing import Any

import pytest
from sqlalchemy import insert, text

from api.permissions import Permission
from http_client import Api
from listed_scores import a_score_request, at
from objects import an_id
from registry.tables import Record
from scoring.names import score_record_workflow_id
from store.database import SessionFactory
from store.tables import ComputeStatus

PENDING = "/register-data/pending_requests"


def url(register: str) -> str:
    """Where a register's records are searched."""
    return f"/registers/{register}/search_records"


async def found(api: Api, register: str, search_text: str, limit: int = 50) -> list[dict[str, Any]]:
    """The records on all pages."""
    records: list[dict[str, Any]] = []
    after = None
    while True:
        body = {"search_text": search_text, "limit": limit, "after": after}
        answer = await api.post(url(register), body)
        assert answer.status_code == 200, answer.text
        records += answer.json()["records"]
        after = answer.json()["next"]
        if after is None:
            return records


async def test_records_are_found_by_name_page_by_page(api: Api) -> None:
    register = await api.register()
    aminas = [await api.record(register, {"name": f"Amina {number}"}) for number in range(3)]
    await api.record(register, {"name": "Juma"})

    records = await found(api, register, "amina", limit=2)

    assert sorted(one["internal_record_id"] for one in records) == sorted(aminas)
    assert records[0] == (await api.get(f"/records/{records[0]['internal_record_id']}")).json()
    assert await found(api, register, aminas[1][:13]) == [
        one for one in records if one["internal_record_id"] == aminas[1]
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "search_text"),
        ({"search_text": ""}, "search_text"),
        ({"search_text": "   "}, "search_text"),
        ({"search_text": "a" * 201}, "search_text"),
        ({"search_text": "a\0"}, "search_text"),
        ({"search_text": "a b c d e f g h i j k"}, "search_text"),
        ({"search_text": "a", "limit": 0}, "limit"),
        ({"search_text": "a", "limit": 501}, "limit"),
        ({"search_text": "a", "after": "a b"}, "after"),
        ({"search_text": "a", "page": 2}, "page"),
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(api: Api, body: dict[str, Any], field: str) -> None:
    answer = await api.post(url(await api.register()), body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_register_nobody_knows_has_no_records_to_search(api: Api) -> None:
    assert (await api.post(url(an_id()), {"search_text": "amina"})).status_code == 404


async def test_who_may_not_see_records_may_not_search_them(api: Api) -> None:
    register = await api.register()
    others = set(Permission) - {Permission.VIEW_RECORDS}

    refused = await api.permitted(*others).post(url(register), {"search_text": "amina"})
    admitted = await api.permitted(Permission.VIEW_RECORDS).post(url(register), {"search_text": "amina"})

    assert (refused.status_code, admitted.status_code) == (403, 200)


async def test_what_is_looked_for_is_written_nowhere(
    api: Api, sessions: SessionFactory, caplog: pytest.LogCaptureFixture
) -> None:
    register = await api.register()
    caplog.set_level(logging.DEBUG)
    for body in ({"search_text": "zawadi"}, {"search_text": "zawadi", "limit": 0}, {"search_text": "zawadi" * 50}):
        answer = await api.post(url(register), body)
        assert "zawadi" not in answer.text
        assert "zawadi" not in str(answer.request.url)

    assert "zawadi" not in caplog.text
    async with sessions() as session:
        audited = (await session.scalars(text("SELECT audit_log::text FROM audit_log"))).all()
    assert not [one for one in audited if "zawadi" in one]


async def test_what_is_pending_tells_when_it_is_due_why_and_who_has_it(api: Api, sessions: SessionFactory) -> None:
    register = await api.register()
    async with sessions.begin() as session:
        times = {"requested_at": at(0), "due_at": at(1)}
        later = await a_score_request(session, register, ComputeStatus.PENDING, **(times | {"due_at": at(2)}))
        first = await a_score_request(
            session, register, ComputeStatus.PROCESSING, on_record_road=True, sequence=7, reason="RECOMPUTE", **times
        )

    pages = [(await api.get(f"{PENDING}?register_id={register}&limit=1")).json()]
    pages.append((await api.get(f"{PENDING}?register_id={register}&limit=1&after={pages[0]['next']}")).json())

    assert pages[0]["pending_requests"] == [
        {
            "internal_record_id": first,
            "score_type": "PMT_SCORE",
            "change_request_id": "CR-1",
            "submission_id": "",
            "requested_at": "2026-11-21T12:00:00Z",
            "due_at": "2026-11-21T12:01:00Z",
            "compute_status": "PROCESSING",
            "reason": "RECOMPUTE",
            "sequence": 7,
            "definition_version": 1,
            "workflow_id": score_record_workflow_id(register, first),
        }
    ]
    [waiting] = pages[1]["pending_requests"]
    assert (waiting["internal_record_id"], waiting["workflow_id"], pages[1]["next"]) == (later, None, None)


async def test_an_approval_is_pending_until_it_is_computed(api: Api) -> None:
    register = await api.register()
    await api.definition(register)
    record = await api.record(register)

    of_type = (await api.get(f"{PENDING}?register_id={register}&score_type=PMT_SCORE")).json()
    of_another = (await api.get(f"{PENDING}?register_id={register}&score_type=FSF_SCORE")).json()
    [request] = (await api.get(f"/records/{record}/score-requests")).json()["score_requests"]

    [pending] = of_type["pending_requests"]
    assert (pending["internal_record_id"], pending["reason"]) == (record, "APPROVAL")
    assert of_another == {"pending_requests": [], "next": None}
    assert (request["compute_status"], request["workflow_id"]) == ("PENDING", None)


async def test_what_is_pending_for_builders_is_listed_and_nobody_knows_other_registers(api: Api) -> None:
    builders, unknown = await api.get(f"{PENDING}?register_id=builders"), await api.get(f"{PENDING}?register_id=x")

    assert (builders.status_code, builders.json()["pending_requests"]) == (200, [])
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (404, "register_id")


@pytest.mark.parametrize("after", ["a", "bm9uZQ", "é"])
async def test_garbage_for_a_cursor_is_refused(api: Api, after: str) -> None:
    refused = await api.get(f"{PENDING}?register_id=builders&after={after}")

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "after")


async def change_requests(api: Api, query: str) -> list[str]:
    """The ids of those that are found."""
    answer = await api.get(f"/change-requests?{query}")
    assert answer.status_code == 200, answer.text
    return [one["change_request_id"] for one in answer.json()["change_requests"]]


async def test_the_change_requests_of_a_record_are_those_that_made_and_changed_it(api: Api) -> None:
    register = await api.register()
    made = await api.change_request(register)
    record = (await api.approve(made)).json()["internal_record_id"]
    changed = [await api.change_request(register, {"income": 1}, internal_record_id=record) for _ in range(3)]
    await api.post(f"/change-requests/{changed[0]}/reject")
    await api.record(register)
    of_record = f"internal_record_id={record}"

    assert await change_requests(api, of_record) == [*changed[::-1], made]
    assert await change_requests(api, f"{of_record}&order=asc") == [made, *changed]
    assert await change_requests(api, f"{of_record}&register_id={register}") == [*changed[::-1], made]
    assert await change_requests(api, f"{of_record}&status=PENDING") == [changed[2], changed[1]]
    assert await change_requests(api, f"{of_record}&register_id={register}&status=REJECTED") == [changed[0]]


async def test_a_record_without_change_requests_has_an_empty_list_and_one_that_is_not_there_none(
    api: Api, sessions: SessionFactory
) -> None:
    register, other = await api.register(), await api.register()
    async with sessions.begin() as session:
        row = {"internal_record_id": "imported", "register_id": register, "attributes": {}}
        await session.execute(insert(Record).values(row))

    assert await change_requests(api, "internal_record_id=imported") == []
    assert await change_requests(api, f"internal_record_id=imported&register_id={register}") == []
    for query in ("internal_record_id=nobody", f"internal_record_id=imported&register_id={other}"):
        refused = await api.get(f"/change-requests?{query}")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (404, "internal_record_id")


async def test_a_failed_request_names_the_run_of_its_record(api: Api, sessions: SessionFactory) -> None:
    register = await api.register()
    async with sessions.begin() as session:
        record = await a_score_request(session, register, ComputeStatus.FAILED, sequence=7, signaled_sequence=7)
    run = score_record_workflow_id(register, record)

    listed = (await api.get(f"/register-data/failed_requests?register_id={register}")).json()
    of_record = (await api.get(f"/records/{record}/score-requests")).json()

    assert listed["failed_requests"][0]["workflow_id"] == of_record["score_requests"][0]["workflow_id"] == run
