"""Builder Scores by everything that is real: trigger, relay, Temporal, worker, history with breakdown, the copy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from builders.register import BUILDER_SCORE, BUILDERS, FACTS
from builders.tables import ProjectStatus
from builders_world import Builder, a_builder, a_project, builders, confirmed_on
from objects import NO_WINDOW, wide_roads
from persisted_builders import copies, history_of
from scored_builders import ScoredBuilders
from scoring.recompute_messages import RecomputationStatus
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation
from store.recomputations import Recomputation, get_recomputation
from store.roads import RoadLimits
from temporal_fakes.activities import PATIENCE_SECONDS
from temporal_fakes.registered import Farmers, until

pytestmark = pytest.mark.usefixtures("worker")

BATCHES_ONLY = wide_roads(max_open_records=0)
ROADS = [pytest.param(wide_roads(), id="record road"), pytest.param(BATCHES_ONLY, id="batch road")]


@pytest.fixture
async def world(farmers: Farmers) -> Farmers:
    """The builders, without a window, in a database that has farmers as well."""
    await ScoredBuilders(farmers.sessions).change_definition(debounce=NO_WINDOW)
    return replace(farmers, register_id=BUILDERS)


@asynccontextmanager
async def relaying(world: Farmers, limits: RoadLimits) -> AsyncIterator[None]:
    """Run a relay."""
    relay = world.relay(limits=limits, poll_interval=0.2, retry_delay=0.2)
    running = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        relay.stop()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await running


async def a_vouch(world: Farmers) -> tuple[Builder, Builder]:
    """Somebody who has shipped a project, and who has confirmed to have worked on it."""
    async with world.sessions.begin() as session:
        owner, other = [await a_builder(session) for _ in range(2)]
        project = await a_project(session, owner, ProjectStatus.SHIPPED)
        await confirmed_on(session, project, owner, other)
    return owner, other


@pytest.mark.parametrize("limits", ROADS)
async def test_what_builders_do_is_in_their_scores_with_what_these_are_made_of(
    world: Farmers, limits: RoadLimits
) -> None:
    owner, other = await a_vouch(world)

    async with relaying(world, limits):
        for one in (owner, other):
            await world.until_statuses(one.user_id, BUILDER_SCORE="COMPLETED")

    assert await copies(world.sessions) == {owner.user_id: 125, other.user_id: 25}
    assert await points_of(world, owner) == {"shipped_projects": 100, "vouches": 25, "impact": 0, "key_fields": 0}
    assert await points_of(world, other) == {"shipped_projects": 0, "vouches": 25, "impact": 0, "key_fields": 0}
    on_record_road = await world.client.count_workflows(f"WorkflowId = 'score-record:builders:{owner.user_id}'")
    assert on_record_road.count == (0 if limits is BATCHES_ONLY else 1)


async def points_of(world: Farmers, one: Builder) -> dict[str, int]:
    """What each term of the one score that the builder ever had has added."""
    [row] = await history_of(world.sessions, one.user_id)
    assert row.breakdown is not None
    assert row.computed_score == sum(term["points"] for term in row.breakdown.values())
    return {name: term["points"] for name, term in row.breakdown.items()}


@pytest.mark.parametrize("limits", ROADS)
async def test_scores_of_the_registry_beside_them_have_no_breakdown(farmers: Farmers, limits: RoadLimits) -> None:
    record = await farmers.approve()

    async with relaying(farmers, limits):
        await farmers.until_statuses(record, FSF_SCORE="COMPLETED", PMT_SCORE="COMPLETED")

    histories = [await farmers.history(record, score_type) for score_type in ("FSF_SCORE", "PMT_SCORE")]
    assert [[row.breakdown for row in history] for history in histories] == [[None], [None]]


async def test_a_recomputation_of_the_builders_asks_for_every_user_and_ends(world: Farmers) -> None:
    some = await builders(world.sessions, 7)
    async with world.sessions.begin() as session:
        await a_project(session, some[0])
    # as if imported, of which no trigger has told
    await world.execute("UPDATE projects SET status = 'shipped', shipped_at = now()")
    await world.execute("DELETE FROM g2p_score_compute_queue")
    async with world.sessions.begin() as session:
        [asked] = await ask_for_recomputation(session, FACTS, RecomputationWanted([BUILDER_SCORE]))

    async with relaying(world, RoadLimits()):
        ended = await until_ended(world, asked.recomputation_id)

    assert ended.status is RecomputationStatus.COMPLETED
    assert (ended.progress.total, ended.progress.requested, ended.progress.failed) == (7, 7, 0)
    assert await copies(world.sessions) == dict.fromkeys([one.user_id for one in some], 0) | {some[0].user_id: 100}
    for one in some:
        [row] = await history_of(world.sessions, one.user_id)
        assert (row.triggered_by_cr_id, row.breakdown is not None) == (asked.recomputation_id, True)


async def until_ended(world: Farmers, recomputation_id: str) -> Recomputation:
    """Wait until it has ended."""

    async def look() -> Recomputation:
        async with world.sessions() as session:
            return await get_recomputation(session, recomputation_id)

    async def has_ended() -> bool:
        return not (await look()).status.is_active

    await until(has_ended)
    return await look()
