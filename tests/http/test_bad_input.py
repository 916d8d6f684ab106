"""Bad input gets a problem that names the field, at the earliest place, and leaves nothing behind."""

from typing import Any

import pytest

from http_client import Api
from objects import an_id

PERSONAL = "Amina-0700-555-100"


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        pytest.param({"salary": 1}, "salary", id="an attribute the register does not have"),
        pytest.param({"assets": {"house": 1}}, "assets.house", id="a nested one it does not have"),
        pytest.param({"income": "much"}, "income", id="text for a number"),
        pytest.param({"income": True}, "income", id="a boolean for a number"),
        pytest.param({"household": {"member_count": 1.5}}, "household.member_count", id="a fraction for an integer"),
        pytest.param({"name": 7}, "name", id="a number for a text"),
        pytest.param({"name": "a\x00b"}, "change_payload.name", id="a NUL character"),
        pytest.param({}, "change_payload", id="nothing at all"),
        pytest.param({"income": 1, "assets": 3}, "assets", id="a value for what holds values"),
        pytest.param({"assets.land_area": 1, "assets": {"land_area": 2}}, "assets.land_area", id="given twice"),
        pytest.param({"": 1}, "", id="an empty name"),
    ],
)
async def test_a_payload_that_does_not_fit_is_refused(api: Api, payload: dict[str, Any], field: str) -> None:
    register = await api.register()
    body = {"register_id": register, "change_payload": payload, "change_request_id": "CR-1"}

    refused = await api.post("/change-requests", body)

    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in refused.json()["errors"]] == ([field] if field else [])
    assert (await api.get("/change-requests/CR-1")).status_code == 404


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
async def test_a_number_that_is_not_finite_is_refused(api: Api, number: str) -> None:
    register = await api.register()
    body = f'{{"register_id": "{register}", "change_payload": {{"income": {number}}}}}'

    refused = await api.http.post("/change-requests", content=body, headers={"content-type": "application/json"})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "change_payload.income")


@pytest.mark.parametrize("body", ["{", "", '{"register_id": }', "\xff", "[" * 100_000])
async def test_malformed_json_is_a_bad_request(api: Api, body: str) -> None:
    headers = {"content-type": "application/json"}

    refused = await api.http.post("/change-requests", content=body.encode("latin-1"), headers=headers)

    assert refused.status_code in {400, 422}
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"change_payload": {"income": 1}}, "register_id", id="a field is missing"),
        pytest.param({"register_id": 7, "change_payload": {"income": 1}}, "register_id", id="a number for an id"),
        pytest.param({"register_id": "r", "change_payload": [1]}, "change_payload", id="a list for an object"),
        pytest.param({"register_id": "r", "change_payload": {}, "extra": 1}, "extra", id="a field nobody asked for"),
        pytest.param(
            {"register_id": "r", "change_payload": {}, "change_request_id": "a b"},
            "change_request_id",
            id="a space in an id",
        ),
    ],
)
async def test_a_body_of_the_wrong_shape_names_the_field(api: Api, body: dict[str, Any], field: str) -> None:
    refused = await api.post("/change-requests", body)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"change_payload": {"income": PERSONAL}}, id="a wrong type"),
        pytest.param({"change_payload": {"name": f"{PERSONAL}\x00"}}, id="a NUL character"),
        pytest.param({"change_payload": PERSONAL}, id="a wrong shape"),
        pytest.param({"change_payload": {"name": [PERSONAL]}}, id="a list for a text"),
    ],
)
async def test_what_was_sent_is_never_in_the_answer(
    api: Api, caplog: pytest.LogCaptureFixture, body: dict[str, Any]
) -> None:
    register = await api.register()

    refused = await api.post("/change-requests", {"register_id": register, **body})

    assert refused.status_code == 422
    assert PERSONAL not in refused.text
    assert PERSONAL not in caplog.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"contributing_attributes": []}, "contributing_attributes", id="no attributes"),
        pytest.param({"contributing_attributes": ["income", "income"]}, "contributing_attributes", id="one twice"),
        pytest.param({"contributing_attributes": ["salary"]}, "contributing_attributes", id="an unknown one"),
        pytest.param({"contributing_attributes": ["name"]}, "contributing_attributes", id="text for a weighted sum"),
        pytest.param({"score_type": "NOBODYS_SCORE"}, "score_type", id="a type nobody serves"),
        pytest.param({"score_config": {"weights": {"land": 1}}}, "score_config.weights.land", id="a weight of nothing"),
        pytest.param(
            {"score_config": {"weights": {"income": "1"}}}, "score_config.weights.income", id="text as weight"
        ),
        pytest.param({"debounce": {"quiet_period": 5, "max_wait": 1}}, "debounce.max_wait", id="max below quiet"),
    ],
)
async def test_a_definition_that_could_not_compute_is_refused(api: Api, change: dict[str, Any], field: str) -> None:
    register = await api.register()
    body = {"register_id": register, "score_type": "PMT_SCORE", "contributing_attributes": ["income"], **change}

    refused = await api.post("/register-metadata/create_score_definition", body)

    definitions = await api.post("/register-metadata/get_score_definitions", {"register_id": register})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert definitions.json() == {"score_definitions": []}


