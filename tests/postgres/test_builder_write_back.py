"""A stored Builder Score and its copy in `users`: one transaction on both roads, whatever comes twice, late or odd."""

import asyncio
from collections.abc import Collection
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError

from bench.builders_plans import caught
from builders.records import WRITE_BACK, lock_users
from builders.register import BUILDER_SCORE, BUILDERS
from builders.triggers import BuilderEvent, Trigger, request_builder_scores
from builders_world import a_builder
from objects import a_computed_score, a_failed_score, a_stored_definition
from persisted_builders import Compute, Computed, by_batch, by_record, copies, history_of, persist, score_of
from postgres_sessions import asked_for, requests_of, stored_scores
from scoring.batch_messages import ComputedBatch, FailedInBatch
from scoring.messages import ScoreOutcomes
from steadyscore.domains import WRITE_BACKS
from store.database import Session, SessionFactory
from store.write_backs import WriteBack

ROADS = [pytest.param(by_record, id="record road"), pytest.param(by_batch, id="batch road")]
both_roads = pytest.mark.parametrize("compute", ROADS)

SOMEBODY_WAITS = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
)
LOCK_REQUEST = text("SELECT FROM g2p_score_compute_queue WHERE internal_record_id = :user_id FOR UPDATE NOWAIT")


@pytest.fixture
async def users(sessions: SessionFactory) -> list[str]:
    """Three users by id, whose first scores are asked for."""
    async with sessions.begin() as session:
        return sorted([(await a_builder(session)).user_id for _ in range(3)])


async def ask_again(sessions: SessionFactory, user_id: str) -> None:
    """Something of the user's has changed."""
    async with sessions.begin() as session:
        await lock_users(session, [user_id])
        trigger = Trigger(BuilderEvent.PROFILE_CHANGED, user_id, user_id)
        await request_builder_scores(session, trigger, [user_id])


async def status_of(sessions: SessionFactory, user_id: str) -> str:
    """Where the user's request stands."""
    return (await requests_of(sessions, user_id))[BUILDER_SCORE].compute_status


async def versions(sessions: SessionFactory) -> list[str]:
    """Which transaction has written each user's row last."""
    async with sessions() as session:
        return list(await session.scalars(text("SELECT xmin::text FROM users ORDER BY user_id")))


def as_failed(brought: Computed) -> Computed:
    """The same run, but that none of its requests has a score."""
    if isinstance(brought, ScoreOutcomes):
        return replace(brought, computed=[], failed=[a_failed_score(one.request) for one in brought.computed])
    failed = [FailedInBatch(part.sequences, "ScoreInputError", "it cannot be") for part in brought.computed]
    return replace(brought, computed=[], failed=failed)


async def save_and_fail(session: Session, user_ids: Collection[str]) -> None:
    """Save, and find that the database is gone."""
    await WRITE_BACK.save(session, user_ids)
    raise OSError


@both_roads
async def test_each_score_is_copied_to_its_user(sessions: SessionFactory, users: list[str], compute: Compute) -> None:
    scores = dict(zip(users, (125.0, 2147483647.0, 0.0), strict=True))

    await persist(sessions, *await compute(sessions, scores))

    assert await copies(sessions) == scores
    assert [await score_of(sessions, user_id) for user_id in users] == list(scores.values())
    assert [len(await history_of(sessions, user_id)) for user_id in users] == [1, 1, 1]


@both_roads
async def test_i1_a_copy_that_fails_leaves_neither_score_nor_history_nor_copy(
    sessions: SessionFactory, users: list[str], compute: Compute
) -> None:
    brought = await compute(sessions, dict.fromkeys(users, 7.0))
    before = await status_of(sessions, users[0])

    with pytest.raises(ApplicationError, match="could not be stored: OSError"):
        await persist(sessions, *brought, write_backs={BUILDERS: WriteBack(WRITE_BACK.lock, save_and_fail)})

    assert set((await copies(sessions)).values()) == {0}
    assert [await score_of(sessions, user_id) for user_id in users] == [None] * 3
    assert [await history_of(sessions, user_id) for user_id in users] == [[]] * 3
    assert await status_of(sessions, users[0]) == before != "COMPLETED"


@both_roads
async def test_i5_persisting_again_changes_nothing(
    sessions: SessionFactory, users: list[str], compute: Compute
) -> None:
    brought = await compute(sessions, dict.fromkeys(users, 7.0))
    await persist(sessions, *brought)
    once = await versions(sessions)

    await persist(sessions, *brought)

    assert await versions(sessions) == once
    assert set((await copies(sessions)).values()) == {7}
    assert [len(await history_of(sessions, user_id)) for user_id in users] == [1, 1, 1]


