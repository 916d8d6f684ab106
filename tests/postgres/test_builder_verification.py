"""Verifying Builder Scores: what is wrong is found, named and mended; what waits is not wrong."""

from itertools import product
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from builders.records import lock_users
from builders.register import BUILDER_SCORE, BUILDERS
from builders.tables import ProjectStatus
from builders.triggers import BuilderEvent, Trigger, request_builder_scores
from builders.verification import SHOWN, CheckedUser, Difference, Finding, Verification, check_page, verify_scores
from builders_world import a_builder, a_project, confirmed_on
from databases import fill
from objects import AN_ACTOR, a_failed_score
from plans import PLAN_MODES, plan_of, statements_of
from postgres_sessions import requests_of
from scored_builders import ScoredBuilders, a_ring, as_request
from scoring.errors import ScoreDefinitionDisabled, ScoreDefinitionNotFound, ScoreInputError
from scoring.messages import ScoreOutcomes
from store.database import SessionFactory
from store.retries import retry_scores
from store.scores import save_outcomes

# of the owner, who has shipped with somebody else
SCORE = 100 + 25

MENDED = Verification(users=2)


@pytest.fixture
async def builders(sessions: SessionFactory) -> ScoredBuilders:
    """Two builders who have their scores: one has shipped a project, the other has confirmed on it."""
    return ScoredBuilders(sessions)


@pytest.fixture
async def owner(builders: ScoredBuilders) -> str:
    """The id of the one who has shipped."""
    async with builders.sessions.begin() as session:
        owner, other = await a_builder(session), await a_builder(session)
        await confirmed_on(session, await a_project(session, owner, ProjectStatus.SHIPPED), owner, other)
    await builders.score()
    return owner.user_id


async def ask(builders: ScoredBuilders, user_id: str) -> None:
    """An event of the user's."""
    async with builders.sessions.begin() as session:
        await lock_users(session, [user_id])
        await request_builder_scores(session, Trigger(BuilderEvent.IMPACT_CHANGED, "P", user_id), [user_id])


async def fail(builders: ScoredBuilders, user_id: str) -> None:
    """An event of the user's whose computation fails."""
    await ask(builders, user_id)
    request = as_request((await requests_of(builders.sessions, user_id))[BUILDER_SCORE])
    async with builders.sessions.begin() as session:
        await save_outcomes(session, ScoreOutcomes(BUILDERS, user_id, failed=[a_failed_score(request)]))


async def test_builders_who_have_their_scores_verify(builders: ScoredBuilders, owner: str) -> None:
    scores = await builders.scores()

    assert await verify_scores(builders.sessions) == Verification(users=2)
    assert (scores.pop(owner), list(scores.values())) == (SCORE, [25])


PLANTED = [
    pytest.param(
        ["UPDATE users SET builder_score = 7 WHERE user_id = :owner"],
        ((Finding.COPY,), 7, SCORE, SCORE),
        id="a wrong copy",
    ),
    pytest.param(
        [
            "UPDATE users SET builder_score = 999 WHERE user_id = :owner",
            "UPDATE g2p_register_scores SET computed_score = 999 WHERE internal_record_id = :owner",
        ],
        ((Finding.DRIFT,), 999, 999, SCORE),
        id="a wrong score, copied",
    ),
    pytest.param(
        ["UPDATE g2p_register_scores SET computed_score = 12.5 WHERE internal_record_id = :owner"],
        ((Finding.COPY, Finding.DRIFT), SCORE, 12.5, SCORE),
        id="a wrong score that was not copied",
    ),
    pytest.param(
        [
            "UPDATE users SET builder_score = 12 WHERE user_id = :owner",
            "UPDATE g2p_register_scores SET computed_score = 12.5 WHERE internal_record_id = :owner",
        ],
        ((Finding.COPY, Finding.DRIFT), 12, 12.5, SCORE),
        id="a score that is no whole number, copied as one can be",
    ),
    pytest.param(
        ["UPDATE projects SET status = 'draft' WHERE owner_id = :owner"],
        ((Finding.DRIFT,), SCORE, SCORE, 25),
        id="a project that changed without an event",
    ),
    pytest.param(
        ["DELETE FROM g2p_register_scores WHERE internal_record_id = :owner"],
        ((Finding.MISSING,), SCORE, None, SCORE),
        id="a score that is lost",
    ),
    pytest.param(
        [
            "UPDATE users SET builder_score = 0 WHERE user_id = :owner",
            "DELETE FROM g2p_register_scores WHERE internal_record_id = :owner",
            "DELETE FROM g2p_score_compute_queue WHERE internal_record_id = :owner",
        ],
        ((Finding.MISSING,), 0, None, SCORE),
        id="a user whose score nobody asked for",
    ),
]


