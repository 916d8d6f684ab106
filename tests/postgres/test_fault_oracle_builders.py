"""The oracle of the faults, on builders: a valid end state passes, and each kind of error planted in it is caught."""

from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select

from builders.collaborations import invite
from builders.projects import NewProject, ProjectChange, create_project, update_project
from builders.records import RECORDS, WRITE_BACK
from builders.register import BUILDER_SCORE, BUILDERS, FACTS
from builders.score import BuilderScore
from builders.tables import ProjectStatus
from builders_world import a_builder, a_project, confirmed_on
from fault_runs import Run, outcomes_of
from faults.load_builders import AcknowledgedState
from faults.oracle import Kind, check
from store.database import SessionFactory
from store.recomputation_pages import complete_recomputation, request_page
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation
from store.scores import save_outcomes
from store.tables import G2PScoreComputeQueue
from store.write_backs import written_back


@dataclass
class BuilderRun(Run):
    """What builders have done, small, and what they were told of it."""

    events: list[AcknowledgedState] = field(default_factory=list)

    async def compute(self) -> None:
        """Settle every pending request, as workers do; then the window passes."""
        async with self.sessions.begin() as session:
            queue = G2PScoreComputeQueue
            for row in (await session.scalars(select(queue).where(queue.compute_status == "PENDING"))).all():
                outcomes = await outcomes_of(row)
                told = BuilderScore().break_down(row.contributing_attribute_values, row.score_config)
                computed = [replace(one, breakdown=dict(told)) for one in outcomes.computed]
                async with written_back(session, WRITE_BACK, [row.internal_record_id]):
                    await save_outcomes(session, replace(outcomes, computed=computed))
        await self.plant("UPDATE g2p_register_score_history SET computed_at = computed_at - interval '300 s'")

    async def kinds_of_builders(self) -> set[Kind]:
        """What the oracle finds."""
        verdict = await check(self.url, [], events=self.events)
        return {finding.kind for finding in verdict.findings}


@pytest.fixture
async def run(sessions: SessionFactory, database_url: str) -> BuilderRun:
    """Ada and Ben vouch for each other, twice over; Ada has shipped, Cem is invited and has done nothing yet."""
    run = BuilderRun(sessions, database_url, BUILDERS)
    async with sessions.begin() as session:
        ada, ben = await a_builder(session, "ada", headline="Builds"), await a_builder(session, "ben")
        cem = await a_builder(session, "cem")
        project = await create_project(session, ada.actor, NewProject("P", status=ProjectStatus.SHIPPED))
    await run.compute()
    async with sessions.begin() as session:
        await confirmed_on(session, project, ada, ben)
        await confirmed_on(session, await a_project(session, ben), ben, ada)
        await invite(session, ada.actor, project.project_id, cem.user_id)
        await update_project(session, ada.actor, project.project_id, ProjectChange(title="Q"))
    await run.compute()
    run.named = {"ada": ada.user_id, "cem": cem.user_id, "project": project.project_id}
    run.events = [
        AcknowledgedState("users", (ada.user_id,), {"username": "ada", "headline": "Builds"}),
        AcknowledgedState("projects", (project.project_id,), {"title": "Q", "status": "shipped", "stars": 0}),
        AcknowledgedState("project_collaborators", (project.project_id, cem.user_id), {"status": "invited"}),
        AcknowledgedState("project_collaborators", (project.project_id, ben.user_id), {"status": "confirmed"}),
    ]
    return run


async def test_a_valid_end_state_of_builders_gives_no_finding(run: BuilderRun) -> None:
    verdict = await check(run.url, [], events=run.events)

    assert verdict.clean, str(verdict)
    assert (verdict.scores, verdict.history) == (3, 5)


A_MINUTE_EARLIER = """
UPDATE g2p_register_score_history AS past SET computed_at = past.computed_at - interval '1 minute'
FROM g2p_register_scores AS score WHERE score.sequence = past.sequence AND score.internal_record_id = :ada
"""

