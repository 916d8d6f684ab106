"""Collaborations over HTTP: from an invitation to its end, by those alone whose they are."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.permissions import Permission
from builder_clients import Builder, a_builder, bearer
from http_client import Api
from objects import an_id
from store.audit import list_audit
from store.database import SessionFactory
from store.outbox import list_requests

Move = Callable[[Builder, Builder, str], Awaitable[Any]]


@pytest.fixture
async def carla(api: Api) -> Builder:
    """Has nothing to do with it."""
    return await a_builder(api.http, "carla")


@pytest.fixture
async def project(amina: Builder) -> str:
    """An active project of Amina's."""
    return await amina.project(status="active")


MOVES: dict[str, Move] = {
    "invite": lambda owner, other, project: owner.invite(project, other),
    "confirm": lambda _, other, project: other.confirm(project),
    "decline": lambda _, other, project: other.decline(project),
    "remove": lambda owner, other, project: owner.remove(project, other),
    "leave": lambda _, other, project: other.remove(project, other),
}
WAYS: dict[str, list[str]] = {
    "none": [],
    "invited": ["invite"],
    "confirmed": ["invite", "confirm"],
    "declined": ["invite", "decline"],
    "removed": ["invite", "remove"],
}
ALLOWED = {
    ("none", "invite"): "invited",
    ("invited", "invite"): "invited",
    ("invited", "confirm"): "confirmed",
    ("invited", "decline"): "declined",
    ("invited", "remove"): "removed",
    ("invited", "leave"): "removed",
    ("confirmed", "confirm"): "confirmed",
    ("confirmed", "remove"): "removed",
    ("confirmed", "leave"): "removed",
    ("declined", "confirm"): "confirmed",
    ("declined", "decline"): "declined",
    ("declined", "remove"): "removed",
    ("declined", "leave"): "removed",
    ("removed", "invite"): "invited",
    ("removed", "remove"): "removed",
    ("removed", "leave"): "removed",
}
"""What becomes of where it stands; everything else is refused."""
SUCCESS = {"invite": 201, "confirm": 200, "decline": 200, "remove": 204, "leave": 204}
NOT_FOUND = {("none", "remove"), ("none", "leave")}


async def standing(builder: Builder, project: str) -> str:
    """Where the builder's own collaboration stands."""
    for status in ("invited", "confirmed", "declined", "removed"):
        mine = await builder.get(f"/users/me/collaborations?status={status}")
        if project in [one["project_id"] for one in mine["collaborations"]]:
            return status
    return "none"


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("begin", WAYS)
async def test_each_move_does_what_follows_from_where_it_stands(
    amina: Builder, brian: Builder, project: str, begin: str, move: str
) -> None:
    for step in WAYS[begin]:
        assert (await MOVES[step](amina, brian, project)).status_code == SUCCESS[step]

    answer = await MOVES[move](amina, brian, project)

    assert await standing(brian, project) == ALLOWED.get((begin, move), begin)
    if (begin, move) in ALLOWED:
        assert answer.status_code == SUCCESS[move]
    else:
        kind = "CollaboratorNotFound" if (begin, move) in NOT_FOUND else "CollaborationConflict"
        assert answer.json()["type"].rpartition(":")[2] == kind
        assert answer.status_code == (404 if (begin, move) in NOT_FOUND else 409)


async def test_the_answer_tells_where_the_collaboration_stands(amina: Builder, brian: Builder, project: str) -> None:
    invited = (await amina.invite(project, brian)).json()
    confirmed = (await brian.confirm(project)).json()

    assert invited == {
        "project_id": project,
        "status": "invited",
        "invited_at": invited["invited_at"],
        "confirmed_at": None,
    }
    assert confirmed == invited | {"status": "confirmed", "confirmed_at": confirmed["confirmed_at"]}
    assert confirmed["confirmed_at"] > invited["invited_at"]


async def test_nobody_invites_themself_or_somebody_unknown(amina: Builder, api: Api, project: str) -> None:
    themself = await amina.invite(project, amina)
    unknown = await amina.send("POST", f"/projects/{project}/collaborators", {"user_id": an_id()})

    assert (themself.status_code, themself.json()["errors"][0]["field"]) == (409, "user_id")
    assert (unknown.status_code, unknown.json()["type"].rpartition(":")[2]) == (404, "UserNotFound")
    assert (await api.get(f"/projects/{project}")).json()["collaborators"] == []


@pytest.mark.parametrize(
    "body", [{}, {"user_id": 7}, {"user_id": ""}, {"user_id": "a b"}, {"user_id": "u", "status": "confirmed"}]
)
async def test_an_invitation_names_a_user_and_nothing_else(amina: Builder, project: str, body: dict[str, Any]) -> None:
    refused = await amina.send("POST", f"/projects/{project}/collaborators", body)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, [*(body or {"user_id": 0})][-1])


