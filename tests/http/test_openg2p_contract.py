"""Every payload of OpenG2P's three generations, sent as their own front ends and registry send it."""

from datetime import datetime
from typing import Any

import pytest

from http_client import Api
from objects import a_computed_score, a_request, an_id
from openg2p import enveloped, error_of, pages_of, payload_of
from scoring.messages import ScoreOutcomes
from store.database import SessionFactory
from store.outbox import list_requests
from store.scores import save_outcomes

A, B, C = "/register-metadata", "/register-data", "/computation-score"
PLAIN = {
    "score_type": "PMT_SCORE",
    "contributing_attributes": ["income", "assets.land_area"],
    "score_config": {"weights": {"income": 0.5}},
}
DEFINITION_KEYS = {
    "score_definition_id",
    "register_mnemonic",
    "score_type",
    "is_enabled",
    "contributing_attributes",
    "score_config",
}
ATTRIBUTE_KEYS = {
    "contributing_attribute_id",
    "attribute_name",
    "attribute_computation_required",
    "attribute_computation_value",
    "attribute_weightage",
}


async def call(api: Api, path: str, payload: Any, **pagination: Any) -> dict[str, Any]:
    """The payload of a success."""
    return payload_of(await api.post(path, enveloped(payload, **pagination)))


async def refused(api: Api, path: str, payload: Any, **pagination: Any) -> str:
    """The code of a refusal."""
    return error_of(await api.post(path, enveloped(payload, **pagination)))


async def weighted(api: Api, register: str, score_type: str = "vulnerability index") -> str:
    """A definition of generation C, without attributes."""
    created = await call(api, f"{C}/create_score_definition", {"register_id": register, "score_type": score_type})
    return str(created["score_definition"]["score_definition_id"])


def weight(definition: str, name: str = "income", weightage: float = 0.4, **fields: Any) -> dict[str, Any]:
    """A weighted attribute as generation C sends it."""
    attribute = {
        "score_definition_id": definition,
        "attribute_name": name,
        "attribute_computation_required": False,
        "attribute_computation_value": None,
        "attribute_weightage": weightage,
    }
    return attribute | fields


@pytest.mark.parametrize("prefix", [A, B])
async def test_a_definition_of_the_first_generations_is_created_changed_and_listed(api: Api, prefix: str) -> None:
    register = await api.register()

    created = (await call(api, f"{prefix}/create_score_definition", {"register_id": register, **PLAIN}))[
        "score_definition"
    ]
    change = {
        "score_definition_id": created["score_definition_id"],
        "contributing_attributes": None,
        "score_config": {"weights": {"income": 0.7}},
        "is_enabled": None,
    }
    updated = (await call(api, f"{prefix}/update_score_definition", change))["score_definition"]
    listed = (await call(api, f"{prefix}/get_score_definitions", {"register_id": register}))["score_definitions"]

    assert created.keys() >= DEFINITION_KEYS
    assert (created["register_mnemonic"], created["is_enabled"]) == ("Farmer", True)
    assert updated["contributing_attributes"] == PLAIN["contributing_attributes"]
    assert updated["score_config"] == {"weights": {"income": 0.7}}
    assert listed == [updated]


async def test_a_definition_of_the_latest_generation_waits_for_its_weighted_attributes(api: Api) -> None:
    register = await api.register()

    definition = await weighted(api, register)
    [empty] = (await call(api, f"{C}/get_score_definitions", {"register_id": register}))["score_definitions"]
    first = (await call(api, f"{C}/create_score_contributing_attribute", weight(definition)))["contributing_attribute"]
    mapped = weight(
        definition,
        "household.member_count",
        attribute_computation_required=True,
        attribute_computation_value={"4": 0.3},
    )
    await call(api, f"{C}/create_score_contributing_attribute", mapped)
    [filled] = (await call(api, f"{C}/get_score_definitions", {"register_id": register}))["score_definitions"]

    assert empty.keys() >= DEFINITION_KEYS
    assert (empty["contributing_attributes"], empty["is_enabled"]) == ([], True)
    assert "create_score_contributing_attribute" in empty["inactive_reason"]
    assert first.keys() == ATTRIBUTE_KEYS
    assert (first["attribute_name"], first["attribute_weightage"]) == ("income", 0.4)
    assert (filled["contributing_attributes"], filled["inactive_reason"]) == (
        ["household.member_count", "income"],
        None,
    )
    assert filled["version"] > empty["version"]


