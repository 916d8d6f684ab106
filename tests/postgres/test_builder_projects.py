"""Projects: changed by their owner alone, measured by a service, and seen as drafts by who takes part."""

import pytest

from builders.collaborations import confirm, decline, invite, remove
from builders.errors import NotSignedUp, NotTheOwner, ProjectNotFound
from builders.projects import (
    MAX_METRIC,
    NewProject,
    ProjectChange,
    ProjectFilter,
    create_project,
    get_project,
    list_projects,
    measure_impact,
    update_project,
)
from builders.tables import Project, ProjectStatus
from builders_world import A_SERVICE, Builder, a_builder, a_project, builders, one_after_the_other
from scoring.errors import InvalidInput
from store.audit import list_audit
from store.database import Session, SessionFactory


@pytest.fixture
async def owner(session: Session) -> Builder:
    """Who owns the projects."""
    return await a_builder(session, "owner")


@pytest.fixture
async def other(session: Session) -> Builder:
    """Somebody else."""
    return await a_builder(session, "other")


async def test_a_project_is_its_creators(session: Session, owner: Builder) -> None:
    project = await create_project(session, owner.actor, NewProject("Engine", "It computes", ProjectStatus.ACTIVE))

    found = await get_project(session, None, project.project_id)
    assert (found.owner_id, found.title, found.summary) == (owner.user_id, "Engine", "It computes")
    assert (found.status, found.shipped_at) == ("active", None)
    assert (found.active_users, found.downloads, found.stars) == (0, 0, 0)
    [entry] = await list_audit(session, project.project_id)
    assert (entry.actor, entry.action, entry.details) == (owner.actor.name, "create_project", {"status": "active"})


async def test_who_has_not_signed_up_has_no_projects(session: Session, owner: Builder) -> None:
    project = await a_project(session, owner)

    with pytest.raises(NotSignedUp):
        await create_project(session, A_SERVICE, NewProject("Engine"))
    with pytest.raises(NotSignedUp):
        await update_project(session, A_SERVICE, project.project_id, ProjectChange("Engine"))


async def test_a_change_leaves_the_rest_and_tells_the_audit_log_what(session: Session, owner: Builder) -> None:
    project = await a_project(session, owner)
    await session.commit()
    created = project.updated_at

    changed = await update_project(
        session, owner.actor, project.project_id, ProjectChange(summary="It computes", status=ProjectStatus.ARCHIVED)
    )

    assert (changed.title, changed.summary, changed.status) == ("A project", "It computes", "archived")
    assert changed.updated_at > created
    newest, _ = await list_audit(session, project.project_id)
    assert newest.action == "update_project"
    assert newest.details == {"fields": ["summary", "status"], "status": "archived"}


async def test_it_is_known_when_it_was_shipped_while_it_is(session: Session, owner: Builder) -> None:
    project = await create_project(session, owner.actor, NewProject("Engine", status=ProjectStatus.SHIPPED))
    shipped_at = project.shipped_at
    assert shipped_at is not None
    await session.commit()

    same = await update_project(
        session, owner.actor, project.project_id, ProjectChange("Better engine", status=ProjectStatus.SHIPPED)
    )
    assert same.shipped_at == shipped_at

    taken_back = await update_project(
        session, owner.actor, project.project_id, ProjectChange(status=ProjectStatus.ACTIVE)
    )
    assert taken_back.shipped_at is None

    again = await update_project(session, owner.actor, project.project_id, ProjectChange(status=ProjectStatus.SHIPPED))
    assert again.shipped_at is not None
    assert again.shipped_at > shipped_at


async def test_a_change_to_what_is_there_leaves_no_trace(session: Session, owner: Builder) -> None:
    project = await a_project(session, owner)
    await measure_impact(session, A_SERVICE, project.project_id, {"stars": 1})
    await session.commit()
    updated = project.updated_at

    await update_project(session, owner.actor, project.project_id, ProjectChange("A project", "", ProjectStatus.ACTIVE))
    await update_project(session, owner.actor, project.project_id, ProjectChange())
    await measure_impact(session, A_SERVICE, project.project_id, {"stars": 1, "downloads": 0})
    same = await measure_impact(session, A_SERVICE, project.project_id, {})

    assert same.updated_at == updated
    assert [entry.action for entry in await list_audit(session, project.project_id)] == [
        "measure_impact",
        "create_project",
    ]


async def test_others_can_change_nothing_and_do_not_learn_of_drafts(
    session: Session, owner: Builder, other: Builder
) -> None:
    seen, draft = await a_project(session, owner), await a_project(session, owner, ProjectStatus.DRAFT)

    with pytest.raises(NotTheOwner, match=seen.project_id):
        await update_project(session, other.actor, seen.project_id, ProjectChange("Mine"))
    for project_id in (draft.project_id, "none"):
        with pytest.raises(ProjectNotFound, match=project_id):
            await update_project(session, other.actor, project_id, ProjectChange("Mine"))

    assert {project.title for project in (seen, draft)} == {"A project"}