async def test_an_invitation_is_known_to_its_two_sides_alone(
    api: Api, amina: Builder, brian: Builder, carla: Builder, project: str
) -> None:
    await amina.invite(project, brian)
    invited = {one.user_id: await one.collaborators(project) for one in (amina, brian, carla)}
    await brian.decline(project)
    declined = {one.user_id: await one.collaborators(project) for one in (amina, brian, carla)}
    await brian.confirm(project)
    viewer = bearer(api.http, "a viewer", Permission.VIEW_BUILDERS)

    known = {amina.user_id, brian.user_id}
    assert invited == {
        one.user_id: {brian.user_id: "invited"} if one.user_id in known else {} for one in (amina, brian, carla)
    }
    assert declined == {
        one.user_id: {brian.user_id: "declined"} if one.user_id in known else {} for one in (amina, brian, carla)
    }
    for one in (carla, viewer):
        assert await one.collaborators(project) == {brian.user_id: "confirmed"}
    listed = await carla.get(f"/projects?owner_id={amina.user_id}")
    assert [one["user"]["username"] for one in listed["projects"][0]["collaborators"]] == ["brian"]


async def test_a_list_shows_each_project_its_own_people(
    amina: Builder, brian: Builder, carla: Builder, project: str
) -> None:
    alone, second = await amina.project(status="active"), await amina.project(status="active")
    for on, who in ((project, brian), (second, brian), (second, carla)):
        await amina.invite(on, who)
        await who.confirm(on)

    listed = await carla.get(f"/projects?owner_id={amina.user_id}")

    people = {
        one["project_id"]: {who["user"]["username"] for who in one["collaborators"]} for one in listed["projects"]
    }
    assert people == {project: {"brian"}, alone: set(), second: {"brian", "carla"}}


async def test_ones_collaborations_come_in_pages_and_are_ones_own(
    amina: Builder, brian: Builder, carla: Builder, project: str
) -> None:
    projects = sorted([project, *[await amina.project(status="active") for _ in range(3)]])
    for one in projects:
        await amina.invite(one, brian)
    await amina.invite(projects[0], carla)

    first = await brian.get("/users/me/collaborations?limit=2")
    second = await brian.get(f"/users/me/collaborations?limit=2&after={first['next']}")

    pages = [[one["project_id"] for one in page["collaborations"]] for page in (first, second)]
    assert pages == [projects[:2], projects[2:]]
    assert (first["next"], second["next"]) == (projects[1], None)
    assert await amina.get("/users/me/collaborations") == {"collaborations": [], "next": None}


async def test_what_both_sides_do_is_kept_by_ids_alone(
    amina: Builder, brian: Builder, project: str, sessions: SessionFactory
) -> None:
    await amina.invite(project, brian)
    await brian.decline(project)
    await brian.confirm(project)
    await amina.remove(project, brian)

    async with sessions() as session:
        entries = list(reversed(await list_audit(session, project)))[1:]
    assert [(entry.actor, entry.action, entry.details["user_id"]) for entry in entries] == [
        ("subject-of-amina", "invite_collaborator", brian.user_id),
        ("subject-of-brian", "decline_collaboration", brian.user_id),
        ("subject-of-brian", "confirm_collaboration", brian.user_id),
        ("subject-of-amina", "remove_collaborator", brian.user_id),
    ]
    assert {(entry.source, entry.address) for entry in entries} == {("api", "127.0.0.1")}
    assert not any(name in str(entry.details) for entry in entries for name in ("amina", "brian", "Rain"))


async def test_the_road_from_sign_up_to_what_waits_for_a_score(
    amina: Builder, brian: Builder, carla: Builder, sessions: SessionFactory
) -> None:
    project = await amina.project()
    await amina.send("PATCH", f"/projects/{project}", {"status": "shipped"})
    await amina.invite(project, brian)
    await amina.invite(project, carla)
    await brian.confirm(project)

    async with sessions() as session:
        waiting = {one.user_id: await list_requests(session, one.user_id) for one in (amina, brian, carla)}
    told = {
        user: [(one.score_type, one.compute_status, one.change_request_id) for one in requests]
        for user, requests in waiting.items()
    }
    confirmed = ("BUILDER_SCORE", "PENDING", f"collaborator_confirmed:{project}")
    # who was only invited waits for the first score alone
    created = ("BUILDER_SCORE", "PENDING", f"profile_created:{carla.user_id}")
    assert told == {amina.user_id: [confirmed], brian.user_id: [confirmed], carla.user_id: [created]}
    counted = [waiting[one.user_id][0].contributing_attribute_values for one in (amina, brian)]
    assert [(values["shipped_projects"], values["vouches"]) for values in counted] == [(1, 1), (0, 1)]
