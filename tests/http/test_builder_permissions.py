"""A builder changes what is theirs and nothing else; each route is for who holds its permission."""

from typing import Any

import pytest
from sqlalchemy import text

from api.permissions import Permission
from builder_clients import Builder, a_builder, bearer
from http_client import Api
from store.database import SessionFactory

TABLES = ("users", "projects", "project_collaborators", "g2p_score_compute_queue", "audit_log")

WRITES: dict[str, tuple[str, str, Any]] = {
    "change": ("PATCH", "/projects/{project}", {"title": "Mine now", "status": "archived"}),
    "invite somebody": ("POST", "/projects/{project}/collaborators", {"user_id": "{carla}"}),
    "invite oneself": ("POST", "/projects/{project}/collaborators", {"user_id": "{stranger}"}),
    "confirm for another": ("POST", "/projects/{project}/confirm_collaboration", None),
    "decline for another": ("POST", "/projects/{project}/decline_collaboration", None),
    "remove another": ("DELETE", "/projects/{project}/collaborators/{brian}", None),
    "measure": ("PUT", "/projects/{project}/impact", {"stars": 10**9}),
}
"""On a project of Amina's, to which Brian is invited."""


@pytest.fixture
async def people(api: Api) -> dict[str, Builder]:
    """The owner, who is invited, who could be, and who has no business here."""
    return {name: await a_builder(api.http, name) for name in ("amina", "brian", "carla", "stranger")}


async def everything(sessions: SessionFactory) -> dict[str, list[str]]:
    """All that there is."""
    async with sessions() as session:
        return {
            table: sorted(await session.scalars(text(f"SELECT {table}::text FROM {table}")))  # noqa: S608 - constants
            for table in TABLES
        }


def filled(value: Any, names: dict[str, str]) -> Any:
    """With ids for the names in braces."""
    if isinstance(value, dict):
        return {key: filled(one, names) for key, one in value.items()}
    return value.format(**names) if isinstance(value, str) else value


@pytest.mark.parametrize("status", ["draft", "shipped"])
@pytest.mark.parametrize("brian_has", ["invited", "confirmed", "declined"])
async def test_a_stranger_changes_nothing(
    people: dict[str, Builder], sessions: SessionFactory, brian_has: str, status: str
) -> None:
    amina, brian, stranger = people["amina"], people["brian"], people["stranger"]
    project = await amina.project(status=status)
    await amina.invite(project, brian)
    if brian_has != "invited":
        await (brian.confirm(project) if brian_has == "confirmed" else brian.decline(project))
    names = {name: one.user_id for name, one in people.items()} | {"project": project}
    before = await everything(sessions)

    for name, (method, path, body) in WRITES.items():
        refused = await stranger.send(method, filled(path, names), filled(body, names))
        # who sees the project and has no part in it may not confirm: that is a conflict, not a door
        possible = {409} if name.endswith("for another") and status == "shipped" else {403, 404}
        assert refused.status_code in possible, (name, refused.text)
        assert "amina" not in refused.text
        assert status != "draft" or name == "measure" or refused.status_code == 404

    assert await everything(sessions) == before


@pytest.mark.parametrize("brian_has", ["invited", "confirmed", "declined"])
async def test_who_takes_part_is_no_owner(people: dict[str, Builder], sessions: SessionFactory, brian_has: str) -> None:
    amina, brian, carla = people["amina"], people["brian"], people["carla"]
    project = await amina.project(status="shipped")
    for other in (brian, carla):
        await amina.invite(project, other)
    if brian_has != "invited":
        await (brian.confirm(project) if brian_has == "confirmed" else brian.decline(project))
    before = await everything(sessions)

    answers = [
        await brian.send("PATCH", f"/projects/{project}", {"status": "archived"}),
        await brian.invite(project, people["stranger"]),
        await brian.remove(project, carla),
        await brian.send("PUT", f"/projects/{project}/impact", {"stars": 1}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert [answer.json()["type"].rpartition(":")[2] for answer in answers] == [*["NotTheOwner"] * 3, "Forbidden"]
    assert await everything(sessions) == before


async def test_an_owner_does_not_answer_for_whom_they_invited(
    people: dict[str, Builder], sessions: SessionFactory
) -> None:
    amina, brian = people["amina"], people["brian"]
    project = await amina.project(status="active")
    await amina.invite(project, brian)
    before = await everything(sessions)

    answers = [await amina.confirm(project), await amina.decline(project)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert await everything(sessions) == before


BUILD, VIEW, MEASURE = Permission.BUILD, Permission.VIEW_BUILDERS, Permission.MEASURE_IMPACT
ROUTES: list[tuple[str, str, set[Permission]]] = [
    ("POST", "/users", {BUILD}),
    ("GET", "/users/me", {BUILD}),
    ("PATCH", "/users/me", {BUILD}),
    ("GET", "/users/me/collaborations", {BUILD}),
    ("POST", "/projects", {BUILD}),
    ("GET", "/projects", {VIEW, BUILD}),
    ("GET", "/projects/p", {VIEW, BUILD}),
    ("PATCH", "/projects/p", {BUILD}),
    ("PUT", "/projects/p/impact", {MEASURE}),
    ("POST", "/projects/p/collaborators", {BUILD}),
    ("POST", "/projects/p/confirm_collaboration", {BUILD}),
    ("POST", "/projects/p/decline_collaboration", {BUILD}),
    ("DELETE", "/projects/p/collaborators/u", {BUILD}),
]


async def test_each_route_is_for_who_holds_its_permission(api: Api) -> None:
    for method, path, needed in ROUTES:
        for granted in Permission:
            answer = await bearer(api.http, "somebody", granted).send(method, path)
            assert (answer.status_code != 403) is (granted in needed), f"{method} {path} with {granted}"


async def test_what_is_theirs_follows_the_token_and_not_the_username_in_it(api: Api) -> None:
    amina = await a_builder(api.http, "amina")
    project = await amina.project(status="active")
    called_amina = bearer(api.http, "somebody-else", username="amina")

    refused = await called_amina.send("PATCH", f"/projects/{project}", {"title": "x"})

    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "NotSignedUp")
