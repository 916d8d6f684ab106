"""Projects over HTTP: whose they are, who sees them, and what a page of them costs."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.permissions import Permission
from bench.builders_plans import caught
from builder_clients import Builder, bearer
from builders.collaborations import MAX_COLLABORATORS
from http_client import Api
from objects import an_id
from store.audit import list_audit
from store.database import SessionFactory

STATUSES = ("draft", "active", "shipped", "archived")
PEOPLE = """
    INSERT INTO users (user_id, subject, username, display_name, bio)
    SELECT name, name, name, name, 'a bio' FROM generate_series(1, :count) AS number, concat('user-', number) AS name
    ON CONFLICT DO NOTHING
"""
ALL_CONFIRMED = """
    INSERT INTO project_collaborators (project_id, user_id, status, confirmed_at)
    SELECT project_id, user_id, 'confirmed', now() FROM projects, users WHERE user_id LIKE 'user-%'
    ON CONFLICT DO NOTHING
"""


async def test_a_project_is_made_and_found(api: Api, amina: Builder) -> None:
    told = {"title": "Rain map", "summary": "Where it rains.\nBy the hour.", "status": "active"}

    made = await amina.send("POST", "/projects", told)

    project = made.json()
    owner = {"user_id": amina.user_id, "username": "amina", "display_name": "Amina", "builder_score": 0}
    assert made.status_code == 201
    assert project == told | {
        "owner": owner,
        "impact": {"active_users": 0, "downloads": 0, "stars": 0},
        "shipped_at": None,
        "collaborators": [],
        **{name: project[name] for name in ("project_id", "created_at", "updated_at")},
    }
    viewer = bearer(api.http, "a viewer", Permission.VIEW_BUILDERS)
    assert await viewer.get(f"/projects/{project['project_id']}") == project
    assert await viewer.get(f"/projects?owner_id={amina.user_id}") == {"projects": [project], "next": None}


@pytest.mark.parametrize(
    "change", [{"title": "Sun map"}, {"summary": "x"}, {"summary": ""}, {"status": "archived"}, {"status": "draft"}]
)
async def test_a_change_of_one_field_leaves_the_others(amina: Builder, change: dict[str, str]) -> None:
    project_id = await amina.project(summary="Where it rains.", status="active")
    before = await amina.get(f"/projects/{project_id}")

    changed = await amina.send("PATCH", f"/projects/{project_id}", change)

    assert changed.status_code == 200
    assert changed.json() == before | change | {"updated_at": changed.json()["updated_at"]}
    assert await amina.get(f"/projects/{project_id}") == changed.json()


async def test_a_project_tells_since_when_it_is_shipped(amina: Builder) -> None:
    project_id = await amina.project()

    shipped = (await amina.send("PATCH", f"/projects/{project_id}", {"status": "shipped"})).json()
    archived = (await amina.send("PATCH", f"/projects/{project_id}", {"status": "archived"})).json()

    assert shipped["shipped_at"] == shipped["updated_at"]
    assert archived["shipped_at"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"title": ""}, "title", id="no title"),
        pytest.param({"title": " "}, "title", id="a blank title"),
        pytest.param({"title": "x" * 121}, "title", id="a long title"),
        pytest.param({"title": "a\nb"}, "title", id="a title of two lines"),
        pytest.param({"summary": "x" * 2_001}, "summary", id="a long summary"),
        pytest.param({"summary": "a\x00b"}, "summary", id="a NUL character"),
        pytest.param({"summary": "a\x1bb"}, "summary", id="a control character"),
        pytest.param({"status": "SHIPPED"}, "status", id="a status in capitals"),
        pytest.param({"status": ""}, "status", id="no status"),
        pytest.param({"owner_id": "another"}, "owner_id", id="another owner"),
        pytest.param({"stars": 9}, "stars", id="stars of one's own"),
        pytest.param({"title": None}, "title", id="null for a title"),
    ],
)
async def test_a_project_as_none_may_be_is_refused_by_its_field(
    amina: Builder, body: dict[str, Any], field: str
) -> None:
    project_id = await amina.project(title="Rain map")
    before = await amina.get(f"/projects?owner_id={amina.user_id}")

    changed = await amina.send("PATCH", f"/projects/{project_id}", body)
    made = await amina.send("POST", "/projects", {"title": "Another"} | body)

    for refused in (changed, made):
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert await amina.get(f"/projects?owner_id={amina.user_id}") == before


async def test_a_change_of_nothing_is_refused(amina: Builder) -> None:
    project_id = await amina.project()

    for path in (f"/projects/{project_id}", "/users/me"):
        refused = await amina.send("PATCH", path, {})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body")


async def test_a_draft_is_nobody_elses_business(api: Api, amina: Builder, brian: Builder) -> None:
    drafted, known = await amina.project(), await amina.project(status="active")
    strangers = [brian, bearer(api.http, "unknown"), bearer(api.http, "a viewer", Permission.VIEW_BUILDERS)]

    for stranger in strangers:
        looked = await stranger.send("GET", f"/projects/{drafted}")
        listed = await stranger.get(f"/projects?owner_id={amina.user_id}")
        assert (looked.status_code, looked.json()["type"].rpartition(":")[2]) == (404, "ProjectNotFound")
        assert [one["project_id"] for one in listed["projects"]] == [known]
        drafts = await stranger.get(f"/projects?owner_id={amina.user_id}&status=draft")
        assert drafts == {"projects": [], "next": None}

    own = await amina.get(f"/projects?owner_id={amina.user_id}")
    assert {one["project_id"] for one in own["projects"]} == {drafted, known}


async def test_who_is_invited_to_a_draft_sees_it_until_they_decline(amina: Builder, brian: Builder) -> None:
    drafted = await amina.project()

    seen = {}
    for move in (amina.invite(drafted, brian), brian.decline(drafted)):
        moved = await move
        looked = await brian.send("GET", f"/projects/{drafted}")
        seen[moved.json()["status"]] = looked.status_code

    assert seen == {"invited": 200, "declined": 404}


@pytest.mark.parametrize("status", STATUSES)
async def test_projects_are_listed_by_status(amina: Builder, status: str) -> None:
    made = {one: await amina.project(status=one) for one in STATUSES}

    listed = await amina.get(f"/projects?owner_id={amina.user_id}&status={status}")

    assert [one["project_id"] for one in listed["projects"]] == [made[status]]


async def test_projects_come_in_pages(amina: Builder, brian: Builder) -> None:
    made = sorted([await amina.project() for _ in range(4)])
    await brian.project(status="active")

    url = f"/projects?owner_id={amina.user_id}&limit=2"
    first = await amina.get(url)
    second = await amina.get(f"{url}&after={first['next']}")

    pages = [[one["project_id"] for one in page["projects"]] for page in (first, second)]
    assert pages == [made[:2], made[2:]]
    assert (first["next"], second["next"]) == (made[1], None)


async def test_a_list_asks_for_an_owner_that_there_is(amina: Builder) -> None:
    unknown = await amina.send("GET", f"/projects?owner_id={an_id()}")
    nobodys = await amina.send("GET", "/projects")

    assert (unknown.status_code, unknown.json()["type"].rpartition(":")[2]) == (404, "UserNotFound")
    assert unknown.json()["errors"][0]["field"] == "owner_id"
    assert (nobodys.status_code, nobodys.json()["errors"][0]["field"]) == (422, "owner_id")
    assert await amina.get(f"/projects?owner_id={amina.user_id}") == {"projects": [], "next": None}


@pytest.mark.parametrize("query", ["limit=0", "limit=21", "limit=1.0", "after=%00", "status=new", "owner=1"])
async def test_a_list_refuses_what_it_does_not_know(amina: Builder, query: str) -> None:
    refused = await amina.send("GET", f"/projects?owner_id={amina.user_id}&{query}")

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, query.partition("=")[0])


@pytest.mark.parametrize("path", ["/projects/{id}", "/projects?owner_id={owner}", "/projects?owner_id={owner}&limit=1"])
async def test_a_page_costs_as_much_with_one_user_as_with_fifty(
    amina: Builder, engine: AsyncEngine, sessions: SessionFactory, path: str
) -> None:
    ids = [await amina.project(status="active") for _ in range(3)]
    costs, people = [], []
    for count in (1, 50):
        async with sessions.begin() as session:
            await session.execute(text(PEOPLE), {"count": count})
            await session.execute(text(ALL_CONFIRMED))
        with caught(engine) as sent:
            page = await amina.get(path.format(id=ids[0], owner=amina.user_id))
        projects = page.get("projects", [page])
        costs.append(len(sent))
        people.append([len(project["collaborators"]) for project in projects])

    assert {tuple(set(one)) for one in people} == {(1,), (50,)}
    assert costs == [4, 4]


async def test_the_longest_page_of_the_fullest_projects_stays_small(
    amina: Builder, engine: AsyncEngine, sessions: SessionFactory
) -> None:
    async with sessions.begin() as session:
        fill = (
            "INSERT INTO projects (owner_id, title, status) SELECT :owner, 'Map', 'active' FROM generate_series(1, 21)"
        )
        await session.execute(text(fill), {"owner": amina.user_id})
        await session.execute(text(PEOPLE), {"count": MAX_COLLABORATORS})
        await session.execute(text(ALL_CONFIRMED))

    with caught(engine) as sent:
        answer = await amina.send("GET", f"/projects?owner_id={amina.user_id}")

    page = answer.json()
    assert [len(project["collaborators"]) for project in page["projects"]] == [MAX_COLLABORATORS] * 20
    assert page["next"] is not None
    assert len(sent) == 4
    assert len(answer.content) < 600_000


async def test_people_on_a_project_are_shown_in_short(amina: Builder, sessions: SessionFactory) -> None:
    project_id = await amina.project(status="active")
    async with sessions.begin() as session:
        await session.execute(text(PEOPLE), {"count": 1})
        await session.execute(text(ALL_CONFIRMED))

    project = await amina.get(f"/projects/{project_id}")

    short = {"user_id", "username", "display_name", "builder_score"}
    assert project["owner"].keys() == project["collaborators"][0]["user"].keys() == short


async def test_a_service_measures_what_it_can(api: Api, amina: Builder, sessions: SessionFactory) -> None:
    service = bearer(api.http, "a counter", Permission.MEASURE_IMPACT)
    path = f"/projects/{(project_id := await amina.project(status='shipped'))}/impact"

    await service.send("PUT", path, {"stars": 10, "downloads": 10**12})
    measured = await service.send("PUT", path, {"stars": 12})

    impact = {"active_users": 0, "downloads": 10**12, "stars": 12}
    assert (measured.status_code, measured.json()) == (200, {"project_id": project_id, **impact})
    assert (await amina.get(f"/projects/{project_id}"))["impact"] == impact
    async with sessions() as session:
        [last, *_] = await list_audit(session, project_id)
    assert (last.actor, last.action, last.details) == ("a counter", "measure_impact", {"metrics": ["stars"]})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"stars": -1}, "stars"),
        ({"stars": 10**12 + 1}, "stars"),
        ({"downloads": 1.5}, "downloads"),
        ({"downloads": "1"}, "downloads"),
        ({"active_users": True}, "active_users"),
        ({"active_users": None}, "active_users"),
        ({"likes": 1}, "likes"),
        ({}, "body"),
    ],
)
async def test_what_is_no_measure_is_refused(api: Api, amina: Builder, body: dict[str, Any], field: str) -> None:
    project_id = await amina.project(status="shipped")

    refused = await api.http.put(f"/projects/{project_id}/impact", json=body)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert set((await amina.get(f"/projects/{project_id}"))["impact"].values()) == {0}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"title": "x"}),
        ("PUT", "/impact", {"stars": 1}),
        ("POST", "/collaborators", {"user_id": "u"}),
        ("POST", "/confirm_collaboration", None),
        ("POST", "/decline_collaboration", None),
        ("DELETE", "/collaborators/u", None),
    ],
)
async def test_a_project_that_nobody_knows_is_not_found(
    api: Api, amina: Builder, method: str, path: str, body: Any
) -> None:
    may_all = bearer(api.http, "subject-of-amina", *Permission)
    unknown = an_id()

    answer = await may_all.send(method, f"/projects/{unknown}{path}", body)

    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (404, "ProjectNotFound"), amina.user_id
    assert unknown in answer.json()["detail"]
