"""Recomputing a register over HTTP: start, join, progress, pause, resume, cancel, and what is refused."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.app import create_app
from api.services import ApiServices
from http_client import Api, client_of
from objects import an_id
from store.database import SessionFactory

RECOMPUTE = "/register-metadata/recompute_scores"


async def start(api: Api, register: str, **fields: Any) -> list[dict[str, Any]]:
    """Ask for a recomputation."""
    answer = await api.post(RECOMPUTE, {"register_id": register, **fields})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["recomputations"])


async def listed(api: Api, register: str) -> list[dict[str, Any]]:
    """The register's recomputations."""
    answer = await api.get(f"/register-metadata/recomputations?register_id={register}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["recomputations"])


async def control(api: Api, verb: str, recomputation_id: str) -> httpx.Response:
    """Pause, resume or cancel it."""
    return await api.post(f"/register-metadata/{verb}_recomputation", {"recomputation_id": recomputation_id})


@pytest.fixture
async def register(api: Api) -> str:
    """A register with both definitions."""
    register = await api.register()
    await api.definition(register, "PMT_SCORE")
    await api.definition(register, "FSF_SCORE")
    return register


async def test_every_enabled_score_type_is_recomputed_where_none_is_named(api: Api, register: str) -> None:
    started = await start(api, register)

    assert [(one["score_type"], one["status"], one["joined"]) for one in started] == [
        ("FSF_SCORE", "REQUESTED", False),
        ("PMT_SCORE", "REQUESTED", False),
    ]
    assert started[1]["workflow_id"] == f"recompute:{register}:PMT_SCORE"


async def test_a_second_start_joins_the_first(api: Api, register: str) -> None:
    [first] = await start(api, register, score_types=["PMT_SCORE"])

    second = await start(api, register, rate=10)

    assert [(one["score_type"], one["joined"]) for one in second] == [("FSF_SCORE", False), ("PMT_SCORE", True)]
    assert second[1]["recomputation_id"] == first["recomputation_id"]


async def test_progress_is_answered_from_the_table(api: Api, register: str) -> None:
    [started] = await start(api, register, score_types=["PMT_SCORE"], only_stale=True, rate=2.5)

    [recomputation] = await listed(api, register)

    assert recomputation["recomputation_id"] == started["recomputation_id"]
    assert (recomputation["only_stale"], recomputation["rate"]) == (True, 2.5)
    counts = ("total", "looked_at", "requested", "outstanding", "failed", "reason", "completed_at")
    assert [recomputation[name] for name in counts] == [None, 0, 0, 0, 0, None, None]


async def test_it_is_paused_resumed_and_cancelled(api: Api, register: str) -> None:
    [started] = await start(api, register, score_types=["PMT_SCORE"])
    recomputation_id = started["recomputation_id"]

    statuses = [
        (await control(api, verb, recomputation_id)).json()["status"]
        for verb in ("pause", "resume", "cancel", "cancel")
    ]

    assert statuses == ["PAUSED", "RUNNING", "CANCELLED", "CANCELLED"]
    assert (await listed(api, register))[0]["completed_at"] is not None


async def test_what_has_ended_is_a_conflict(api: Api, register: str) -> None:
    [started] = await start(api, register, score_types=["PMT_SCORE"])
    await control(api, "cancel", started["recomputation_id"])

    refused = await control(api, "resume", started["recomputation_id"])

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:steadyscore:problem:RecomputationEnded")


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
async def test_a_recomputation_that_nobody_knows_is_not_found(api: Api, verb: str) -> None:
    refused = await control(api, verb, f"recompute:{an_id()}")

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (404, "recomputation_id")


async def test_a_register_that_nobody_knows_is_not_found(api: Api) -> None:
    refused = await api.post(RECOMPUTE, {"register_id": an_id()})
    unlisted = await api.get(f"/register-metadata/recomputations?register_id={an_id()}")

    assert [answer.status_code for answer in (refused, unlisted)] == [404, 404]
    assert refused.json()["type"] == "urn:steadyscore:problem:RegisterNotFound"


async def test_a_score_type_without_a_definition_is_named_with_those_that_there_are(api: Api, register: str) -> None:
    refused = await api.post(RECOMPUTE, {"register_id": register, "score_types": ["NO_SCORE"]})

    assert refused.status_code == 404
    assert refused.json()["errors"] == [
        {
            "field": "score_types",
            "detail": "the register has no score definition for NO_SCORE; it has FSF_SCORE, PMT_SCORE",
        }
    ]
    assert await listed(api, register) == []


async def test_a_disabled_definition_is_a_conflict_that_says_what_to_do(api: Api) -> None:
    register = await api.register()
    definition = await api.definition(register)
    body = {"score_definition_id": definition["score_definition_id"], "is_enabled": False}
    await api.post("/register-metadata/update_score_definition", body)

    refused = await api.post(RECOMPUTE, {"register_id": register, "score_types": ["PMT_SCORE"]})

    assert (refused.status_code, "enable it first" in refused.text) == (409, True)


async def test_a_register_that_has_no_scores_is_a_conflict(api: Api) -> None:
    refused = await api.post(RECOMPUTE, {"register_id": await api.register("TABLE")})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "register_id")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"score_types": []}, "score_types", id="no score type"),
        pytest.param({"score_types": "PMT_SCORE"}, "score_types", id="one score type without a list"),
        pytest.param({"rate": 0}, "rate", id="no record a second"),
        pytest.param({"rate": 0.01}, "rate", id="hardly one"),
        pytest.param({"rate": "fast"}, "rate", id="a rate in words"),
        pytest.param({"rate": 1e300}, "rate", id="a rate beyond all measure"),
        pytest.param({"only_stale": "yes"}, "only_stale", id="a truth in words"),
        pytest.param({"speed": 1}, "speed", id="a field that there is not"),
    ],
)
async def test_a_body_that_makes_no_sense_is_refused(
    api: Api, register: str, fields: dict[str, Any], field: str
) -> None:
    refused = await api.post(RECOMPUTE, {"register_id": register, **fields})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


