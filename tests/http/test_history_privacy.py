"""Score histories are for everybody; that somebody has a draft is not."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from api.permissions import Permission
from bench.builders_plans import caught
from builder_clients import Builder, a_builder, bearer
from http_client import Api
from persisted_builders import by_record, persist
from store.database import SessionFactory


async def scored(sessions: SessionFactory, *builders: Builder) -> None:
    """Store what was asked for."""
    await persist(sessions, *await by_record(sessions, {one.user_id: 1.0 for one in builders}))


async def events(viewer: Builder, of: Builder) -> list[str]:
    """What triggered each score, newest first, as the viewer is told."""
    history: list[dict[str, Any]] = (await viewer.get(f"/users/{of.user_id}/score-history"))["history"]
    return [one["triggered_by"] for one in history]


async def test_a_history_names_a_draft_to_who_sees_it_alone(
    api: Api, amina: Builder, brian: Builder, sessions: SessionFactory
) -> None:
    draft = await amina.project()
    await amina.invite(draft, brian)
    await brian.confirm(draft)
    await scored(sessions, amina, brian)
    carla = await a_builder(api.http, "carla")
    strangers = [carla, bearer(api.http, "unknown"), bearer(api.http, "a viewer", Permission.VIEW_BUILDERS)]

    for of in (amina, brian):
        for insider in (amina, brian):
            assert await events(insider, of) == [f"collaborator_confirmed:{draft}"]
        for stranger in strangers:
            answer = await stranger.send("GET", f"/users/{of.user_id}/score-history")
            assert await events(stranger, of) == ["collaborator_confirmed"]
            assert draft not in answer.text


async def test_an_event_names_its_project_while_the_project_is_to_be_seen(
    amina: Builder, brian: Builder, sessions: SessionFactory
) -> None:
    project = await amina.project(status="shipped")
    await scored(sessions, amina)

    seen = {}
    for status in ("shipped", "active", "archived", "draft", "active"):
        await amina.send("PATCH", f"/projects/{project}", {"status": status})
        seen[status] = await events(brian, amina)

    named = [f"project_status_changed:{project}"]
    assert seen == {"shipped": named, "archived": named, "draft": ["project_status_changed"], "active": named}
    assert await events(amina, amina) == named


async def test_an_event_at_a_user_names_the_user(amina: Builder, brian: Builder, sessions: SessionFactory) -> None:
    await scored(sessions, amina)

    assert await events(brian, amina) == [f"profile_created:{amina.user_id}"]


async def test_a_page_of_a_history_costs_as_much_with_one_project_as_with_three(
    amina: Builder, brian: Builder, engine: AsyncEngine, sessions: SessionFactory
) -> None:
    projects = [await amina.project() for _ in range(3)]
    for project in projects:
        await amina.send("PATCH", f"/projects/{project}", {"status": "shipped"})
        await scored(sessions, amina)
    await amina.send("PATCH", f"/projects/{projects[0]}", {"status": "draft"})

    costs = {}
    for limit in (1, 3):
        with caught(engine) as sent:
            page = await brian.get(f"/users/{amina.user_id}/score-history?limit={limit}")
        costs[len(page["history"])] = len(sent)

    # the scores, who looks, and which projects that one sees
    assert costs == {1: 3, 3: 3}
    assert [":" in event for event in await events(brian, amina)] == [True, True, False]