@pytest.mark.parametrize(("plant", "difference"), PLANTED)
async def test_what_is_planted_is_found_named_and_mended_by_a_recomputation(
    builders: ScoredBuilders, owner: str, plant: list[str], difference: tuple[Any, ...]
) -> None:
    for statement in plant:
        await builders.execute(statement, owner=owner)

    verification = await verify_scores(builders.sessions)

    findings = difference[0]
    assert verification.shown == [Difference(owner, *difference)]
    assert tuple(finding for finding, count in verification.findings.items() if count) == findings
    assert (verification.users, verification.pending, verification.differing) == (2, 0, 1)
    only_stale = Finding.MISSING in findings
    await builders.recompute(only_stale=only_stale)
    assert await verify_scores(builders.sessions) == MENDED


async def test_a_vouch_that_was_taken_behind_everybody_s_back_is_found_on_both_sides(
    builders: ScoredBuilders, owner: str
) -> None:
    await builders.execute("DELETE FROM project_collaborators")

    verification = await verify_scores(builders.sessions)

    numbers = {one.user_id == owner: (one.stored_score, one.computed_score) for one in verification.shown}
    assert numbers == {True: (125, 100), False: (25, 0)}
    assert verification.findings[Finding.DRIFT] == 2


async def test_a_failed_score_is_found_and_mended_by_asking_again(builders: ScoredBuilders, owner: str) -> None:
    await fail(builders, owner)

    verification = await verify_scores(builders.sessions)

    assert verification.shown == [Difference(owner, (Finding.FAILED,), SCORE, SCORE, SCORE)]
    async with builders.sessions.begin() as session:
        await retry_scores(session, AN_ACTOR, owner)
    await builders.score()
    assert await verify_scores(builders.sessions) == MENDED


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING"])
async def test_what_waits_is_pending_and_not_wrong(builders: ScoredBuilders, owner: str, status: str) -> None:
    await builders.execute("UPDATE projects SET status = 'draft' WHERE owner_id = :owner", owner=owner)
    await ask(builders, owner)
    await builders.execute(
        "UPDATE g2p_score_compute_queue SET compute_status = :status WHERE internal_record_id = :owner",
        owner=owner,
        status=status,
    )

    assert await verify_scores(builders.sessions) == Verification(users=2, pending=1)


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING"])
async def test_a_wrong_copy_is_found_whatever_waits(builders: ScoredBuilders, owner: str, status: str) -> None:
    await ask(builders, owner)
    await builders.execute("UPDATE g2p_score_compute_queue SET compute_status = :status", status=status)
    await builders.execute("UPDATE users SET builder_score = 7 WHERE user_id = :owner", owner=owner)

    verification = await verify_scores(builders.sessions)

    assert verification.shown == [Difference(owner, (Finding.COPY,), 7, SCORE, SCORE)]
    assert (verification.right, verification.pending, verification.differing) == (0, 1, 1)


async def test_scores_of_an_older_definition_hide_nothing_else(builders: ScoredBuilders, owner: str) -> None:
    config = (await builders.definition()).score_config
    await builders.change_definition(score_config=config | {"vouches": {"points": 7, "cap": 21}})
    await builders.execute("UPDATE users SET builder_score = 1 WHERE user_id = :owner", owner=owner)

    verification = await verify_scores(builders.sessions)

    shown = {one.user_id: one for one in verification.shown}
    assert shown.pop(owner) == Difference(owner, (Finding.COPY, Finding.STALE), 1, SCORE, 107)
    assert [one.findings for one in shown.values()] == [(Finding.STALE,)]
    assert (verification.differing, verification.findings[Finding.STALE]) == (2, 2)
    await builders.recompute(only_stale=True)
    assert await verify_scores(builders.sessions) == MENDED


def a_checked_user(number: int, *findings: Finding) -> CheckedUser:
    """The users come in the order of their numbers."""
    user_id = f"{number:03}"
    return CheckedUser(user_id, is_pending=False, difference=Difference(user_id, findings, 0, 0.0, 0))