async def scored(sessions: SessionFactory, register: str, definition: dict[str, Any], records: int) -> None:
    """Scores of this definition, as its first version computed them."""
    statement = text(
        "INSERT INTO g2p_register_scores (register_id, internal_record_id, score_type, score_definition_id,"
        " triggered_by_cr_id, computed_score, computed_at, sequence, definition_version)"
        " SELECT :register, gen_random_uuid()::text, :score_type, :definition, 'CR-00001', 1, now(), 1, 1"
        " FROM generate_series(1, :records)"
    )
    values = {
        "register": register,
        "score_type": definition["score_type"],
        "definition": definition["score_definition_id"],
        "records": records,
    }
    async with sessions.begin() as session:
        await session.execute(statement, values)


async def update(api: Api, definition: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Change the definition."""
    body = {"score_definition_id": definition["score_definition_id"], **fields}
    answer = await api.post("/register-metadata/update_score_definition", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_definitions_change_says_how_many_scores_are_stale(api: Api, sessions: SessionFactory) -> None:
    register = await api.register()
    definition = await api.definition(register)
    await scored(sessions, register, definition, 3)

    slower = await update(api, definition, debounce={"quiet_period": 1, "max_wait": 2})
    other = await update(api, definition, score_config={"weights": {"income": 2}})

    assert (slower["stale_scores"], other["stale_scores"]) == (0, 3)
    assert (slower["score_definition"]["version"], other["score_definition"]["version"]) == (1, 2)
    assert await listed(api, register) == []


@pytest.fixture
async def automatic(services: ApiServices) -> AsyncIterator[Api]:
    """A client of an application that recomputes by itself."""
    async with client_of(create_app(replace(services, recompute_automatically=True))) as http:
        yield Api(http)


async def test_where_it_is_set_up_so_a_definitions_change_recomputes_what_is_stale(automatic: Api) -> None:
    register = await automatic.register()
    definition = await automatic.definition(register)
    await automatic.definition(register, "FSF_SCORE")

    await update(automatic, definition, debounce={"quiet_period": 1, "max_wait": 2})
    before = await listed(automatic, register)
    await update(automatic, definition, score_config={"weights": {"income": 2}})
    [recomputation] = await listed(automatic, register)

    assert before == []
    assert (recomputation["score_type"], recomputation["only_stale"]) == ("PMT_SCORE", True)


async def test_a_disabled_definition_is_not_recomputed_by_itself(automatic: Api) -> None:
    register = await automatic.register()
    definition = await automatic.definition(register)

    await update(automatic, definition, score_config={"weights": {"income": 2}}, is_enabled=False)

    assert await listed(automatic, register) == []


async def test_a_change_of_a_weight_recomputes_what_is_stale_and_taking_out_the_last_one_nothing(
    automatic: Api,
) -> None:
    register = await automatic.register()
    header = {"register_id": register, "score_type": "INDEX"}
    created = (await automatic.post("/computation-score/create_score_definition", header)).json()["score_definition"]
    weight = {"score_definition_id": created["score_definition_id"], "attribute_name": "income"}
    weighed = await automatic.post(
        "/computation-score/create_score_contributing_attribute", weight | {"attribute_weightage": 0.4}
    )
    chosen = {"contributing_attribute_id": weighed.json()["contributing_attribute"]["contributing_attribute_id"]}

    [first] = await listed(automatic, register)
    await automatic.post("/register-metadata/cancel_recomputation", {"recomputation_id": first["recomputation_id"]})
    await automatic.post(
        "/computation-score/update_score_contributing_attribute", chosen | {"attribute_weightage": 0.5}
    )
    second, _ = await listed(automatic, register)
    await automatic.post("/register-metadata/cancel_recomputation", {"recomputation_id": second["recomputation_id"]})
    taken_out = await automatic.post("/computation-score/delete_score_contributing_attribute", chosen)

    assert (second["score_type"], second["only_stale"]) == ("INDEX", True)
    assert taken_out.status_code == 200
    assert len(await listed(automatic, register)) == 2


async def test_what_a_change_recomputes_by_itself_is_in_the_audit_log(automatic: Api) -> None:
    register = await automatic.register()
    definition = await automatic.definition(register)

    await update(automatic, definition, score_config={"weights": {"income": 2}})
    [recomputation] = await listed(automatic, register)
    subject = recomputation["recomputation_id"]

    [entry] = (await automatic.get(f"/audit-log?subject={subject}")).json()["entries"]
    assert (entry["action"], entry["details"]["score_type"]) == ("start_recomputation", "PMT_SCORE")
