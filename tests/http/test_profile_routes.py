"""Builders as others see them: profiles, discovery, how a score came about."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.permissions import Permission
from api.profile_loader import ProfileLoader
from api.rate_limit import WriteLimiter, parse_write_limit
from api.services import ApiServices
from bench.builders_plans import caught
from builders.triggers import BuilderEvent, Trigger, request_builder_scores
from builders_world import Builder, a_builder
from http_client import Api, client_of
from persisted_builders import by_batch, by_record, persist
from ranked_users import users_with
from signed_tokens import permitting
from store.database import SessionFactory

BREAKDOWN = {"vouches": {"points": 75, "uncapped": 75, "counted": {"vouches": 3}}}
READS = [
    "/users",
    "/users/ann",
    "/users/by-username/ann",
    "/users/ann/score-history",
    "/leaderboard",
    "/leaderboard/around/ann",
]


@pytest.fixture
async def amina(sessions: SessionFactory) -> Builder:
    """Somebody with a full profile, who waits for a first score."""
    async with sessions.begin() as session:
        return await a_builder(session, "amina", display_name="Amina", skills=["maps"], website="https://a.example")


async def again(sessions: SessionFactory, builder: Builder) -> None:
    """Ask for the builder's score once more."""
    trigger = Trigger(BuilderEvent.PROFILE_CHANGED, builder.user_id, builder.user_id)
    async with sessions.begin() as session:
        await request_builder_scores(session, trigger, [builder.user_id])


async def problem_of(api: Api, path: str) -> tuple[int, str, list[str]]:
    """Status, kind and fields of what is answered."""
    answer = await api.get(path)
    body = answer.json()
    return answer.status_code, body["type"].rpartition(":")[2], [error["field"] for error in body["errors"]]


@pytest.mark.parametrize("path", ["/users/{user_id}", "/users/by-username/amina"])
async def test_a_profile_shows_all_but_who_may_change_it(
    api: Api, amina: Builder, sessions: SessionFactory, path: str
) -> None:
    await persist(sessions, *await by_record(sessions, {amina.user_id: 250.0}))

    profile = (await api.get(path.format(user_id=amina.user_id))).json()

    assert profile == {
        "user_id": amina.user_id,
        "username": "amina",
        "display_name": "Amina",
        "headline": "",
        "bio": "",
        "skills": ["maps"],
        "location": "",
        "website": "https://a.example",
        "builder_score": 250,
        "created_at": profile["created_at"],
        "updated_at": profile["created_at"],
    }


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        pytest.param("/users/nobody", (404, "UserNotFound", ["user_id"]), id="by id"),
        pytest.param("/users/by-username/nobody", (404, "UserNotFound", ["username"]), id="by name"),
        pytest.param("/users/nobody/score-history", (404, "UserNotFound", ["user_id"]), id="a history"),
        pytest.param("/leaderboard/around/nobody", (404, "UserNotFound", ["user_id"]), id="a place"),
        pytest.param("/users/by-username/Amina", (422, "InvalidRequest", ["username"]), id="no name"),
        pytest.param("/users/by-username/am%00ina", (422, "InvalidRequest", ["username"]), id="a NUL in a name"),
        pytest.param("/users/am%00ina", (422, "InvalidRequest", ["user_id"]), id="a NUL in an id"),
        pytest.param("/users?min_score=-1", (422, "InvalidRequest", ["min_score"]), id="below every score"),
        pytest.param("/users?max_score=2147483648", (422, "InvalidRequest", ["max_score"]), id="above every score"),
        pytest.param("/users?min_score=1.5", (422, "InvalidRequest", ["min_score"]), id="half a point"),
        pytest.param("/users?min_score=2&max_score=1", (422, "InvalidInput", ["min_score"]), id="crossed thresholds"),
        pytest.param("/users?limit=501", (422, "InvalidRequest", ["limit"]), id="a page too large"),
        pytest.param("/users?sort=name", (422, "InvalidRequest", ["sort"]), id="a parameter that there is not"),
        pytest.param("/leaderboard?limit=0", (422, "InvalidRequest", ["limit"]), id="a page of nobody"),
        pytest.param("/leaderboard/around/amina?limit=501", (422, "InvalidRequest", ["limit"]), id="too much around"),
        pytest.param("/users/amina/score-history?before=0", (422, "InvalidRequest", ["before"]), id="no sequence"),
    ],
)
async def test_what_is_not_there_or_cannot_be_meant_is_told_by_its_field(
    api: Api, path: str, problem: tuple[int, str, list[str]]
) -> None:
    assert await problem_of(api, path) == problem


@pytest.mark.parametrize("path", READS)
async def test_a_viewer_and_a_builder_may_look_and_nobody_else(api: Api, sessions: SessionFactory, path: str) -> None:
    await users_with(sessions, {"ann": 1})
    others = set(Permission) - {Permission.VIEW_BUILDERS, Permission.BUILD}

    statuses = [
        (await as_somebody.get(path)).status_code
        for as_somebody in (
            api.permitted(Permission.VIEW_BUILDERS),
            api.permitted(Permission.BUILD),
            api.permitted(*others),
        )
    ]

    assert statuses == [200, 200, 403]