def test_of_each_finding_some_are_shown_however_many_there_are_of_another() -> None:
    verification = Verification()
    for number in range(100):
        verification.add(a_checked_user(number, Finding.FAILED))
    for number, finding in enumerate(Finding, 100):
        verification.add(a_checked_user(number, finding))
    verification.add(a_checked_user(200, Finding.COPY, Finding.DRIFT))

    shown = verification.shown

    assert verification.differing == 106
    assert len(shown) == len({one.user_id for one in shown}) == SHOWN
    assert shown == sorted(shown, key=lambda one: one.user_id)
    assert [one.user_id for one in shown if one.findings != (Finding.FAILED,)] == ["100", "101", "102", "104", "200"]


async def test_the_first_differences_are_kept_and_all_are_counted_page_by_page(sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        ring = await a_ring(session, SHOWN + 5)

    verification = await verify_scores(sessions, page_size=4)

    assert [one.user_id for one in verification.shown] == sorted(ring)[:SHOWN]
    assert (verification.users, verification.differing) == (len(ring), len(ring))
    assert verification.findings[Finding.MISSING] == len(ring)


async def test_a_last_page_that_is_full_ends_it_as_well(builders: ScoredBuilders, owner: str) -> None:
    assert owner in await builders.scores()

    assert (await verify_scores(builders.sessions, page_size=2)).users == 2
    assert (await verify_scores(builders.sessions, page_size=1)).users == 2


async def test_without_users_there_is_nothing_wrong(sessions: SessionFactory) -> None:
    assert await verify_scores(sessions) == Verification()


async def test_without_a_definition_that_is_enabled_it_is_refused(builders: ScoredBuilders) -> None:
    await builders.change_definition(is_enabled=False)
    with pytest.raises(ScoreDefinitionDisabled, match="enable it"):
        await verify_scores(builders.sessions)

    await builders.execute("DELETE FROM g2p_register_score_definitions")
    with pytest.raises(ScoreDefinitionNotFound, match="create it"):
        await verify_scores(builders.sessions)


async def test_a_config_that_somebody_broke_by_hand_is_named(builders: ScoredBuilders, owner: str) -> None:
    assert owner in await builders.scores()
    await builders.execute("UPDATE g2p_register_score_definitions SET score_config = score_config - 'vouches'")

    with pytest.raises(ScoreInputError, match=r"score_config\.vouches is missing"):
        await verify_scores(builders.sessions)


FILL = """
INSERT INTO users (user_id, subject, username, display_name)
SELECT md5(one::text), 's' || one, 'u' || one, 'A builder' FROM generate_series(1, 30000) AS one;
INSERT INTO projects (project_id, owner_id, title, status)
SELECT 'P' || one, md5((1 + one / 2)::text), 'A project', 'shipped' FROM generate_series(1, 50000) AS one;
INSERT INTO project_collaborators (project_id, user_id, status, confirmed_at)
SELECT 'P' || one, md5((1 + one % 29999)::text), 'confirmed', now() FROM generate_series(1, 50000) AS one;
INSERT INTO g2p_register_scores (register_id, internal_record_id, score_type, score_definition_id, triggered_by_cr_id,
    computed_score, computed_at, sequence, definition_version)
SELECT 'builders', md5(one::text), 'BUILDER_SCORE', 'D', 'E', 100, now(), one, 1 FROM generate_series(1, 30000) AS one;
INSERT INTO g2p_score_compute_queue (register_id, internal_record_id, score_type, score_definition_id,
    change_request_id, contributing_attribute_values, score_config, definition_version, debounce, compute_status)
SELECT 'builders', md5(one::text), 'BUILDER_SCORE', 'D', 'E', '{}', '{}', 1, '{}', 'COMPLETED'
FROM generate_series(1, 30000) AS one
"""


async def test_a_page_costs_what_its_users_cost_wherever_it_begins(
    sessions: SessionFactory, engine: AsyncEngine
) -> None:
    await fill(sessions, FILL, "users, projects, project_collaborators, g2p_register_scores, g2p_score_compute_queue")

    _, *statements = await statements_of(engine, sessions, lambda session: check_page(session, "8", 100))

    assert len(statements) == 2
    for sent, mode in product(statements, PLAN_MODES):
        async with sessions() as session:
            plan = await plan_of(session, sent, mode)
        assert sum(node.rows for node in plan) < 100 * 50, mode
        assert "Seq Scan" not in {node.kind for node in plan}, mode
