"""From the approval to the stored score: real database, real relay, real Temporal, real worker."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from objects import FARMER
from scoring.debounce import DebouncePolicy
from temporal_fakes.plugins import installed_services
from temporal_fakes.registered import Farmers, a_register_of_farmers, until
from temporal_fakes.runs import counted

A_WINDOW = DebouncePolicy(0.5, 0.5)
AN_HOUR = DebouncePolicy(3600, 3600)
COMPLETED = {"FSF_SCORE": "COMPLETED", "PMT_SCORE": "COMPLETED"}
NO_HOUSEHOLD = {"name": "B", "income": 5000, "assets": {"land_area": 2.1}}
PMT_OF_THE_FARMER = 0.4 * 5000 + 0.3 * 2.1 + 0.3 * 4
FSF_OF_THE_FARMER = 0.01 * 5000 + 8 * 4

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def relay(farmers: Farmers) -> AsyncIterator[None]:
    relay = farmers.relay()
    running = asyncio.create_task(relay.run())
    yield
    relay.stop()
    await running


@pytest.mark.usefixtures("relay")
async def test_an_approval_becomes_the_scores_that_the_formulas_give(farmers: Farmers) -> None:
    record = await farmers.approve()
    await farmers.until_statuses(record, **COMPLETED)

    scores = await farmers.scores(record)
    requests = await farmers.requests(record)
    assert scores["PMT_SCORE"].computed_score == pytest.approx(PMT_OF_THE_FARMER)
    assert scores["FSF_SCORE"].computed_score == pytest.approx(FSF_OF_THE_FARMER)
    for score_type, score in scores.items():
        assert score.sequence == requests[score_type].sequence == requests[score_type].computed_sequence
        assert len(await farmers.history(record, score_type)) == 1


@pytest.mark.usefixtures("relay")
async def test_a_later_approval_replaces_the_scores_and_adds_to_their_history(farmers: Farmers) -> None:
    record = await farmers.approve()
    await farmers.until_statuses(record, **COMPLETED)

    await farmers.approve({"income": 0}, record)
    await farmers.until_statuses(record, **COMPLETED)

    assert (await farmers.scores(record))["FSF_SCORE"].computed_score == 32.0
    history = await farmers.history(record, "FSF_SCORE")
    assert [row.computed_score for row in history] == [32.0, pytest.approx(FSF_OF_THE_FARMER)]


@pytest.mark.usefixtures("relay")
async def test_i6_i7_a_missing_value_fails_one_score_by_name_and_holds_up_no_other(farmers: Farmers) -> None:
    record = await farmers.approve(NO_HOUSEHOLD)
    await farmers.until_statuses(record, FSF_SCORE="FAILED", PMT_SCORE="COMPLETED")

    failed = (await farmers.requests(record))["FSF_SCORE"]
    assert failed.compute_latest_error_code == "ScoreInputError"
    assert "household.member_count" in (failed.compute_latest_error_message or "")
    assert list(await farmers.scores(record)) == ["PMT_SCORE"]

    await farmers.approve({"household": {"member_count": 4}}, record)
    await farmers.until_statuses(record, **COMPLETED)
    assert (await farmers.scores(record))["FSF_SCORE"].computed_score == pytest.approx(FSF_OF_THE_FARMER)


@pytest.mark.usefixtures("relay")
async def test_a_change_of_two_scores_costs_at_most_30_events_with_the_real_activities(farmers: Farmers) -> None:
    debounced = await a_register_of_farmers(farmers.database_url, farmers.sessions, farmers.client)
    await debounced.define("PMT_SCORE", debounce=A_WINDOW)
    await debounced.define("FSF_SCORE", debounce=A_WINDOW)

    record = await debounced.approve()
    await debounced.until_statuses(record, **COMPLETED)
    await debounced.run_of(record).result()

    events = counted((await debounced.run_of(record).fetch_history()).events)
    assert events.total() <= 30
    assert events["TIMER_STARTED"] == 1
    assert events["WORKFLOW_EXECUTION_SIGNALED"] == 1


@pytest.mark.usefixtures("relay")
async def test_i9_a_service_that_is_cancelled_from_within_ends_as_failed_and_tells_no_values(
    farmers: Farmers, tmp_path: Path
) -> None:
    with installed_services(tmp_path, {"ODD_SCORE": "raise asyncio.CancelledError(values['income'])"}):
        await farmers.define("ODD_SCORE", contributing_attributes=("income",), score_config={})
        record = await farmers.approve(FARMER | {"income": 987654321})
        await farmers.until_statuses(record, ODD_SCORE="FAILED", **COMPLETED)
        await farmers.run_of(record).result()

    failed = (await farmers.requests(record))["ODD_SCORE"]
    assert "987654321" not in (failed.compute_latest_error_message or "")
    failures = [
        event.activity_task_failed_event_attributes.failure
        for event in (await farmers.run_of(record).fetch_history()).events
    ]
    assert "987654321" not in str(failures)


ODD_WORDS = {
    "NUL in a reason": "raise ScoreInputError('income \\x00')",
    "half a character in a reason": "raise ScoreInputError('income \\ud800')",
    "3 MB of reason": "raise ScoreInputError('x' * 3_000_000)",
    "NUL in the formula's version": "type(self).formula_version = '\\x00'; return 1.0",
    "half a character in the formula's version": "type(self).formula_version = '\\ud800'; return 1.0",
    "3 MB of formula version": "type(self).formula_version = 'x' * 3_000_000; return 1.0",
}


@pytest.mark.usefixtures("relay")
@pytest.mark.parametrize("body", ODD_WORDS.values(), ids=ODD_WORDS.keys())
async def test_i9_whatever_words_a_service_finds_its_request_is_settled_and_no_other_held_up(
    farmers: Farmers, tmp_path: Path, body: str
) -> None:
    with installed_services(tmp_path, {"ODD_SCORE": body}):
        await farmers.define("ODD_SCORE", contributing_attributes=("income",), score_config={})
        record = await farmers.approve()

        async def settled() -> bool:
            return set((await farmers.statuses(record)).values()) <= {"COMPLETED", "FAILED"}

        await until(settled)

    assert set(await farmers.scores(record)) >= {"FSF_SCORE", "PMT_SCORE"}


@pytest.mark.usefixtures("relay")
async def test_i1_what_a_cancelled_run_gives_back_is_signaled_again(farmers: Farmers) -> None:
    waiting = await a_register_of_farmers(farmers.database_url, farmers.sessions, farmers.client)
    await waiting.define("PMT_SCORE", debounce=AN_HOUR)
    record = await waiting.approve()
    await waiting.until_statuses(record, PMT_SCORE="PROCESSING")
    first = (await waiting.run_of(record).describe()).run_id

    await waiting.run_of(record).cancel()

    async def another_run_has_it() -> bool:
        return bool((await waiting.run_of(record).describe()).run_id != first)

    await until(another_run_has_it)
    assert await waiting.signals(record) == 1
    await waiting.until_statuses(record, PMT_SCORE="PROCESSING")
    await waiting.run_of(record).terminate()