async def test_a_draft_is_seen_by_its_owner_and_by_who_takes_part(
    session: Session, owner: Builder, other: Builder
) -> None:
    draft = (await a_project(session, owner, ProjectStatus.DRAFT)).project_id

    assert not await sees(session, other, draft)
    await invite(session, owner.actor, draft, other.user_id)
    assert await sees(session, other, draft)
    await decline(session, other.actor, draft)
    assert not await sees(session, other, draft)
    await confirm(session, other.actor, draft)
    assert await sees(session, other, draft)
    await remove(session, owner.actor, draft, other.user_id)
    assert not await sees(session, other, draft)

    assert await sees(session, owner, draft)
    assert not await sees(session, None, draft)


async def sees(session: Session, viewer: Builder | None, project_id: str) -> bool:
    """Whether a list of all shows it; what is not in the list is not found by its id either."""
    viewer_id = None if viewer is None else viewer.user_id
    owner_id = (await session.get_one(Project, project_id)).owner_id
    listed = await list_projects(session, viewer_id, ProjectFilter(owner_id), None, 100)
    if project_id in [project.project_id for project in listed]:
        assert (await get_project(session, viewer_id, project_id)).project_id == project_id
        return True
    with pytest.raises(ProjectNotFound, match=project_id):
        await get_project(session, viewer_id, project_id)
    return False


async def test_what_takes_part_in_one_draft_sees_no_other(session: Session, owner: Builder, other: Builder) -> None:
    draft, another = [(await a_project(session, owner, ProjectStatus.DRAFT)).project_id for _ in range(2)]

    await invite(session, owner.actor, draft, other.user_id)

    assert not await sees(session, other, another)


async def test_projects_are_listed_by_id_a_page_at_a_time(session: Session, owner: Builder, other: Builder) -> None:
    statuses = [*ProjectStatus, *ProjectStatus]
    ids = {(await a_project(session, owner, status)).project_id: status for status in statuses}
    await a_project(session, other)

    all_of_them, shipped_ones, drafts = [
        ProjectFilter(owner.user_id, status) for status in (None, ProjectStatus.SHIPPED, ProjectStatus.DRAFT)
    ]
    first = await list_projects(session, owner.user_id, all_of_them, None, 5)
    rest = await list_projects(session, owner.user_id, all_of_them, first[-1].project_id, 5)
    shipped = await list_projects(session, owner.user_id, shipped_ones, None, 5)
    drafts_of_others = await list_projects(session, other.user_id, drafts, None, 5)
    seen_by_others = await list_projects(session, None, all_of_them, None, 10)

    assert [project.project_id for project in (*first, *rest)] == sorted(ids)
    assert len(first) == 5
    assert [project.project_id for project in shipped] == sorted(
        name for name, status in ids.items() if status == ProjectStatus.SHIPPED
    )
    assert drafts_of_others == []
    assert len(seen_by_others) == len(ids) - 2


async def test_only_what_is_named_is_measured(session: Session, owner: Builder) -> None:
    project_id = (await a_project(session, owner, ProjectStatus.DRAFT)).project_id

    await measure_impact(session, A_SERVICE, project_id, {"stars": 7, "downloads": MAX_METRIC})
    measured = await measure_impact(session, A_SERVICE, project_id, {"stars": 0})

    assert (measured.active_users, measured.downloads, measured.stars) == (0, MAX_METRIC, 0)
    newest, *_ = await list_audit(session, project_id)
    # which, never how many
    assert (newest.actor, newest.action, newest.details) == ("a service", "measure_impact", {"metrics": ["stars"]})


@pytest.mark.parametrize(
    ("metrics", "field"),
    [
        pytest.param({"stars": -1}, "stars", id="less than nothing"),
        pytest.param({"stars": MAX_METRIC + 1}, "stars", id="too much"),
        pytest.param({"stars": True}, "stars", id="a boolean"),
        pytest.param({"stars": 1.0}, "stars", id="a fraction"),
        pytest.param({"stars": "1"}, "stars", id="text"),
        pytest.param({"downloads": 1, "status": 1}, "metrics", id="no metric"),
    ],
)
async def test_a_bad_metric_is_refused_before_anything_is_set(
    session: Session, owner: Builder, metrics: dict[str, int], field: str
) -> None:
    project = await a_project(session, owner)

    with pytest.raises(InvalidInput) as refused:
        await measure_impact(session, A_SERVICE, project.project_id, metrics)

    assert refused.value.field == field
    assert (await get_project(session, None, project.project_id)).downloads == 0


async def test_what_is_not_there_cannot_be_measured(session: Session) -> None:
    with pytest.raises(ProjectNotFound, match="none"):
        await measure_impact(session, A_SERVICE, "none", {"stars": 1})


async def test_two_changes_of_one_project_at_once_are_both_made(sessions: SessionFactory) -> None:
    [owner] = await builders(sessions, 1)
    async with sessions.begin() as session:
        project_id = (await a_project(session, owner)).project_id
    shipped = ProjectChange(status=ProjectStatus.SHIPPED)

    async def read_and_change(session: Session) -> Project:
        # kept, so that the session has it still: what was read before the wait must not decide what is a change
        seen = await get_project(session, None, project_id)
        change = ProjectChange("Engine", status=ProjectStatus.ACTIVE)
        changed = await update_project(session, owner.actor, project_id, change)
        assert seen is changed
        return changed

    project = await one_after_the_other(
        sessions, lambda session: update_project(session, owner.actor, project_id, shipped), read_and_change
    )

    assert (project.title, project.status, project.shipped_at) == ("Engine", "active", None)
