"""Change requests over HTTP: the road from a request to an approved record."""

import pytest

from http_client import Api
from objects import FARMER, an_id


async def test_an_approved_change_request_creates_a_record(api: Api) -> None:
    register = await api.register()
    change = await api.change_request(register, change_request_id="CR-00123")

    approved = await api.approve(change)

    assert approved.status_code == 200
    record = (await api.get(f"/records/{approved.json()['internal_record_id']}")).json()
    assert (approved.json()["change_request_id"], approved.json()["status"]) == ("CR-00123", "APPROVED")
    assert (record["attributes"], record["version"]) == (FARMER, 1)


async def test_an_approval_merges_the_change_and_keeps_the_history(api: Api) -> None:
    register = await api.register()
    record = await api.record(register)
    change = await api.change_request(register, {"assets.land_area": 3, "phone": "1"}, internal_record_id=record)

    await api.approve(change)

    history = (await api.get(f"/records/{record}/history")).json()["history"]
    assert [version["version"] for version in history] == [2, 1]
    assert history[0]["attributes"] == FARMER | {"assets": {"land_area": 3}, "phone": "1"}
    assert (history[0]["change_request_id"], history[1]["attributes"]) == (change, FARMER)


async def test_the_history_of_a_record_comes_in_pages(api: Api) -> None:
    register = await api.register()
    record = await api.record(register)
    for income in range(4):
        await api.approve(await api.change_request(register, {"income": income}, internal_record_id=record))

    first = (await api.get(f"/records/{record}/history?limit=3")).json()
    rest = (await api.get(f"/records/{record}/history?limit=3&before={first['next']}")).json()

    versions = [[version["version"] for version in page["history"]] for page in (first, rest)]
    assert versions == [[5, 4, 3], [2, 1]]
    assert rest["next"] is None


async def test_an_approval_asks_for_the_scores_it_touches(api: Api) -> None:
    register = await api.register()
    await api.definition(register, "PMT_SCORE")
    await api.definition(register, "FSF_SCORE")
    record = await api.record(register)
    change = await api.change_request(register, {"household": {"member_count": 5}}, internal_record_id=record)

    await api.approve(change)

    requests = (await api.get(f"/records/{record}/score-requests")).json()["score_requests"]
    by_type = {request["score_type"]: request for request in requests}
    assert by_type["FSF_SCORE"]["change_request_id"] == change
    assert by_type["PMT_SCORE"]["change_request_id"] != change
    assert {request["compute_status"] for request in requests} == {"PENDING"}


@pytest.mark.parametrize("second", ["approve", "reject"])
@pytest.mark.parametrize("first", ["approve", "reject"])
async def test_a_change_request_is_decided_once(api: Api, first: str, second: str) -> None:
    register = await api.register()
    record = await api.record(register)
    change = await api.change_request(register, {"income": 1}, internal_record_id=record)
    await api.post(f"/change-requests/{change}/{first}")
    after_first = (await api.get(f"/records/{record}")).json()

    refused = await api.post(f"/change-requests/{change}/{second}")

    assert refused.status_code == 409
    assert refused.json()["type"].endswith("ChangeRequestAlreadyDecided")
    assert (await api.get(f"/records/{record}")).json() == after_first
    assert after_first["version"] == (2 if first == "approve" else 1)


async def test_a_change_request_id_is_taken_once(api: Api) -> None:
    register = await api.register()
    body = {"register_id": register, "change_payload": {"income": 1}, "change_request_id": "CR-1"}
    await api.post("/change-requests", body)

    refused = await api.post("/change-requests", body | {"change_payload": {"income": 2}})

    kept = (await api.get("/change-requests/CR-1")).json()
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "change_request_id")
    assert kept["change_payload"] == {"income": 1}


async def test_a_record_of_another_register_is_not_found(api: Api) -> None:
    record = await api.record(await api.register())
    other = await api.register()

    refused = await api.post(
        "/change-requests", {"register_id": other, "change_payload": {"income": 1}, "internal_record_id": record}
    )

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (404, "internal_record_id")


@pytest.mark.parametrize(
    "path",
    [
        "/records/{id}",
        "/records/{id}/history",
        "/registers/{id}",
        "/registers/{id}/records",
        "/change-requests/{id}",
    ],
)
async def test_what_nobody_knows_is_not_found(api: Api, path: str) -> None:
    unknown = an_id()

    answer = await api.get(path.format(id=unknown))

    assert answer.status_code == 404
    assert unknown in answer.json()["detail"]


async def test_records_are_paged_by_key(api: Api) -> None:
    register = await api.register()
    made = sorted([await api.record(register) for _ in range(3)])

    first = (await api.get(f"/registers/{register}/records?limit=2")).json()
    second = (await api.get(f"/registers/{register}/records?limit=2&after={first['next']}")).json()

    pages = [[record["internal_record_id"] for record in page["records"]] for page in (first, second)]
    assert pages == [made[:2], made[2:]]
    assert second["next"] is None
