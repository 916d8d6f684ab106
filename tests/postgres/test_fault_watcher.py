"""Looking at a load under way from outside: the watcher of the scores, and the wait until all has settled."""

import asyncio

import pytest

from fault_runs import Run, a_settled_run
from faults.load_settling import NotSettled, settled
from faults.oracle import Watcher
from store.database import SessionFactory


@pytest.fixture
async def run(sessions: SessionFactory, database_url: str) -> Run:
    """A load that has settled."""
    return await a_settled_run(sessions, database_url)


async def looks(watcher: Watcher) -> None:
    """Return when it has looked twice more: one look may have been under way."""
    until = watcher.looks + 2
    async with asyncio.timeout(20):
        while watcher.looks < until:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("statement", "after"),
    [
        pytest.param(
            "UPDATE g2p_register_scores SET sequence = 1 WHERE score_id = :score", 1, id="back to an older one"
        ),
        pytest.param("DELETE FROM g2p_register_scores WHERE score_id = :score", None, id="gone"),
    ],
)
async def test_the_watcher_sees_a_score_go_back(run: Run, statement: str, after: int | None) -> None:
    score = await run.a_score()
    async with Watcher(run.url, interval=0.01) as watcher:
        await looks(watcher)
        before = list(watcher.decreases)

        await run.plant(statement)
        await looks(watcher)

    [decrease] = watcher.decreases
    assert before == []
    assert (decrease.internal_record_id, decrease.before, decrease.after) == (run.named["a"], score, after)


async def test_the_watcher_sees_what_happened_while_its_connection_was_cut(run: Run) -> None:
    await run.a_score()
    async with Watcher(run.url, interval=0.01) as watcher:
        await looks(watcher)

        await run.plant(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND query LIKE '%FROM g2p_register_scores'""",
            "UPDATE g2p_register_scores SET sequence = 1 WHERE score_id = :score",
        )
        await looks(watcher)

    assert [decrease.after for decrease in watcher.decreases] == [1]


async def test_a_score_that_rises_is_no_decrease(run: Run) -> None:
    await run.a_score()
    async with Watcher(run.url, interval=0.01) as watcher:
        await looks(watcher)
        await run.plant("UPDATE g2p_register_scores SET sequence = sequence + 1 WHERE score_id = :score")
        await looks(watcher)

    assert watcher.decreases == []


async def test_what_ends_the_watcher_is_told_to_who_watches(run: Run) -> None:
    await run.plant("ALTER TABLE g2p_register_scores RENAME TO elsewhere")
    others = asyncio.all_tasks()

    with pytest.raises(Exception, match="g2p_register_scores"):
        async with Watcher(run.url, interval=0.01):
            await asyncio.wait(asyncio.all_tasks() - others, timeout=20)


async def test_what_has_settled_is_told_at_once(run: Run) -> None:
    assert await settled(run.url, timeout=60) < 60


@pytest.mark.parametrize(
    ("statement", "still_open"),
    [
        pytest.param(
            "UPDATE g2p_score_compute_queue SET compute_status = 'PENDING' WHERE compute_status = 'FAILED'",
            "1 requests, 0 recomputations",
            id="a pending request",
        ),
        pytest.param(
            "UPDATE g2p_score_compute_queue SET compute_status = 'PROCESSING' WHERE compute_status = 'FAILED'",
            "1 requests, 0 recomputations",
            id="a request that is worked on",
        ),
        pytest.param(
            "UPDATE g2p_score_recomputations SET status = 'RUNNING'",
            "0 requests, 1 recomputations",
            id="a recomputation under way",
        ),
    ],
)
async def test_what_has_not_settled_is_told_after_its_time(run: Run, statement: str, still_open: str) -> None:
    await run.plant(statement)

    with pytest.raises(NotSettled, match=still_open):
        await settled(run.url, timeout=0)


async def test_a_database_that_is_away_has_not_settled() -> None:
    with pytest.raises(NotSettled, match="does not answer"):
        await settled("postgresql://nobody@127.0.0.1:1/nothing", timeout=0)
