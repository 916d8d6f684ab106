"""Builders at once: whoever comes second sees what the first has done, and is asked for with both."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from builders.collaborations import confirm, decline, invite, remove
from builders.errors import CollaborationConflict
from builders.projects import ProjectChange, get_project, measure_impact, update_project
from builders.tables import ProjectCollaborator, ProjectStatus
from builders.users import ProfileChange, update_profile
from builders_world import (
    A_SERVICE,
    Builder,
    a_project,
    asked_of,
    builders,
    confirmed_on,
    one_after_the_other,
)
from postgres_sessions import backend_pid, until_waiting
from store.audit import list_audit
from store.database import Session, SessionFactory

Act = Callable[[Session], Awaitable[Any]]


class Pair:
    """An owner and whom that one has invited, on a project; what they do, each ready for a session."""

    def __init__(self, project_id: str, owner: Builder, other: Builder) -> None:
        self.project_id = project_id
        self.owner, self.other = owner, other
        self.invite = partial(invite, actor=owner.actor, project_id=project_id, user_id=other.user_id)
        self.confirm = partial(confirm, actor=other.actor, project_id=project_id)
        self.decline = partial(decline, actor=other.actor, project_id=project_id)
        self.remove = partial(remove, actor=owner.actor, project_id=project_id, user_id=other.user_id)
        self.leave = partial(remove, actor=other.actor, project_id=project_id, user_id=other.user_id)
        shipped = ProjectChange(status=ProjectStatus.SHIPPED)
        self.ship = partial(update_project, actor=owner.actor, project_id=project_id, change=shipped)
        self.measure = partial(measure_impact, actor=A_SERVICE, project_id=project_id, metrics={"stars": 7})
        described = ProfileChange(bio="Notes")
        self.describe = partial(update_profile, actor=owner.actor, change=described)
        self.describe_other = partial(update_profile, actor=other.actor, change=described)


@pytest.fixture
async def pair(sessions: SessionFactory) -> Pair:
    """Two of whom nothing is asked for yet."""
    owner, other = await builders(sessions, 2)
    async with sessions.begin() as session:
        project = await a_project(session, owner)
        await invite(session, owner.actor, project.project_id, other.user_id)
    return Pair(project.project_id, owner, other)


async def status_of(sessions: SessionFactory, pair: Pair) -> str:
    """Where the collaboration stands."""
    async with sessions() as session:
        return (await session.get_one(ProjectCollaborator, (pair.project_id, pair.other.user_id))).status


async def test_of_two_confirmations_at_once_the_second_changes_nothing(sessions: SessionFactory, pair: Pair) -> None:
    await one_after_the_other(sessions, pair.confirm, pair.confirm)

    async with sessions() as session:
        actions = [entry.action for entry in await list_audit(session, pair.project_id)]
    assert actions.count("confirm_collaboration") == 1
    asked = await asked_of(sessions)
    assert [asked[user.user_id].contributing_attribute_values["vouches"] for user in (pair.owner, pair.other)] == [1, 1]


@pytest.mark.parametrize("undo", ["remove", "leave"])
async def test_a_confirmation_before_a_removal_is_undone_for_both(
    sessions: SessionFactory, pair: Pair, undo: str
) -> None:
    async def read_and_undo(session: Session) -> None:
        # kept, so that the session has it still, as invited, when it reads again
        kept.append(await session.get_one(ProjectCollaborator, (pair.project_id, pair.other.user_id)))
        await getattr(pair, undo)(session)

    kept: list[object] = []
    await one_after_the_other(sessions, pair.confirm, read_and_undo)

    assert await status_of(sessions, pair) == "removed"
    asked = await asked_of(sessions)
    assert {user_id: row.change_request_id for user_id, row in asked.items()} == dict.fromkeys(
        (pair.owner.user_id, pair.other.user_id), f"collaborator_removed:{pair.project_id}"
    )
    assert {row.contributing_attribute_values["vouches"] for row in asked.values()} == {0}


@pytest.mark.parametrize(
    ("first", "second", "remains"),
    [("remove", "confirm", "removed"), ("confirm", "decline", "confirmed"), ("remove", "decline", "removed")],
)
async def test_what_is_no_longer_possible_is_refused_after_the_wait(
    sessions: SessionFactory, pair: Pair, first: str, second: str, remains: str
) -> None:
    kept: list[object] = []

    async def read_and_move(session: Session) -> None:
        # kept, so that the session has it still when it reads again
        kept.append(await session.get_one(ProjectCollaborator, (pair.project_id, pair.other.user_id)))
        await getattr(pair, second)(session)

    with pytest.raises(CollaborationConflict, match=f"being {remains}"):
        await one_after_the_other(sessions, getattr(pair, first), read_and_move)

    assert await status_of(sessions, pair) == remains
    assert len(kept) == 1


async def test_a_removal_that_rolls_back_leaves_the_way_to_a_confirmation(sessions: SessionFactory, pair: Pair) -> None:
    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        await pair.remove(first)
        racing = asyncio.ensure_future(pair.confirm(second))
        await until_waiting(sessions, waiting)
        await first.rollback()
        await racing
        await second.commit()

    assert await status_of(sessions, pair) == "confirmed"
    assert len(await asked_of(sessions)) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ship", "confirm"),
        ("confirm", "ship"),
        ("ship", "measure"),
        ("measure", "ship"),
        ("ship", "describe"),
        ("describe", "confirm"),
        ("confirm", "measure"),
        ("confirm", "describe"),
    ],
)
async def test_of_two_changes_at_once_the_owner_is_asked_for_with_both(
    sessions: SessionFactory, pair: Pair, first: str, second: str
) -> None:
    await one_after_the_other(sessions, getattr(pair, first), getattr(pair, second))

    values = (await asked_of(sessions))[pair.owner.user_id].contributing_attribute_values
    done = {first, second}
    assert values["shipped_projects"] == ("ship" in done)
    assert values["vouches"] == ("confirm" in done)
    assert values["impact.stars"] == (7 if done == {"ship", "measure"} else 0)
    assert values["profile.key_fields"] == 1 + ("describe" in done)


@pytest.mark.parametrize("reverse", [False, True], ids=["the profile first", "the confirmation first"])
async def test_of_two_changes_at_once_the_collaborator_is_asked_for_with_both(
    sessions: SessionFactory,
    pair: Pair,
    reverse: bool,  # noqa: FBT001 - a parameter of the test's
) -> None:
    both: list[Act] = [pair.describe_other, pair.confirm]

    await one_after_the_other(sessions, *(both[::-1] if reverse else both))

    values = (await asked_of(sessions))[pair.other.user_id].contributing_attribute_values
    assert (values["vouches"], values["profile.key_fields"]) == (1, 2)


async def test_two_invitations_at_once_are_one(sessions: SessionFactory, pair: Pair) -> None:
    async with sessions.begin() as session:
        await pair.remove(session)

    await one_after_the_other(sessions, pair.invite, pair.invite)

    async with sessions() as session:
        actions = [entry.action for entry in await list_audit(session, pair.project_id)]
    assert actions.count("invite_collaborator") == 2


async def test_two_who_confirm_each_others_invitation_at_once_do_not_lock_each_other_out(
    sessions: SessionFactory, pair: Pair
) -> None:
    async with sessions.begin() as session:
        theirs = (await a_project(session, pair.other)).project_id
        await invite(session, pair.other.actor, theirs, pair.owner.user_id)
    mine = partial(confirm, actor=pair.owner.actor, project_id=theirs)

    for _ in range(5):
        await asyncio.gather(committed(sessions, pair.confirm), committed(sessions, mine))

    asked = await asked_of(sessions)
    assert [row.contributing_attribute_values["vouches"] for row in asked.values()] == [1, 1]


async def committed(sessions: SessionFactory, act: Act) -> None:
    """Do it in a transaction of its own."""
    async with sessions.begin() as session:
        await act(session)


@pytest.mark.parametrize("act", ["confirm", "decline", "remove", "leave", "ship", "measure", "describe"])
async def test_who_waits_for_the_first_user_holds_nothing_that_others_wait_for(
    sessions: SessionFactory, pair: Pair, act: str
) -> None:
    lock_user = text("SELECT 1 FROM users WHERE user_id = :user_id FOR NO KEY UPDATE")
    rest = [
        text("SELECT 1 FROM users WHERE user_id <> :user_id FOR NO KEY UPDATE NOWAIT"),
        *(
            text(f"SELECT 1 FROM {table} FOR UPDATE NOWAIT")  # noqa: S608 - constants
            for table in ("projects", "project_collaborators", "g2p_score_compute_queue")
        ),
    ]
    first = min(pair.owner.user_id, pair.other.user_id)
    assert first == pair.owner.user_id

    async with sessions() as holder, sessions() as actor:
        waiting = await backend_pid(actor)
        await holder.execute(lock_user, {"user_id": first})
        acting = asyncio.ensure_future(getattr(pair, act)(actor))
        await until_waiting(sessions, waiting)
        for statement in rest:
            # raises where the actor has it
            await holder.execute(statement, {"user_id": first} if ":user_id" in statement.text else {})
        await holder.commit()
        await acting
        await actor.commit()


async def test_a_change_goes_on_while_others_read_and_refer_to_its_users(sessions: SessionFactory, pair: Pair) -> None:
    async with sessions() as changing:
        await pair.confirm(changing)
        async with asyncio.timeout(5), sessions.begin() as session:
            assert (await get_project(session, None, pair.project_id)).status == "active"
            # what refers to a user needs its key alone
            await session.execute(text("SELECT 1 FROM users FOR KEY SHARE"))
        await changing.commit()


async def test_confirmations_of_many_by_one_owner_are_all_counted(sessions: SessionFactory) -> None:
    owner, *others = await builders(sessions, 8)
    async with sessions.begin() as session:
        project = await a_project(session, owner)
        for other in others[:3]:
            await confirmed_on(session, project, owner, other)
        for other in others[3:]:
            await invite(session, owner.actor, project.project_id, other.user_id)

    acts: list[Act] = [partial(confirm, actor=other.actor, project_id=project.project_id) for other in others[3:]]
    acts += [
        partial(remove, actor=other.actor, project_id=project.project_id, user_id=other.user_id) for other in others[:3]
    ]
    await asyncio.gather(*(committed(sessions, act) for act in acts))

    asked = await asked_of(sessions)
    assert asked[owner.user_id].contributing_attribute_values["vouches"] == 4
    found = [asked[other.user_id].contributing_attribute_values["vouches"] for other in others]
    assert found == [0, 0, 0, 1, 1, 1, 1]