async def test_weighted_attributes_are_changed_listed_and_taken_out(api: Api) -> None:
    definition = await weighted(api, await api.register())
    created = await call(api, f"{C}/create_score_contributing_attribute", weight(definition))
    chosen = {"contributing_attribute_id": created["contributing_attribute"]["contributing_attribute_id"]}
    which = {"score_definition_id": definition}

    change = chosen | {"attribute_weightage": 0.9}
    updated = await call(api, f"{C}/update_score_contributing_attribute", change)
    listed = await call(api, f"{C}/get_score_contributing_attributes", which)
    deleted = await call(api, f"{C}/delete_score_contributing_attribute", chosen)
    left = await call(api, f"{C}/get_score_contributing_attributes", which)

    assert updated["contributing_attribute"]["attribute_weightage"] == 0.9
    assert listed == {"contributing_attributes": [updated["contributing_attribute"]]}
    assert deleted == chosen
    assert left == {"contributing_attributes": []}


async def test_a_deleted_definition_is_gone(api: Api) -> None:
    register = await api.register()
    definition = await weighted(api, register)

    deleted = await call(api, f"{C}/delete_score_definition", {"score_definition_id": definition})

    assert deleted == {"score_definition_id": definition}
    assert await call(api, f"{C}/get_score_definitions", {"register_id": register}) == {"score_definitions": []}
    assert await refused(api, f"{C}/delete_score_definition", {"score_definition_id": definition}) == "SC-ERR-003"


async def test_a_weighted_definition_asks_for_scores_as_soon_as_it_has_an_attribute(api: Api) -> None:
    register = await api.register()
    definition = await weighted(api, register)

    before = await api.record(register)
    await call(api, f"{C}/create_score_contributing_attribute", weight(definition))
    after = await api.record(register)

    assert (await api.get(f"/records/{before}/score-requests")).json() == {"score_requests": []}
    [request] = (await api.get(f"/records/{after}/score-requests")).json()["score_requests"]
    assert (request["score_type"], request["compute_status"]) == ("vulnerability index", "PENDING")


@pytest.mark.parametrize("key", ["internal_record_id", "link_internal_record_id"])
@pytest.mark.parametrize("route", ["get_scores", "get_score_history"])
async def test_a_record_that_nobody_knows_has_no_scores_and_no_history(api: Api, key: str, route: str) -> None:
    payload = {key: an_id()} | ({"score_type": "NO_SUCH_SCORE"} if route == "get_score_history" else {})

    answer = await call(api, f"/register-data/{route}", payload)

    assert answer["history" if route == "get_score_history" else "scores"] == []


async def test_both_names_of_the_record_key_must_agree(api: Api) -> None:
    record = an_id()

    agreeing = {"internal_record_id": record, "link_internal_record_id": record}
    differing = {"internal_record_id": record, "link_internal_record_id": an_id()}

    assert (await call(api, "/register-data/get_scores", agreeing))["scores"] == []
    assert await refused(api, "/register-data/get_scores", differing) == "SC-ERR-007"


@pytest.mark.parametrize(
    ("pagination", "types", "counts"),
    [
        pytest.param({"current_page": 1, "page_size": 2}, ["A", "B"], (3, 2), id="the first page"),
        pytest.param({"current_page": 2, "page_size": 2}, ["C"], (3, 2), id="the last page"),
        pytest.param({"current_page": 9, "page_size": 2}, [], (3, 2), id="beyond the last page"),
        pytest.param(
            {"current_page": 1, "page_size": 9, "sort_by": "-score_type"},
            ["C", "B", "A"],
            (3, 1),
            id="sorted downwards",
        ),
        pytest.param({"current_page": 1, "page_size": 9, "search_text": "b"}, ["B"], (1, 1), id="searched"),
        pytest.param(
            {"current_page": 1, "page_size": 9, "filter_by": "is_enabled=false"}, [], (0, 0), id="filtered to nothing"
        ),
        pytest.param(
            {"current_page": 1, "page_size": 1, "sort_by": None, "filter_by": None, "search_text": None},
            ["A"],
            (3, 3),
            id="with nulls, as their client sends it",
        ),
    ],
)
async def test_definitions_come_in_numbered_pages(
    api: Api, pagination: dict[str, Any], types: list[str], counts: tuple[int, int]
) -> None:
    register = await api.register()
    for score_type in "CAB":
        await weighted(api, register, score_type)

    answer = await api.post(f"{C}/get_score_definitions", enveloped({"register_id": register}, **pagination))

    assert [one["score_type"] for one in payload_of(answer)["score_definitions"]] == types
    assert pages_of(answer) == counts