async def test_what_a_builder_reads_is_not_counted_as_written(services: ApiServices, sessions: SessionFactory) -> None:
    await users_with(sessions, {"ann": 1})
    few = replace(services, writes=WriteLimiter(parse_write_limit("1/hour")))

    async with client_of(create_app(few), permitting(Permission.BUILD)) as http:
        statuses = [(await http.get(path)).status_code for path in READS]

    assert statuses == [200] * len(READS)


async def test_users_are_found_by_thresholds_page_by_page(api: Api, sessions: SessionFactory) -> None:
    await users_with(sessions, {"ann": 9, "ben": 7, "cem": 7, "dia": 3, "eve": 0})
    path = "/users?min_score=3&max_score=7&limit=2"

    first = (await api.get(path)).json()
    last = (await api.get(f"{path}&after={first['next']}")).json()

    assert [user["username"] for user in (*first["users"], *last["users"])] == ["cem", "ben", "dia"]
    assert first["users"][0] == {
        "user_id": "cem",
        "username": "cem",
        "display_name": "Builder cem",
        "builder_score": 7,
    }
    assert last["next"] is None


async def test_a_cursor_counts_with_the_thresholds_that_it_came_from(api: Api, sessions: SessionFactory) -> None:
    await users_with(sessions, {"ann": 9, "ben": 7})
    cursor = (await api.get("/users?min_score=3&limit=1")).json()["next"]

    assert await problem_of(api, f"/users?min_score=4&limit=1&after={cursor}") == (422, "InvalidInput", ["after"])


@pytest.mark.parametrize("road", [by_record, by_batch])
async def test_a_history_tells_what_each_score_came_from(
    api: Api, sessions: SessionFactory, amina: Builder, road: Any
) -> None:
    await persist(sessions, *await road(sessions, {amina.user_id: 100.0}))
    await again(sessions, amina)
    await persist(sessions, *await road(sessions, {amina.user_id: 250.0}, BREAKDOWN))

    answer = (await api.get(f"/users/{amina.user_id}/score-history")).json()

    newest, oldest = answer["history"]
    assert newest == {
        "computed_score": 250,
        "computed_at": newest["computed_at"],
        "triggered_by": f"profile_changed:{amina.user_id}",
        "sequence": newest["sequence"],
        "definition_version": 1,
        "breakdown": BREAKDOWN,
    }
    assert type(newest["computed_score"]) is int
    assert newest["sequence"] > oldest["sequence"]
    assert (oldest["computed_score"], oldest["triggered_by"], oldest["breakdown"]) == (
        100,
        f"profile_created:{amina.user_id}",
        None,
    )
    assert answer["next"] is None


async def test_a_history_is_read_page_by_page(api: Api, sessions: SessionFactory, amina: Builder) -> None:
    for score in (1.0, 2.0, 3.0):
        await again(sessions, amina)
        await persist(sessions, *await by_record(sessions, {amina.user_id: score}))
    path = f"/users/{amina.user_id}/score-history?limit=2"

    first = (await api.get(path)).json()
    last = (await api.get(f"{path}&before={first['next']}")).json()

    assert [[one["computed_score"] for one in page["history"]] for page in (first, last)] == [[3, 2], [1]]
    assert last["next"] is None


async def test_who_has_no_score_yet_has_an_empty_history(api: Api, amina: Builder) -> None:
    answer = await api.get(f"/users/{amina.user_id}/score-history")

    assert answer.json() == {"history": [], "next": None}


@pytest.mark.parametrize("shown", [1, 50])
async def test_however_many_profiles_a_request_asks_for_they_are_one_query(
    engine: AsyncEngine, sessions: SessionFactory, shown: int
) -> None:
    await users_with(sessions, {f"u{one}": one for one in range(50)})
    loader = ProfileLoader(sessions)

    with caught(engine) as sent:
        asked = await asyncio.gather(*(loader.load(f"u{one}") for one in range(shown)), loader.load("nobody"))
        asked_again = await loader.load_many([f"u{one}" for one in range(shown)])

    assert len(sent) == 1
    assert [profile and profile.user_id for profile in asked] == [*(f"u{one}" for one in range(shown)), None]
    assert asked_again == asked[:-1]


@pytest.mark.parametrize("path", ["/users", "/leaderboard", "/leaderboard/around/u030"])
async def test_a_page_of_users_is_one_query_however_many_it_shows(
    engine: AsyncEngine, api: Api, sessions: SessionFactory, path: str
) -> None:
    await users_with(sessions, {f"u{one:03}": one for one in range(60)})

    shown = {}
    for limit in (1, 50):
        with caught(engine) as sent:
            answer = await api.get(f"{path}?limit={limit}")
        shown[len(answer.json()["users"])] = len(sent)

    assert shown == {1: 1, 50: 1}
