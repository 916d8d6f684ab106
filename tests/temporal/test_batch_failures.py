"""Batches whose service hangs or is away, and batches that lose their worker."""

from dataclasses import replace
from pathlib import Path

from temporalio.client import Client

from objects import wide_roads
from relay.signals import SignalSender
from scoring.names import score_batch_workflow_id
from steadyscore.run_worker import working
from steadyscore.settings import Settings
from store.database import SessionFactory
from temporal_fakes.plugins import installed_services
from temporal_fakes.registered import THREE_QUICK_ATTEMPTS, Farmers, until

BATCHES_ONLY = wide_roads(max_open_records=0)
IMPATIENT = replace(THREE_QUICK_ATTEMPTS, timeout=0.2)
OPEN = "SELECT count(*) FROM g2p_score_compute_queue WHERE compute_status <> 'COMPLETED'"
BATCH_ID = "SELECT DISTINCT batch_id FROM g2p_score_compute_queue WHERE batch_id IS NOT NULL"
BATCH_FAILED = "SELECT count(*) FROM g2p_score_compute_queue WHERE batch_failed"
# more than what makes an outage of some failures
RECORDS = 12


async def attempts(farmers: Farmers, batch_id: str) -> int:
    """At which attempt the batch's computation is."""
    run = farmers.client.get_workflow_handle(score_batch_workflow_id(farmers.register_id, batch_id))
    pending = (await run.describe()).raw_description.pending_activities
    return max((activity.attempt for activity in pending), default=0)


async def nothing_is_open(farmers: Farmers) -> bool:
    return bool(await farmers.execute(OPEN) == 0)


async def test_i9_a_formula_that_hangs_ends_with_its_timeout_and_goes_to_the_record_road(
    farmers: Farmers, worker: None, tmp_path: Path
) -> None:
    del worker
    with installed_services(tmp_path, {"HANGS": "await asyncio.sleep(3600)"}):
        await farmers.define("HANGS", contributing_attributes=("income",), score_config={})
        record = await farmers.approve()
        relay = farmers.relay(SignalSender(farmers.client, IMPATIENT), limits=BATCHES_ONLY)

        async def has_failed() -> bool:
            await relay.tick()
            return (await farmers.statuses(record))["HANGS"] == "FAILED"

        await until(has_failed)

    assert (await farmers.requests(record))["HANGS"].compute_latest_error_code == "TimeoutError"


async def test_a_service_that_is_away_makes_the_batch_wait_and_no_run_for_each_record(
    farmers: Farmers, worker: None, tmp_path: Path
) -> None:
    del worker
    back = tmp_path / "back"
    body = f"from pathlib import Path\nif not Path({str(back)!r}).exists(): raise ConnectionError\nreturn 1.0"
    with installed_services(tmp_path, {"AWAY": body}):
        await farmers.define("AWAY", contributing_attributes=("income",), score_config={})
        for _ in range(RECORDS):
            await farmers.approve()
        await farmers.relay(limits=BATCHES_ONLY).tick()
        batch_id = await farmers.execute(BATCH_ID)

        async def was_tried_again() -> bool:
            return await attempts(farmers, batch_id) > 1

        await until(was_tried_again)
        handed_on = await farmers.execute(BATCH_FAILED)
        back.touch()
        await until(lambda: nothing_is_open(farmers))

    assert handed_on == 0


async def test_i1_i5_a_batch_that_loses_its_worker_is_computed_by_the_next_one(
    farmers: Farmers, temporal: Client, sessions: SessionFactory, tmp_path: Path
) -> None:
    settings = Settings(_env_file=None, worker_graceful_shutdown=0.1)
    begun = tmp_path / "begun"
    body = f"""
        from pathlib import Path
        if not Path({str(begun)!r}).exists():
            Path({str(begun)!r}).touch()
            await asyncio.sleep(3600)
        return 1.0
        """
    with installed_services(tmp_path, {"SLOW": body}):
        await farmers.define("SLOW", contributing_attributes=("income",), score_config={})
        record = await farmers.approve()
        async with working(temporal, sessions, settings):
            await farmers.relay(limits=BATCHES_ONLY).tick()

            async def has_begun() -> bool:
                return begun.exists()

            await until(has_begun)
        async with working(temporal, sessions, settings):
            await until(lambda: nothing_is_open(farmers))

    assert len(await farmers.history(record, "SLOW")) == 1
