"""Who vouches for whom: a pair of people once, and in both directions; a ring gives each all the others, never more."""

from builders.attributes import count_attributes
from builders.collaborations import confirm, invite, remove
from builders.projects import ProjectChange, update_project
from builders.tables import ProjectStatus
from builders_world import Builder, a_builder, a_project, asked_of, builders, confirmed_on
from store.database import Session, SessionFactory


async def vouches(session: Session, *users: Builder) -> list[object]:
    """How many vouch for each of these."""
    attributes = await count_attributes(session, [user.user_id for user in users])
    return [attributes[user.user_id]["vouches"] for user in users]


async def test_a_pair_counts_once_over_many_projects_and_whoever_owns_them(session: Session) -> None:
    one, other = await a_builder(session), await a_builder(session)

    for owner, collaborator in ((one, other), (one, other), (other, one), (other, one)):
        await confirmed_on(session, await a_project(session, owner), owner, collaborator)
        assert await vouches(session, one, other) == [1, 1]


async def test_a_pair_counts_until_its_last_collaboration_ends(session: Session) -> None:
    one, other = await a_builder(session), await a_builder(session)
    first, second = await a_project(session, one), await a_project(session, other)
    await confirmed_on(session, first, one, other)
    await confirmed_on(session, second, other, one)

    await remove(session, one.actor, first.project_id, other.user_id)
    assert await vouches(session, one, other) == [1, 1]

    await remove(session, one.actor, second.project_id, one.user_id)
    assert await vouches(session, one, other) == [0, 0]


async def test_a_pair_counts_whatever_the_projects_status(session: Session) -> None:
    one, other = await a_builder(session), await a_builder(session)
    project = await a_project(session, one, ProjectStatus.DRAFT)
    await confirmed_on(session, project, one, other)

    for status in ProjectStatus:
        await update_project(session, one.actor, project.project_id, ProjectChange(status=status))
        assert await vouches(session, one, other) == [1, 1]


async def test_collaborators_vouch_for_the_owner_and_not_for_each_other(session: Session) -> None:
    owner, one, other = [await a_builder(session) for _ in range(3)]
    project = await a_project(session, owner)
    await confirmed_on(session, project, owner, one, other)
    invited = await a_builder(session)
    await invite(session, owner.actor, project.project_id, invited.user_id)

    assert await vouches(session, owner, one, other, invited) == [2, 1, 1, 0]


async def test_a_ring_gives_each_all_the_others_however_many_projects_they_add(sessions: SessionFactory) -> None:
    ring = await builders(sessions, 6)

    for _ in range(3):
        for owner in ring:
            others = [user for user in ring if user != owner]
            async with sessions.begin() as session:
                await confirmed_on(session, await a_project(session, owner, ProjectStatus.SHIPPED), owner, *others)

        asked = await asked_of(sessions)
        assert [asked[user.user_id].contributing_attribute_values["vouches"] for user in ring] == [5] * 6


async def test_a_vouch_is_worth_the_same_whatever_the_voucher_has(session: Session) -> None:
    famous, unknown, one, other = [await a_builder(session) for _ in range(4)]
    for number in range(3):
        project = await a_project(session, famous, ProjectStatus.SHIPPED)
        await confirmed_on(session, project, famous, *([one] if number == 0 else [await a_builder(session)]))
    await confirmed_on(session, await a_project(session, unknown), unknown, other)

    # nothing of the voucher's own is among what a score is made of
    attributes = await count_attributes(session, [one.user_id, other.user_id])
    assert attributes[one.user_id] == attributes[other.user_id]


async def test_who_leaves_and_comes_back_counts_again(session: Session) -> None:
    one, other = await a_builder(session), await a_builder(session)
    project = await a_project(session, one)
    await confirmed_on(session, project, one, other)
    await remove(session, other.actor, project.project_id, other.user_id)
    await invite(session, one.actor, project.project_id, other.user_id)
    assert await vouches(session, one, other) == [0, 0]

    await confirm(session, other.actor, project.project_id)
    assert await vouches(session, one, other) == [1, 1]