PLANTED = [
    pytest.param(["UPDATE projects SET title = 'P'"], {Kind.EVENT_LOST}, id="an older value"),
    pytest.param(
        ["DELETE FROM project_collaborators WHERE user_id = :cem"], {Kind.EVENT_LOST}, id="an invitation that is gone"
    ),
    pytest.param(
        [
            "DELETE FROM g2p_score_compute_queue WHERE internal_record_id = :cem",
            "DELETE FROM g2p_register_scores WHERE internal_record_id = :cem",
            "DELETE FROM g2p_register_score_history WHERE internal_record_id = :cem",
        ],
        {Kind.TRIGGER_LOST},
        id="a sign-up that asked for nothing",
    ),
    pytest.param(
        ["UPDATE projects SET downloads = 7 WHERE project_id = :project"],
        {Kind.REQUEST_OUTDATED, Kind.SCORE_WRONG},
        id="data that no score followed",
    ),
    pytest.param(
        ["UPDATE users SET builder_score = builder_score + 1 WHERE user_id = :ada"],
        {Kind.COPY_WRONG},
        id="a copy that is not the score",
    ),
    pytest.param(
        [
            "UPDATE users SET builder_score = builder_score + 1",
            "UPDATE g2p_register_scores SET computed_score = computed_score + 1",
            "UPDATE g2p_register_score_history SET computed_score = computed_score + 1",
        ],
        {Kind.SCORE_WRONG, Kind.HISTORY_WRONG, Kind.BREAKDOWN_WRONG},
        id="another number everywhere",
    ),
    pytest.param(
        ["UPDATE g2p_register_score_history SET breakdown = NULL WHERE internal_record_id = :ada"],
        {Kind.BREAKDOWN_WRONG},
        id="a score that nothing explains",
    ),
    pytest.param(
        [
            """UPDATE g2p_register_score_history SET breakdown = breakdown
                || jsonb_build_object('vouches', breakdown -> 'shipped_projects')
                || jsonb_build_object('shipped_projects', breakdown -> 'vouches')
            WHERE internal_record_id = :ada"""
        ],
        {Kind.BREAKDOWN_WRONG},
        id="terms that add up and are others'",
    ),
    pytest.param(
        [A_MINUTE_EARLIER],
        {Kind.COMPUTED_TOO_SOON},
        id="a score within the window of the one before",
    ),
    pytest.param(
        ["UPDATE g2p_score_compute_queue SET compute_status = 'PENDING' WHERE internal_record_id = :ada"],
        {Kind.NOT_SETTLED},
        id="pending",
    ),
    pytest.param(
        [
            """UPDATE g2p_score_compute_queue SET
                compute_status = 'FAILED', compute_latest_error_code = 'X', compute_latest_error_message = 'x'
            WHERE internal_record_id = :ada"""
        ],
        {Kind.FAILED_NEEDLESSLY},
        id="failed",
    ),
    pytest.param(
        ["DELETE FROM g2p_register_score_history WHERE internal_record_id = :ada"],
        {Kind.HISTORY_MISSING},
        id="a score without its history",
    ),
]


@pytest.mark.parametrize(("statements", "found"), PLANTED)
async def test_an_error_planted_in_what_builders_have_is_caught(
    run: BuilderRun, statements: list[str], found: set[Kind]
) -> None:
    await run.plant(*statements)

    assert await run.kinds_of_builders() == found


async def test_a_builder_that_somebody_was_told_of_and_is_not_there_is_a_lost_event(run: BuilderRun) -> None:
    run.events.append(AcknowledgedState("users", ("nobody",), {}))

    assert await run.kinds_of_builders() == {Kind.EVENT_LOST}


async def test_a_recomputation_of_builders_waits_for_no_window(run: BuilderRun) -> None:
    async with run.sessions.begin() as session:
        [asked] = await ask_for_recomputation(session, FACTS, RecomputationWanted([BUILDER_SCORE]))
        await request_page(session, BUILDERS, BUILDER_SCORE, RECORDS, 500)
    await run.compute()
    async with run.sessions.begin() as session:
        await complete_recomputation(session, asked.recomputation_id)

    await run.plant(A_MINUTE_EARLIER)

    assert await run.kinds_of_builders() == set()
