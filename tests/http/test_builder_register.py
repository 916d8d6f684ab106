"""What works for every register works for builders, too: definitions, recomputation, lists; change requests do not."""

from typing import Any

import pytest
from sqlalchemy import text

from builder_clients import Builder, a_builder
from builders.score import TERMS
from http_client import Api
from objects import FARMER
from store.database import SessionFactory

METADATA = "/register-metadata"
BUILDERS = {"register_id": "builders"}

FAILED = """
    UPDATE g2p_score_compute_queue SET compute_status = 'FAILED', compute_latest_error_code = 'ScoreInputError',
        compute_latest_error_message = 'vouches must be a whole number', computed_sequence = sequence
    WHERE internal_record_id = :user_id
"""
STORED = """
    INSERT INTO g2p_register_scores (register_id, internal_record_id, score_definition_id, score_type, computed_score,
        computed_at, sequence, triggered_by_cr_id, triggered_by_submission_id, definition_version)
    SELECT register_id, internal_record_id, score_definition_id, score_type, :score, now(), sequence,
        change_request_id, submission_id, definition_version
    FROM g2p_score_compute_queue WHERE internal_record_id = :user_id
"""


async def definition_id(api: Api, prefix: str = METADATA) -> str:
    """Of the Builder Score."""
    [found] = (await api.post(f"{prefix}/get_score_definitions", BUILDERS)).json()["score_definitions"]
    return str(found["score_definition_id"])


@pytest.mark.parametrize("prefix", [METADATA, "/register-data", "/computation-score"])
async def test_the_builder_score_has_a_definition(api: Api, prefix: str) -> None:
    [found] = (await api.post(f"{prefix}/get_score_definitions", BUILDERS)).json()["score_definitions"]

    assert (found["score_type"], found["register_mnemonic"], found["is_enabled"]) == ("BUILDER_SCORE", "Builders", True)
    assert found["debounce"] == {"quiet_period": 300, "max_wait": 300}
    assert found["inactive_reason"] is None
    assert set(found["score_config"]) == set(TERMS)


async def test_its_weights_can_be_changed_and_what_would_compute_nothing_cannot(api: Api) -> None:
    chosen = {"score_definition_id": await definition_id(api)}
    [before] = (await api.post(f"{METADATA}/get_score_definitions", BUILDERS)).json()["score_definitions"]
    config = before["score_config"] | {"vouches": {"points": 30, "cap": 300}}

    changed = await api.post(f"{METADATA}/update_score_definition", chosen | {"score_config": config})
    refused = await api.post(
        f"{METADATA}/update_score_definition", chosen | {"score_config": config | {"vouches": {"points": -1, "cap": 0}}}
    )

    definition = changed.json()["score_definition"]
    assert (definition["score_config"], definition["version"]) == (config, before["version"] + 1)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "score_config.vouches.points")
    history = (
        await api.get(f"{METADATA}/score_definition_history?score_definition_id={chosen['score_definition_id']}")
    ).json()
    assert [one["action"] for one in history["score_definition_history"]] == ["update_score_definition"]


async def test_another_formula_may_be_defined_for_builders(api: Api) -> None:
    body: dict[str, Any] = BUILDERS | {"score_type": "FSF_SCORE", "score_config": {"weights": {"vouches": 2.0}}}
    body["contributing_attributes"] = ["vouches"]
    wrong = body | {"contributing_attributes": ["income"]}

    refused = await api.post(f"{METADATA}/create_score_definition", wrong)
    created = await api.post(f"{METADATA}/create_score_definition", body)
    amina = await a_builder(api.http, "amina")

    requests = (await api.get(f"/records/{amina.user_id}/score-requests")).json()["score_requests"]
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "contributing_attributes")
    assert created.status_code == 200
    assert [one["score_type"] for one in requests] == ["BUILDER_SCORE", "FSF_SCORE"]


async def test_the_scores_of_all_builders_can_be_recomputed(api: Api) -> None:
    started = (await api.post(f"{METADATA}/recompute_scores", BUILDERS)).json()["recomputations"]
    listed = (await api.get(f"{METADATA}/recomputations?register_id=builders")).json()["recomputations"]
    chosen = {"recomputation_id": started[0]["recomputation_id"]}
    paused = await api.post(f"{METADATA}/pause_recomputation", chosen)

    assert [one["score_type"] for one in started] == ["BUILDER_SCORE"]
    assert [one["recomputation_id"] for one in listed] == [chosen["recomputation_id"]]
    assert paused.json()["status"] == "PAUSED"


async def test_scores_of_builders_are_told_as_any(api: Api, amina: Builder, sessions: SessionFactory) -> None:
    record = {"internal_record_id": amina.user_id}
    waiting = (await api.post("/register-data/get_scores", record)).json()
    async with sessions.begin() as session:
        await session.execute(text(STORED), {"user_id": amina.user_id, "score": 275})

    told = (await api.post("/register-data/get_scores", record)).json()
    listed = (
        await api.get("/register-data/scores?register_id=builders&sort=computed_score&score_type=BUILDER_SCORE")
    ).json()

    assert [(one["score_type"], one["status"]) for one in waiting["without_score"]] == [("BUILDER_SCORE", "pending")]
    assert [one["computed_score"] for one in told["scores"]] == [275]
    assert [(one["internal_record_id"], one["computed_score"]) for one in listed["scores"]] == [(amina.user_id, 275)]


async def test_what_failed_is_listed_and_asked_for_again(api: Api, amina: Builder, sessions: SessionFactory) -> None:
    empty = (await api.get("/register-data/failed_requests?register_id=builders")).json()
    async with sessions.begin() as session:
        await session.execute(text(FAILED), {"user_id": amina.user_id})

    listed = (await api.get("/register-data/failed_requests?register_id=builders")).json()["failed_requests"]
    retried = await api.post("/register-data/retry_scores", {"internal_record_id": amina.user_id})

    assert empty == {"failed_requests": [], "next": None}
    assert [(one["internal_record_id"], one["error_code"]) for one in listed] == [(amina.user_id, "ScoreInputError")]
    assert [one["score_type"] for one in retried.json()["retried"]] == ["BUILDER_SCORE"]
    after = (await api.get("/register-data/failed_requests?register_id=builders")).json()
    assert after["failed_requests"] == []


async def test_nobody_changes_a_builder_by_a_change_request(api: Api, amina: Builder) -> None:
    before = await amina.get("/users/me")
    bodies = [
        BUILDERS | {"change_payload": {"vouches": 1_000}, "internal_record_id": amina.user_id},
        BUILDERS | {"change_payload": {"vouches": 1_000}},
    ]

    for body in bodies:
        refused = await api.post("/change-requests", body)
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (404, "RegisterNotFound")

    assert await amina.get("/users/me") == before
    assert (await api.get("/registers/builders")).status_code == 404
    assert (await api.get(f"/records/{amina.user_id}")).status_code == 404
    assert (await api.get("/change-requests?register_id=builders")).json() == {"change_requests": [], "next": None}


async def test_a_builder_is_no_record_of_another_register(api: Api, amina: Builder) -> None:
    body = {"register_id": await api.register(), "change_payload": FARMER, "internal_record_id": amina.user_id}

    refused = await api.post("/change-requests", body)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (404, "internal_record_id")
