"""Live scores: a real server, real connections, PostgreSQL's notifications."""

from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from api.permissions import Permission
from api.services import ApiServices
from event_streams import PATH, a_client, streaming
from live_api import serving
from objects import a_computed_score, a_failed_score
from postgres_sessions import asked_for
from scoring.messages import ComputedScore, FailedScore, ScoreOutcomes
from signed_tokens import permitting
from store.database import SessionFactory
from store.scores import save_outcomes

OF_A = {"internal_record_id": "A"}
FSF_PENDING = ("FSF_SCORE", "pending", "pending")
PMT_PENDING = ("PMT_SCORE", "pending", "pending")
PMT_COMPUTED = ("PMT_SCORE", "computed", "current")


@pytest.fixture
async def http(live: ApiServices) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API that listens, on a real socket."""
    async with serving(create_app(live)) as port, a_client(port) as http:
        yield http


async def save(sessions: SessionFactory, *outcomes: ComputedScore | FailedScore) -> None:
    """Store what became of record A's requests."""
    computed = [one for one in outcomes if isinstance(one, ComputedScore)]
    failed = [one for one in outcomes if isinstance(one, FailedScore)]
    async with sessions.begin() as session:
        await save_outcomes(session, ScoreOutcomes("farmers", "A", computed, failed))


async def test_a_client_is_told_the_state_and_then_each_change(
    http: httpx.AsyncClient, defined: SessionFactory
) -> None:
    await asked_for(defined, "A")
    async with streaming(http, "A") as stream:
        at_first = await stream.told(2)
        request = await asked_for(defined, "A", change_payload={"assets.land_area": 3}, change_request_id="CR-2")
        asked = await stream.told()
        await save(defined, a_computed_score(request, 1401.83))
        computed = await stream.next()
        later = await asked_for(defined, "A", change_payload={"assets.land_area": 4})
        asked_again = await stream.told()
        await save(defined, a_failed_score(later, "income is missing"))
        failed = await stream.next()

    assert (at_first, asked, asked_again) == ([FSF_PENDING, PMT_PENDING], [PMT_PENDING], [PMT_PENDING])
    assert computed is not None
    assert failed is not None
    assert (computed.told, computed.data["computed_score"]) == (PMT_COMPUTED, 1401.83)
    assert (computed.data["triggered_by_cr_id"], computed.data["computed_at"][-1]) == ("CR-2", "Z")
    assert (failed.told, failed.data["reason"]) == (("PMT_SCORE", "failed", "failed"), "income is missing")
    assert stream.retry == 3000


async def test_the_data_of_an_event_is_the_item_of_get_scores(http: httpx.AsyncClient, defined: SessionFactory) -> None:
    await save(defined, a_computed_score(await asked_for(defined, "A")))
    async with streaming(http, "A") as stream:
        events = [await stream.next(), await stream.next()]

    answer = (await http.post("/register-data/get_scores", json={"internal_record_id": "A"})).json()
    assert [event.data for event in events if event] == [*answer["without_score"], *answer["scores"]]


async def test_a_score_that_a_newer_approval_has_overtaken_is_told_and_stays_pending(
    http: httpx.AsyncClient, defined: SessionFactory
) -> None:
    first = await asked_for(defined, "A")
    await asked_for(defined, "A")
    async with streaming(http, "A") as stream:
        await stream.told(2)
        await save(defined, a_computed_score(first))

        assert await stream.told() == [("PMT_SCORE", "computed", "pending")]


async def test_headers_keep_caches_and_proxies_away(http: httpx.AsyncClient) -> None:
    async with streaming(http, "A") as stream:
        headers = stream.response.headers

    assert headers["content-type"].startswith("text/event-stream")
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")


async def test_a_record_that_nobody_knows_yet_is_told_of_as_soon_as_it_is_there(
    http: httpx.AsyncClient, defined: SessionFactory
) -> None:
    async with streaming(http, "A") as stream:
        assert await stream.comment() == "connected"
        await asked_for(defined, "A")

        assert await stream.told(2) == [FSF_PENDING, PMT_PENDING]


async def test_with_the_last_event_s_id_only_what_differs_is_sent(
    http: httpx.AsyncClient, defined: SessionFactory
) -> None:
    request = await asked_for(defined, "A")
    async with streaming(http, "A") as stream:
        events = [await stream.next(), await stream.next()]
    await save(defined, a_computed_score(request))
    last = events[-1]
    assert last is not None

    async with streaming(http, "A", Last_Event_ID=last.event_id) as resumed:
        told = await resumed.told()
        await asked_for(defined, "A", change_payload={"assets.land_area": 3})
        told += await resumed.told()
    async with streaming(http, "A", Last_Event_ID=events[0].event_id if events[0] else "") as behind:
        from_the_first = await behind.told()

    assert told == [PMT_COMPUTED, PMT_PENDING]
    # the first event told of FSF_SCORE alone, which has not changed since
    assert from_the_first == [("PMT_SCORE", "pending", "pending")]


@pytest.mark.parametrize(
    "last", ["garbage", "PMT_SCORE=1.2", "PMT_SCORE=1.2.x", "PMT_SCORE=-1.2.p", "PMT_SCORE=1.2.p&", "a=1.2.p" * 2000]
)
async def test_an_id_that_is_none_of_ours_is_refused_before_the_stream_begins(
    http: httpx.AsyncClient, last: str
) -> None:
    refused = await http.get(PATH, params={"internal_record_id": "A"}, headers={"Last-Event-ID": last})

    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert [error["field"] for error in refused.json()["errors"]] == ["Last-Event-ID"]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        pytest.param({"link_internal_record_id": "A"}, 200, id="by the newer name"),
        pytest.param({"internal_record_id": "A", "link_internal_record_id": "A"}, 200, id="by both"),
        pytest.param({"internal_record_id": "A", "link_internal_record_id": "B"}, 422, id="by both, differently"),
        pytest.param({}, 422, id="by none"),
        pytest.param({"internal_record_id": "a b"}, 422, id="by what is no id"),
    ],
)
async def test_a_record_is_named_by_either_name(
    http: httpx.AsyncClient, parameters: dict[str, str], status: int
) -> None:
    async with http.stream("GET", PATH, params=parameters) as response:
        assert response.status_code == status


async def test_without_a_token_or_the_permission_nothing_is_streamed(http: httpx.AsyncClient) -> None:
    everything_else = set(Permission) - {Permission.VIEW_SCORES, Permission.VIEW_REGISTERS}
    nobody = await http.get(PATH, params=OF_A, headers={"Authorization": ""})
    somebody = await http.get(PATH, params=OF_A, headers=permitting(*everything_else))

    assert (nobody.status_code, somebody.status_code) == (401, 403)
    assert "this needs the permission register:view or registerScore:view" in somebody.json()["detail"]


@pytest.mark.parametrize("one", [Permission.VIEW_SCORES, Permission.VIEW_REGISTERS])
async def test_either_permission_to_look_will_do(http: httpx.AsyncClient, one: Permission) -> None:
    async with streaming(http, "A", **permitting(one)) as stream:
        assert await stream.comment() == "connected"
