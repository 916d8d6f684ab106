"""Several relays, one of them dead: every record is scored once all the same."""

import asyncio
from datetime import timedelta

from temporalio.client import Client

from objects import wide_roads
from postgres_sessions import claim_for_records
from steadyscore.run_worker import working
from steadyscore.settings import Settings
from temporal_fakes.registered import Farmers, until

COMPLETED = {"FSF_SCORE": "COMPLETED", "PMT_SCORE": "COMPLETED"}
RECORDS = 50
SEVEN = wide_roads(records_per_tick=7, max_open_batches=0)

OPEN = "SELECT count(*) FROM g2p_score_compute_queue WHERE compute_status <> 'COMPLETED'"
HISTORY = "SELECT count(*) FROM g2p_register_score_history"
SCORED = "SELECT count(DISTINCT (internal_record_id, score_type)) FROM g2p_register_score_history"


async def test_two_relays_at_once_leave_no_record_behind_and_score_each_once(farmers: Farmers, worker: None) -> None:
    del worker
    relays = [farmers.relay(limits=SEVEN), farmers.relay(limits=SEVEN)]
    running = [asyncio.create_task(relay.run()) for relay in relays]
    records = [await farmers.approve() for _ in range(RECORDS)]

    async def nothing_is_open() -> bool:
        return bool(await farmers.execute(OPEN) == 0)

    await until(nothing_is_open)
    for relay in relays:
        relay.stop()
    await asyncio.gather(*running)

    assert len(records) == RECORDS
    assert await farmers.execute(HISTORY) == 2 * RECORDS
    assert await farmers.execute(SCORED) == 2 * RECORDS
    assert {await farmers.signals(record) for record in records} == {1}


async def test_i1_i3_i5_a_relay_that_dies_between_signal_and_mark_is_made_up_for_and_changes_nothing(
    farmers: Farmers, temporal: Client
) -> None:
    record = await farmers.approve()
    async with farmers.sessions.begin() as session:
        [claimed] = await claim_for_records(session, wide_roads(), timedelta(hours=1))
    await farmers.sender().send(claimed)  # this relay is no more
    assert await farmers.relay().tick() is False

    await farmers.let_every_wait_end()
    await farmers.relay().tick()
    async with working(temporal, farmers.sessions, Settings(_env_file=None)):
        await farmers.until_statuses(record, **COMPLETED)
        await farmers.run_of(record).result()

    assert await farmers.signals(record) == 2
    assert [len(await farmers.history(record, score_type)) for score_type in COMPLETED] == [1, 1]


async def test_i4_i5_a_signal_that_is_repeated_after_the_score_was_stored_changes_nothing(
    farmers: Farmers, worker: None
) -> None:
    del worker
    record = await farmers.approve()
    async with farmers.sessions.begin() as session:
        [claimed] = await claim_for_records(session, wide_roads(), timedelta(hours=1))
    await farmers.sender().send(claimed)
    await farmers.until_statuses(record, **COMPLETED)
    await farmers.run_of(record).result()
    once = {score_type: vars(score) for score_type, score in (await farmers.scores(record)).items()}

    await farmers.sender().send(claimed)
    await farmers.run_of(record).result()

    twice = {score_type: vars(score) for score_type, score in (await farmers.scores(record)).items()}
    for score_type, score in once.items():
        assert score["computed_at"] == twice[score_type]["computed_at"]
        assert len(await farmers.history(record, score_type)) == 1
    assert await farmers.statuses(record) == COMPLETED
