"""The batch road from approval to score."""

from store.roads import RoadLimits
from temporal_fakes.registered import Farmers, until

OPEN = "SELECT count(*) FROM g2p_score_compute_queue WHERE compute_status <> 'COMPLETED'"
HISTORY = "SELECT count(*) FROM g2p_register_score_history"
BATCHES_ONLY = RoadLimits(max_open_records=0)


async def test_what_is_due_is_scored_in_a_batch_without_a_run_for_any_record(farmers: Farmers, worker: None) -> None:
    del worker
    records = [await farmers.approve() for _ in range(20)]
    relay = farmers.relay(limits=BATCHES_ONLY)

    async def nothing_is_open() -> bool:
        await relay.tick()
        return bool(await farmers.execute(OPEN) == 0)

    await until(nothing_is_open)

    assert await farmers.execute(HISTORY) == 2 * len(records)