@pytest.mark.parametrize("purpose", ["TABLE", "PROGRAM_REGISTER"])
async def test_a_definition_on_a_register_without_scores_is_refused(api: Api, purpose: str) -> None:
    register = await api.register(purpose)
    body = {"register_id": register, "score_type": "PMT_SCORE", "contributing_attributes": ["income"]}

    refused = await api.post("/register-metadata/create_score_definition", body)

    assert refused.status_code == 409
    assert purpose in refused.json()["detail"]


async def test_a_definition_of_an_unknown_register_is_refused(api: Api) -> None:
    body = {"register_id": an_id(), "score_type": "PMT_SCORE", "contributing_attributes": ["income"]}

    refused = await api.post("/register-metadata/create_score_definition", body)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (404, "register_id")


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({}, id="none"),
        pytest.param({"income": "money"}, id="an unknown type"),
        pytest.param({"a..b": "text"}, id="no path"),
        pytest.param({"assets": "text", "assets.land": "number"}, id="one within another"),
    ],
)
async def test_a_register_with_impossible_attributes_is_refused(api: Api, attributes: dict[str, str]) -> None:
    body = {"register_mnemonic": "F", "register_purpose": "REGISTER", "attributes": attributes}

    refused = await api.post("/registers", body)

    assert refused.status_code == 422
    assert (await api.get("/registers")).json()["registers"] == []


@pytest.mark.parametrize(
    "path",
    ["/records/%00", "/registers/%00", "/change-requests/%00", "/registers/a%20b/records", "/registers?after=%00"],
)
async def test_an_id_that_cannot_be_one_is_refused(api: Api, path: str) -> None:
    refused = await api.get(path)

    assert (refused.status_code, refused.json()["type"]) == (422, "urn:steadyscore:problem:InvalidRequest")


def many(count: int, value: Any = 1) -> dict[str, Any]:
    """An object of so many names."""
    return {f"a{number}": value for number in range(count)}