async def test_weighted_attributes_come_in_numbered_pages(api: Api) -> None:
    definition = await weighted(api, await api.register())
    for name in ("income", "assets.land_area", "household.member_count"):
        await call(api, f"{C}/create_score_contributing_attribute", weight(definition, name))

    answer = await api.post(
        f"{C}/get_score_contributing_attributes",
        enveloped({"score_definition_id": definition}, current_page=2, page_size=2),
    )

    assert [one["attribute_name"] for one in payload_of(answer)["contributing_attributes"]] == ["income"]
    assert pages_of(answer) == (3, 2)


async def test_without_a_page_everything_comes_and_no_counts(api: Api) -> None:
    register = await api.register()
    await weighted(api, register)

    answer = (await api.post(f"{C}/get_score_definitions", enveloped({"register_id": register}))).json()

    assert answer["response_body"]["pagination_response"] is None
    assert len(answer["response_body"]["response_payload"]["score_definitions"]) == 1


async def test_a_page_by_a_field_that_is_not_there_is_a_validation_error(api: Api) -> None:
    payload, page = {"register_id": await api.register()}, {"current_page": 1, "page_size": 1}

    for wrong in ({"sort_by": "salary"}, {"filter_by": "salary=1"}, {"filter_by": "is_enabled"}, {"current_page": 0}):
        assert await refused(api, f"{C}/get_score_definitions", payload, **(page | wrong)) == "SC-ERR-007"


async def test_each_kind_of_error_has_its_code(api: Api) -> None:
    register, table = await api.register(), await api.register("TABLE")
    definition, record = await weighted(api, register), await api.record(register)
    bodies: dict[str, tuple[str, dict[str, Any]]] = {
        "SC-ERR-001": (f"{C}/create_score_definition", {"register_id": table, "score_type": "X"}),
        "SC-ERR-002": (f"{C}/create_score_contributing_attribute", weight(definition, "no.such.attribute")),
        "SC-ERR-003": (f"{C}/update_score_definition", {"score_definition_id": an_id(), "is_enabled": False}),
        "SC-ERR-004": ("/register-data/explain_score", {"internal_record_id": record, "score_type": "PMT_SCORE"}),
        "SC-ERR-005": ("/register-data/retry_scores", {"internal_record_id": an_id()}),
        "SC-ERR-006": (f"{A}/create_score_definition", {"register_id": register, **PLAIN, "score_type": "NOBODY_S"}),
        "SC-ERR-007": (f"{C}/get_score_definitions", {"register_id": 7}),
        "SC-ERR-008": (f"{C}/delete_score_contributing_attribute", {"contributing_attribute_id": an_id()}),
    }

    codes = [await refused(api, path, payload) for path, payload in bodies.values()]

    assert codes == list(bodies)


async def test_an_attribute_that_the_register_does_not_have_is_refused_by_each_generation(api: Api) -> None:
    register = await api.register()
    payload = {"register_id": register, **PLAIN, "contributing_attributes": ["no.such.attribute"]}

    assert await refused(api, f"{A}/create_score_definition", payload) == "SC-ERR-002"
    assert await refused(api, f"{B}/create_score_definition", payload) == "SC-ERR-002"


async def test_the_plain_body_gets_the_same_refusal_with_a_real_status_and_the_code(api: Api) -> None:
    answer = await api.post(f"{C}/update_score_definition", {"score_definition_id": an_id(), "is_enabled": False})

    assert answer.status_code == 404
    assert answer.json()["code"] == "SC-ERR-003"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda body: body["request_header"].pop("sender_app_url"), id="a header without a field"),
        pytest.param(lambda body: body.pop("request_body"), id="no body"),
        pytest.param(lambda body: body["request_body"].pop("request_payload"), id="no payload"),
        pytest.param(
            lambda body: body["request_header"].update(request_timestamp="yesterday"), id="a time that is none"
        ),
        pytest.param(lambda body: body["request_body"].update(request_payload=[1]), id="a payload that is a list"),
        pytest.param(lambda body: body["request_body"].update(pagination_request=3), id="a page that is none"),
    ],
)
async def test_an_envelope_that_is_wrong_is_a_validation_error_within_an_envelope(api: Api, spoil: Any) -> None:
    body = enveloped({"internal_record_id": an_id()})
    spoil(body)

    assert error_of(await api.post("/register-data/get_scores", body)) == "SC-ERR-007"