@both_roads
async def test_i4_an_older_result_leaves_the_copy_of_a_newer_one(
    sessions: SessionFactory, users: list[str], compute: Compute
) -> None:
    older = await compute(sessions, dict.fromkeys(users, 3.0))
    await ask_again(sessions, users[0])
    await persist(sessions, *await by_record(sessions, {users[0]: 7.0}))

    await persist(sessions, *older)

    assert await copies(sessions) == {users[0]: 7, users[1]: 3, users[2]: 3}
    assert await score_of(sessions, users[0]) == 7.0


@both_roads
@pytest.mark.parametrize("odd", [-1.0, -0.5, 2147483647.5, 2147483648.0, 1e300])
async def test_i9_a_number_that_is_no_builder_score_is_stored_without_a_copy_and_keeps_no_other_from_its_own(
    sessions: SessionFactory, users: list[str], compute: Compute, odd: float
) -> None:
    await persist(sessions, *await by_record(sessions, {users[0]: 5.0}))
    await ask_again(sessions, users[0])
    brought = await compute(sessions, {users[0]: odd, users[1]: 7.0, users[2]: 8.0})

    await persist(sessions, *brought)

    assert await copies(sessions) == {users[0]: 5, users[1]: 7, users[2]: 8}
    assert await score_of(sessions, users[0]) == odd


@both_roads
async def test_who_persists_and_waits_for_a_user_holds_no_request(
    sessions: SessionFactory, users: list[str], compute: Compute
) -> None:
    brought = await compute(sessions, dict.fromkeys(users, 7.0))

    async with sessions() as changing:
        await lock_users(changing, users[:1])
        persisting = asyncio.create_task(persist(sessions, *brought))
        async with asyncio.timeout(20), sessions() as looking:
            while not await looking.scalar(SOMEBODY_WAITS):
                await asyncio.sleep(0.01)
        # raises where the activity has it
        for user_id in users:
            await changing.execute(LOCK_REQUEST, {"user_id": user_id})
        await changing.commit()
        await persisting

    assert set((await copies(sessions)).values()) == {7}


@both_roads
async def test_a_run_by_hand_that_names_another_register_stores_nothing(
    sessions: SessionFactory, users: list[str], compute: Compute
) -> None:
    brought = await compute(sessions, dict.fromkeys(users, 7.0))

    await persist(sessions, *(replace(one, register_id="farmers") for one in brought))

    assert [await score_of(sessions, user_id) for user_id in users] == [None] * 3
    assert "COMPLETED" not in {await status_of(sessions, user_id) for user_id in users}


async def test_a_batch_that_names_no_register_stores_nothing(sessions: SessionFactory, users: list[str]) -> None:
    [brought] = await by_batch(sessions, dict.fromkeys(users, 7.0))
    assert isinstance(brought, ComputedBatch)

    await persist(sessions, replace(brought, register_id=""))

    assert [await score_of(sessions, user_id) for user_id in users] == [None] * 3
    assert set((await copies(sessions)).values()) == {0}


@both_roads
async def test_a_run_with_failures_only_locks_no_user(
    sessions: SessionFactory, engine: AsyncEngine, users: list[str], compute: Compute
) -> None:
    brought = [as_failed(one) for one in await compute(sessions, dict.fromkeys(users, 7.0))]

    with caught(engine) as sent:
        await persist(sessions, *brought)

    assert [one.statement for one in sent if "users" in one.statement] == []
    assert {await status_of(sessions, user_id) for user_id in users} == {"FAILED"}


async def test_a_register_that_keeps_no_copy_pays_no_statement(sessions: SessionFactory, engine: AsyncEngine) -> None:
    async with sessions.begin() as session:
        await a_stored_definition(session)
    outcomes = [
        ScoreOutcomes("farmers", record, [a_computed_score(await asked_for(sessions, record))]) for record in "AB"
    ]

    counts = []
    for one, write_backs in zip(outcomes, (WRITE_BACKS, {}), strict=True):
        with caught(engine) as sent:
            await persist(sessions, one, write_backs=write_backs)
        counts.append(len(sent))

    assert counts == [1, 1]
    async with sessions() as session:
        assert [len(await stored_scores(session, record)) for record in "AB"] == [1, 1]