DEFINITION = {"register_id": "r", "score_type": "PMT_SCORE", "contributing_attributes": ["income"]}
REGISTER = {"register_mnemonic": "F", "register_purpose": "REGISTER", "attributes": {"income": "number"}}
WEIGHTED = {"score_definition_id": "d", "attribute_name": "income", "attribute_weightage": 1}
METADATA = "/register-metadata"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        pytest.param("/registers", REGISTER | {"attributes": many(1_001, "text")}, "attributes", id="many attributes"),
        pytest.param("/registers", REGISTER | {"attributes": {"a": "x" * 65}}, "attributes.a", id="a long type"),
        pytest.param(
            "/change-requests",
            {"register_id": "r", "change_payload": many(10_001)},
            "change_payload",
            id="a payload of many names",
        ),
        pytest.param(
            f"{METADATA}/create_score_definition",
            DEFINITION | {"score_config": many(1_001)},
            "score_config",
            id="a config of many names",
        ),
        pytest.param(
            f"{METADATA}/create_score_definition",
            DEFINITION | {"contributing_attributes": [f"a{number}" for number in range(1_001)]},
            "contributing_attributes",
            id="many contributing attributes",
        ),
        pytest.param(
            "/computation-score/create_score_contributing_attribute",
            WEIGHTED | {"attribute_computation_value": many(10_001)},
            "attribute_computation_value",
            id="many numbers",
        ),
        pytest.param(
            f"{METADATA}/recompute_scores",
            {"register_id": "r", "score_types": ["PMT_SCORE"] * 101},
            "score_types",
            id="many score types",
        ),
        pytest.param(
            "/register-data/get_score_history",
            {"internal_record_id": "A", "score_type": "PMT_SCORE", "limit": 501},
            "limit",
            id="many rows",
        ),
    ],
)
async def test_more_than_anybody_needs_is_refused_by_its_field(
    api: Api, path: str, body: dict[str, Any], field: str
) -> None:
    refused = await api.post(path, body)

    [first, *_] = refused.json()["errors"]
    assert refused.status_code == 422
    assert first["field"] == field or first["field"].startswith(f"{field}.")


SCORES = "/register-data/scores?register_id=r&"


@pytest.mark.parametrize("value", ["1.0", "1_0", "%205", "%2B5", "true", "", "1e1", "%D9%A3", "9" * 5_000])
@pytest.mark.parametrize("path", [f"{SCORES}limit=", "/registers?limit=", "/registers/r/records?limit="])
async def test_a_whole_number_in_a_url_is_digits_and_nothing_else(api: Api, path: str, value: str) -> None:
    refused = await api.get(f"{path}{value}")

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "limit")


@pytest.mark.parametrize("value", ["1_0", "%205", "true", "", "0x1", "NaN", "infinity", "1e400"])
async def test_a_threshold_in_a_url_is_a_number_as_json_has_it(api: Api, value: str) -> None:
    refused = await api.get(f"{SCORES}min_score={value}")

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "min_score")


@pytest.mark.parametrize("value", ["5", "1732190400", "-1", "2026-11-21", "12:00Z", "2026-11-21T12:00:00"])
async def test_a_moment_in_a_url_is_a_date_with_time_and_zone(api: Api, value: str) -> None:
    refused = await api.get(f"/audit-log?since={value}")

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "since")


@pytest.mark.parametrize(
    "path",
    [
        f"{SCORES}limit=5&min_score=-1.5e2&max_score=2",
        "/audit-log?since=2026-11-21T12:00:00Z&until=2026-11-21T12:00:00.5%2B03:00",
        "/registers?limit=5",
    ],
)
async def test_a_number_and_a_moment_as_they_should_be_are_taken(api: Api, path: str) -> None:
    assert (await api.get(path)).status_code in {200, 404}


@pytest.mark.parametrize("number", ["1", 1.0, True], ids=["text", "a fraction", "a truth"])
@pytest.mark.parametrize("name", ["current_page", "page_size"])
async def test_a_page_in_an_envelope_is_a_number(api: Api, name: str, number: object) -> None:
    header = {
        "sender_app_mnemonic": "portal",
        "sender_app_url": "https://portal.example.org",
        "request_id": "1",
        "request_timestamp": "2026-11-21T12:00:00Z",
    }
    body = {"pagination_request": {name: number}, "request_payload": {"register_id": "r"}}

    answer = await api.post(f"{METADATA}/get_score_definitions", {"request_header": header, "request_body": body})

    told = answer.json()["response_header"]
    assert (told["response_status"], told["response_error_code"]) == ("ERROR", "SC-ERR-007")
    assert name in told["response_error_message"]