@pytest.mark.parametrize("header", [None, 7, [], {}, {"request_id": 7}])
async def test_a_header_that_is_none_at_all_is_answered_in_an_envelope(api: Api, header: Any) -> None:
    answer = await api.post("/register-data/get_scores", {"request_header": header, "request_body": {}})

    assert (answer.status_code, answer.json()["response_header"]["request_id"]) == (200, "")
    assert answer.json()["response_header"]["response_error_code"] == "SC-ERR-007"


async def test_what_openg2p_may_add_to_its_envelope_is_let_through(api: Api) -> None:
    body = enveloped({"internal_record_id": an_id()})
    body["request_header"]["something_new"] = 1

    assert payload_of(await api.post("/register-data/get_scores", body))["scores"] == []


async def scored(api: Api, sessions: SessionFactory, submission_id: str = "") -> tuple[str, str]:
    """A record with a score, and the change request or the submission that caused it."""
    register = await api.register()
    await api.definition(register)
    record = await api.record(register)
    async with sessions.begin() as session:
        [row] = await list_requests(session, record)
        cause = "" if submission_id else row.change_request_id
        request = a_request(
            row.sequence,
            change_request_id=cause,
            submission_id=submission_id,
            score_definition_id=row.score_definition_id,
        )
        await save_outcomes(session, ScoreOutcomes(register, record, [a_computed_score(request, 47.32)]))
    return record, cause


@pytest.mark.parametrize("submission", ["", "SUB-00042"])
@pytest.mark.parametrize("key", ["internal_record_id", "link_internal_record_id"])
async def test_scores_and_history_have_the_items_of_all_generations(
    api: Api, sessions: SessionFactory, key: str, submission: str
) -> None:
    record, change_request = await scored(api, sessions, submission)

    [score] = (await call(api, "/register-data/get_scores", {key: record}))["scores"]
    payload = {key: record, "score_type": "PMT_SCORE"}
    [past] = (await call(api, "/register-data/get_score_history", payload))["history"]

    expected = {
        "computed_score": 47.32,
        "computed_at": score["computed_at"],
        "triggered_by_cr_id": change_request,
        "triggered_by_submission_id": submission,
    }
    assert score.items() >= ({"score_type": "PMT_SCORE"} | expected).items()
    assert past.items() >= expected.items()
    assert datetime.fromisoformat(score["computed_at"]).tzinfo is not None
    assert score["computed_at"].endswith("Z")


async def test_a_score_is_the_same_whoever_asks(api: Api, sessions: SessionFactory) -> None:
    record, _ = await scored(api, sessions)

    enveloped_answer = await call(api, "/register-data/get_scores", {"link_internal_record_id": record})
    plain_answer = (await api.post("/register-data/get_scores", {"internal_record_id": record})).json()

    assert enveloped_answer == plain_answer
    assert len(plain_answer["scores"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"contributing_attributes": []}, id="no attributes"),
        pytest.param({"contributing_attributes": None}, id="null for attributes"),
        pytest.param({"contributing_attributes": ["income", "income"]}, id="an attribute that stands twice"),
    ],
)
async def test_attributes_that_have_no_form_have_the_code_of_attributes(api: Api, wrong: dict[str, Any]) -> None:
    payload = {"register_id": await api.register(), **PLAIN} | wrong

    assert await refused(api, f"{B}/create_score_definition", payload) == "SC-ERR-002"


@pytest.mark.parametrize("weightage", ["0.4", None, True])
async def test_a_weight_that_is_no_number_has_the_code_of_attributes(api: Api, weightage: Any) -> None:
    definition = await weighted(api, await api.register())
    payload = weight(definition) | {"attribute_weightage": weightage}

    assert await refused(api, f"{C}/create_score_contributing_attribute", payload) == "SC-ERR-002"


async def test_a_recomputation_is_started_by_an_envelope_too(api: Api) -> None:
    register = await api.register()
    await api.definition(register)

    started = await call(api, "/register-metadata/recompute_scores", {"register_id": register})

    assert [one["score_type"] for one in started["recomputations"]] == ["PMT_SCORE"]
