"""The document's five routes: definitions, scores, history."""

from sqlalchemy import text

from http_client import Api
from objects import a_request, an_id
from scoring.messages import ComputedScore, ScoreOutcomes
from store.database import SessionFactory
from store.outbox import list_requests
from store.scores import save_outcomes


async def store_score(sessions: SessionFactory, register: str, record: str, score: float) -> None:
    """Store a score for the record's latest PMT request."""
    async with sessions.begin() as session:
        [row] = await list_requests(session, record)
        asked = {"change_request_id": row.change_request_id, "score_definition_id": row.score_definition_id}
        request = a_request(row.sequence, **asked)
        await save_outcomes(session, ScoreOutcomes(register, record, [ComputedScore(request, score, "formula", "1")]))


async def test_scores_and_history_are_answered_as_in_the_document(api: Api, sessions: SessionFactory) -> None:
    register = await api.register()
    await api.definition(register)
    record = await api.record(register)
    await store_score(sessions, register, record, 2001.83)
    change = await api.change_request(register, {"income": 3500}, internal_record_id=record)
    await api.approve(change)
    await store_score(sessions, register, record, 1401.83)

    scores = (await api.post("/register-data/get_scores", {"internal_record_id": record})).json()
    body = {"internal_record_id": record, "score_type": "PMT_SCORE"}
    history = (await api.post("/register-data/get_score_history", body)).json()

    [score] = scores["scores"]
    assert set(score) >= {"score_type", "computed_score", "computed_at", "triggered_by_cr_id"}
    assert (score["computed_score"], score["triggered_by_cr_id"], score["status"]) == (1401.83, change, "current")
    assert score["computed_at"].endswith("Z")
    assert [past["computed_score"] for past in history["history"]] == [1401.83, 2001.83]
    assert set(history["history"][0]) >= {"computed_score", "computed_at", "triggered_by_cr_id"}


async def test_a_record_nobody_knows_has_no_scores(api: Api) -> None:
    answer = await api.post("/register-data/get_scores", {"internal_record_id": an_id()})

    assert (answer.status_code, answer.json()) == (200, {"scores": [], "without_score": []})


async def test_a_definition_is_created_with_the_service_s_debounce(api: Api) -> None:
    register = await api.register()

    created = await api.definition(register, "FSF_SCORE")

    listed = (await api.post("/register-metadata/get_score_definitions", {"register_id": register})).json()
    assert (created["version"], created["is_enabled"]) == (1, True)
    assert created["debounce"] == {"quiet_period": 2, "max_wait": 10}
    assert listed == {"score_definitions": [created]}


async def test_a_second_definition_of_the_same_type_is_refused(api: Api) -> None:
    register = await api.register()
    await api.definition(register)
    body = {"register_id": register, "score_type": "PMT_SCORE", "contributing_attributes": ["income"]}

    refused = await api.post("/register-metadata/create_score_definition", body)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "score_type")


async def test_an_update_changes_what_is_given_and_raises_the_version(api: Api) -> None:
    register = await api.register()
    created = await api.definition(register)
    weights = {"weights": {"income": 0.5}}

    body = {"score_definition_id": created["score_definition_id"], "score_config": weights, "is_enabled": None}
    updated = (await api.post("/register-metadata/update_score_definition", body)).json()["score_definition"]

    assert updated["version"] == 2
    unchanged = {"version", "score_config", "updated_at"}
    assert {key: updated[key] for key in updated.keys() - unchanged} == {
        key: created[key] for key in created.keys() - unchanged
    }
    assert updated["score_config"] == weights


async def test_disabling_a_definition_stops_its_requests(api: Api) -> None:
    register = await api.register()
    created = await api.definition(register)
    body = {"score_definition_id": created["score_definition_id"], "is_enabled": False}
    updated = (await api.post("/register-metadata/update_score_definition", body)).json()["score_definition"]

    record = await api.record(register)

    requests = (await api.get(f"/records/{record}/score-requests")).json()
    assert (updated["is_enabled"], updated["version"]) == (False, 1)
    assert requests == {"score_requests": []}


async def test_a_failed_request_tells_why(api: Api, sessions: SessionFactory) -> None:
    register = await api.register()
    await api.definition(register)
    record = await api.record(register)
    async with sessions.begin() as session:
        await session.execute(
            text(
                "UPDATE g2p_score_compute_queue SET compute_status = 'FAILED',"
                " compute_latest_error_code = 'ScoreInputError', compute_latest_error_message = 'income is missing'"
            )
        )

    [request] = (await api.get(f"/records/{record}/score-requests")).json()["score_requests"]

    assert request["compute_status"] == "FAILED"
    assert request["compute_latest_error_code"] == "ScoreInputError"
    assert request["compute_latest_error_message"] == "income is missing"
