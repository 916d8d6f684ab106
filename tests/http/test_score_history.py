"""What stands beside a score: its status, its history by pages, and all it takes to compute it again."""

from dataclasses import replace
from typing import Any

import pytest

from http_client import Api
from objects import FARMER, a_computed_score, a_failed_score, an_id
from postgres_sessions import asked_for
from scoring.compute import call_service, find_compute_service
from scoring.messages import ScoreOutcomes
from store.database import SessionFactory
from store.scores import save_outcomes

HISTORY, EXPLAIN = "/register-data/get_score_history", "/register-data/explain_score"
PMT: dict[str, Any] = {"internal_record_id": "A", "score_type": "PMT_SCORE"}


async def scored(sessions: SessionFactory, score: float = 1401.83, **changes: Any) -> int:
    """Give record A a PMT_SCORE; its sequence."""
    request = await asked_for(sessions, "A", change_payload={"assets.land_area": 1}, **changes)
    request = replace(request, submission_id=changes.get("submission_id", ""))
    async with sessions.begin() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", "A", [a_computed_score(request, score)]))
    return request.sequence


async def test_each_item_of_scores_has_a_number_and_the_others_stand_apart(api: Api, defined: SessionFactory) -> None:
    await scored(defined, 7.5, change_request_id="", submission_id="S-1")
    failing = await asked_for(defined, "A", "FSF_SCORE", change_request_id="CR-2")
    async with defined.begin() as session:
        failed = [a_failed_score(failing, "income is missing")]
        await save_outcomes(session, ScoreOutcomes("farmers", "A", failed=failed))

    answer = (await api.post("/register-data/get_scores", {"link_internal_record_id": "A"})).json()

    [score], [without] = answer["scores"], answer["without_score"]
    assert (score["score_type"], score["computed_score"], score["status"]) == ("PMT_SCORE", 7.5, "pending")
    assert (score["triggered_by_cr_id"], score["triggered_by_submission_id"]) == ("", "S-1")
    assert (score["reason"], score["definition_version"], score["computed_at"][-1]) == (None, 1, "Z")
    assert (without["score_type"], without["status"], without["reason"]) == ("FSF_SCORE", "failed", "income is missing")
    assert (without["triggered_by_cr_id"], without["triggered_by_submission_id"]) == ("CR-2", "")
    assert without["requested_at"].endswith("Z")
    assert "computed_score" not in without


async def test_the_history_is_read_by_pages_newest_first(api: Api, defined: SessionFactory) -> None:
    sequences = [await scored(defined, float(number)) for number in range(5)]

    pages: list[dict[str, Any]] = []
    before = None
    while not pages or before:
        pages.append((await api.post(HISTORY, PMT | {"limit": 2, "before": before})).json())
        before = pages[-1]["next"]

    assert [[past["computed_score"] for past in page["history"]] for page in pages] == [[4, 3], [2, 1], [0]]
    assert [past["sequence"] for page in pages for past in page["history"]] == sequences[::-1]
    assert pages[0]["history"][0]["definition_version"] == 1


async def test_a_history_that_fills_its_page_has_no_next(api: Api, defined: SessionFactory) -> None:
    await scored(defined)
    await scored(defined)

    page = (await api.post(HISTORY, PMT | {"limit": 2})).json()

    assert (len(page["history"]), page["next"]) == (2, None)


async def test_a_number_can_be_computed_again_from_its_explanation(api: Api, defined: SessionFactory) -> None:
    first = await scored(defined, change_request_id="CR-1", record_attributes=FARMER | {"income": 3500})
    last = await scored(defined, 5.0, change_request_id="CR-2")

    latest = (await api.post(EXPLAIN, PMT)).json()
    older = (await api.post(EXPLAIN, PMT | {"sequence": first})).json()

    assert (latest["sequence"], latest["computed_score"], latest["triggered_by_cr_id"]) == (last, 5.0, "CR-2")
    assert (older["sequence"], older["triggered_by_cr_id"], older["definition_version"]) == (first, "CR-1", 1)
    assert (older["formula_name"], older["formula_version"]) == ("scoring.formulas.PmtScore", "1")
    values, config = older["contributing_attribute_values"], older["score_config"]
    again = await call_service(find_compute_service("PMT_SCORE", config), "A", values, config)
    assert again == older["computed_score"] == 1401.83


async def test_what_a_score_is_made_of_stands_in_its_explanation_where_its_service_tells(
    api: Api, defined: SessionFactory
) -> None:
    first = await scored(defined)
    request = await asked_for(defined, "A")
    computed = replace(a_computed_score(request), breakdown={"income": {"points": 1400}})
    async with defined.begin() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", "A", [computed]))

    told = (await api.post(EXPLAIN, PMT)).json()
    not_told = (await api.post(EXPLAIN, PMT | {"sequence": first})).json()

    assert told["breakdown"] == {"income": {"points": 1400}}
    assert not_told["breakdown"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param(PMT | {"internal_record_id": an_id()}, "score_type", id="a record nobody knows"),
        pytest.param(PMT | {"score_type": "FSF_SCORE"}, "score_type", id="a type without a score"),
        pytest.param(PMT | {"sequence": 2**62}, "sequence", id="a sequence it does not have"),
    ],
)
async def test_what_was_never_computed_cannot_be_explained(
    api: Api, defined: SessionFactory, body: dict[str, Any], field: str
) -> None:
    await scored(defined)

    answer = await api.post(EXPLAIN, body)

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:steadyscore:problem:ScoreNotFound")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        pytest.param(HISTORY, {"limit": 0}, "limit", id="no rows"),
        pytest.param(HISTORY, {"limit": 501}, "limit", id="too many rows"),
        pytest.param(HISTORY, {"before": 2**63}, "before", id="a number no sequence can have"),
        pytest.param(EXPLAIN, {"sequence": 2**63}, "sequence", id="the same when it is to be explained"),
        pytest.param(HISTORY, {"score_type": "a\x00"}, "score_type", id="a type that cannot be one"),
        pytest.param(EXPLAIN, {"score_type": "a\x00"}, "score_type", id="the same when it is to be explained"),
    ],
)
async def test_what_cannot_be_meant_is_refused(api: Api, path: str, change: dict[str, Any], field: str) -> None:
    refused = await api.post(path, PMT | change)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
