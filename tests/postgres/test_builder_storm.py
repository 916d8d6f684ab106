"""Builders ship, vouch and leave while both roads and a recomputation run: no deadlock, and nothing is lost."""

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta

from activities.services import Computation, Computed, ServiceRunner
from builders.attributes import count_attributes
from builders.collaborations import confirm, invite, remove
from builders.projects import NewProject, create_project
from builders.register import BUILDER_SCORE, BUILDERS, FACTS
from builders.score import explain
from builders.tables import ProjectStatus
from builders.users import ProfileChange, update_profile
from builders_world import Builder, builders
from objects import NO_WINDOW, wide_roads
from persisted_builders import copies, history_of, persist, score_of
from postgres_sessions import claim_due, claim_records, requests_of
from scored_builders import ScoredBuilders
from scoring.batch_messages import ComputedBatch, ScoresOfBatch
from scoring.json_values import JsonObject
from scoring.messages import ComputedScore, ScoreOutcomes
from steadyscore.domains import RECORDS
from store.batches import Batch, load_batch
from store.database import SessionFactory
from store.outbox import RecordRequests
from store.recomputation_pages import request_page
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation

BUILDERS_AT_IT, EVENTS, CONNECTIONS = 5, 60, 6
SEED = 7
A_BLINK = timedelta(0)


async def act(sessions: SessionFactory, chance: random.Random, some: list[Builder]) -> None:
    """Something that changes a score or two, in one transaction."""
    one, other = chance.sample(some, 2)
    async with sessions.begin() as session:
        if chance.random() < 0.3:
            await update_profile(session, one.actor, ProfileChange(bio=str(chance.random())))
            return
        project = await create_project(session, one.actor, NewProject("P", status=ProjectStatus.SHIPPED))
    async with sessions.begin() as session:
        await invite(session, one.actor, project.project_id, other.user_id)
        await confirm(session, other.actor, project.project_id)
    if chance.random() < 0.3:
        async with sessions.begin() as session:
            await remove(session, one.actor, project.project_id, other.user_id)


async def act_on(sessions: SessionFactory, events: Iterator[int], some: list[Builder]) -> None:
    """Until nothing is left to do."""
    for number in events:
        await act(sessions, random.Random(SEED + number), some)  # noqa: S311 - the same storm each time


async def compute(values: JsonObject, config: JsonObject) -> Computed:
    """As a worker does."""
    return await ServiceRunner(1).run(Computation(BUILDER_SCORE, "", values, config), 20)


async def of_record(record: RecordRequests) -> ScoreOutcomes:
    """What a run of the record road brings."""
    [request] = record.requests
    computed = await compute(request.contributing_attribute_values, request.score_config)
    score = ComputedScore(request, computed.score, computed.formula_name, computed.formula_version, computed.breakdown)
    return ScoreOutcomes(BUILDERS, record.internal_record_id, [score])


async def of_batch(sessions: SessionFactory, batch: Batch) -> ComputedBatch:
    """What a run of the batch road brings."""
    async with sessions() as session:
        rows = await load_batch(session, batch.batch_id, batch.score_types, ("", ""), 100)
    computed = [await compute(row.contributing_attribute_values, row.score_config) for row in rows]
    part = ScoresOfBatch("f", "1", [row.sequence for row in rows], [one.score for one in computed])
    return ComputedBatch(batch.batch_id, [part], register_id=BUILDERS)


async def go_on(sessions: SessionFactory, some: list[Builder], over: asyncio.Event) -> bool:
    """Whether something is still to come, or to be stored."""
    if not over.is_set():
        return True
    requests = [(await requests_of(sessions, one.user_id))[BUILDER_SCORE] for one in some]
    return {request.compute_status for request in requests} != {"COMPLETED"}


async def record_road(sessions: SessionFactory, some: list[Builder], over: asyncio.Event) -> None:
    """A relay and workers of the record road."""
    while await go_on(sessions, some, over):
        claimed = await claim_records(sessions, wide_roads(records_per_tick=2), A_BLINK)
        await asyncio.gather(*[persist(sessions, await of_record(record)) for record in claimed])


async def batch_road(sessions: SessionFactory, some: list[Builder], over: asyncio.Event) -> None:
    """A relay and workers of the batch road."""
    while await go_on(sessions, some, over):
        claimed = await claim_due(sessions, wide_roads(batch_size=3), A_BLINK)
        await asyncio.gather(*[persist(sessions, await of_batch(sessions, batch)) for batch in claimed])


async def recompute(sessions: SessionFactory, over: asyncio.Event) -> None:
    """One recomputation after the other."""
    while not over.is_set():
        async with sessions.begin() as session:
            await ask_for_recomputation(session, FACTS, RecomputationWanted())
        async with sessions.begin() as session:
            await request_page(session, BUILDERS, BUILDER_SCORE, RECORDS, 3)


async def test_i1_every_event_of_a_storm_is_in_the_scores_and_their_copies(sessions: SessionFactory) -> None:
    scored = ScoredBuilders(sessions)
    config = (await scored.change_definition(debounce=NO_WINDOW)).score_config
    some = await builders(sessions, BUILDERS_AT_IT)
    over, events = asyncio.Event(), iter(range(EVENTS))
    roads = [road(sessions, some, over) for road in (record_road, batch_road)]
    running = asyncio.gather(*roads, recompute(sessions, over))

    await asyncio.gather(*(act_on(sessions, events, some) for _ in range(CONNECTIONS)))
    stored_meanwhile = sum([len(await history_of(sessions, one.user_id)) for one in some])
    over.set()
    await running

    async with sessions() as session:
        attributes = await count_attributes(session, [one.user_id for one in some])
    expected = {
        user_id: sum(term.points for term in explain(counted, config)) for user_id, counted in attributes.items()
    }
    assert await copies(sessions) == expected
    assert {one.user_id: await score_of(sessions, one.user_id) for one in some} == expected
    assert len(set(expected.values())) > 1
    assert stored_meanwhile > BUILDERS_AT_IT
