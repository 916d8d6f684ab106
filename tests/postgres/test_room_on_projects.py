"""How many may be on a project, and that whoever looks loads only whom they are shown."""

import pytest
from sqlalchemy import text

from builders.collaborations import MAX_COLLABORATORS, confirm, decline, invite, list_collaborators, remove
from builders.errors import CollaborationConflict, UserNotFound
from builders_world import Builder, a_builder, a_project, builders, one_after_the_other
from store.database import Session, SessionFactory

CROWD = """
    WITH people AS (
        INSERT INTO users (user_id, subject, username, display_name)
        SELECT name, name, name, name FROM generate_series(1, :count) AS number, concat('user-', number) AS name
        RETURNING user_id
    )
    INSERT INTO project_collaborators (project_id, user_id, status, confirmed_at)
    SELECT :project_id, user_id, status, CASE WHEN status = 'confirmed' THEN now() END
    FROM people, LATERAL (
        SELECT (ARRAY['invited', 'confirmed', 'declined'])[1 + substr(user_id, 6)::integer % 3]
    ) AS one (status)
"""


async def crowd(session: Session, project_id: str, count: int) -> None:
    """So many on the project: invited, confirmed and declined."""
    await session.execute(text(CROWD), {"project_id": project_id, "count": count})


async def of_status(session: Session, project_id: str, status: str) -> set[str]:
    """Who stands so on the project."""
    statement = text("SELECT user_id FROM project_collaborators WHERE project_id = :project_id AND status = :status")
    return set(await session.scalars(statement, {"project_id": project_id, "status": status}))


@pytest.fixture
async def owner(session: Session) -> Builder:
    """Who owns the project."""
    return await a_builder(session, "owner")


@pytest.fixture
async def other(session: Session) -> Builder:
    """Who is to be invited."""
    return await a_builder(session, "other")


async def test_a_full_project_takes_nobody_until_one_is_removed(
    session: Session, owner: Builder, other: Builder
) -> None:
    project_id = (await a_project(session, owner)).project_id
    await crowd(session, project_id, MAX_COLLABORATORS)

    for status in ("invited", "confirmed", "declined"):
        with pytest.raises(CollaborationConflict, match="remove one first") as refused:
            await invite(session, owner.actor, project_id, other.user_id)
        assert refused.value.field == "project_id"
        leaving = min(await of_status(session, project_id, status))
        await remove(session, owner.actor, project_id, leaving)
        assert (await invite(session, owner.actor, project_id, other.user_id)).status == "invited"
        # a place that is taken is taken whatever its holder says
        await decline(session, other.actor, project_id)
        await confirm(session, other.actor, project_id)
        with pytest.raises(CollaborationConflict, match="remove one first"):
            await invite(session, owner.actor, project_id, leaving)
        await remove(session, other.actor, project_id, other.user_id)
        await invite(session, owner.actor, project_id, leaving)


async def test_a_full_project_still_answers_what_changes_nothing(session: Session, owner: Builder) -> None:
    project_id = (await a_project(session, owner)).project_id
    await crowd(session, project_id, MAX_COLLABORATORS)
    invited = min(await of_status(session, project_id, "invited"))

    assert (await invite(session, owner.actor, project_id, invited)).status == "invited"
    with pytest.raises(UserNotFound):
        await invite(session, owner.actor, project_id, "nobody")


async def test_each_project_has_room_of_its_own(session: Session, owner: Builder, other: Builder) -> None:
    full, empty = [(await a_project(session, owner)).project_id for _ in range(2)]
    await crowd(session, full, MAX_COLLABORATORS)

    assert (await invite(session, owner.actor, empty, other.user_id)).status == "invited"


async def test_of_two_invitations_to_the_last_place_one_is_refused(sessions: SessionFactory) -> None:
    owner, one, another = await builders(sessions, 3)
    async with sessions.begin() as session:
        project_id = (await a_project(session, owner)).project_id
        await crowd(session, project_id, MAX_COLLABORATORS - 1)

    with pytest.raises(CollaborationConflict, match="remove one first"):
        await one_after_the_other(
            sessions,
            lambda session: invite(session, owner.actor, project_id, one.user_id),
            lambda session: invite(session, owner.actor, project_id, another.user_id),
        )

    async with sessions() as session:
        on_it = await list_collaborators(session, owner.user_id, [project_id])
    assert len(on_it) == MAX_COLLABORATORS


async def test_no_more_is_read_of_a_project_than_the_viewer_is_shown(
    session: Session, owner: Builder, other: Builder
) -> None:
    project_id = (await a_project(session, owner)).project_id
    await crowd(session, project_id, 30)
    await invite(session, owner.actor, project_id, other.user_id)
    everybody = {
        status: await of_status(session, project_id, status) for status in ("invited", "confirmed", "declined")
    }

    listed = {
        viewer: {one.user_id for one in await list_collaborators(session, viewer, [project_id])}
        for viewer in (None, "user-1", owner.user_id, other.user_id)
    }

    confirmed = everybody["confirmed"]
    assert len(confirmed) == 10
    assert listed == {
        None: confirmed,
        "user-1": confirmed | {"user-1"},
        owner.user_id: set.union(*everybody.values()),
        other.user_id: confirmed | {other.user_id},
    }
