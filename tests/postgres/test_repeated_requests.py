"""The trigger again: what a newer approval does to a request that is there, what it costs, and when it is heard."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from objects import AN_ACTOR, FSF_CONFIG, a_stored_definition, an_approved_change, an_id, register_facts
from postgres_sessions import asked_for, requests_of, set_requests
from scoring.names import SCORES_REQUESTED_CHANNEL
from store.database import SessionFactory
from store.definition_tables import G2PRegisterScoreContributingAttribute, G2PRegisterScoreDefinition
from store.definitions import DefinitionChange, get_definition, update_definition
from store.notifications import listen_for_requests
from store.requests import request_scores


@pytest.fixture
async def defined(sessions: SessionFactory) -> SessionFactory:
    """A register with both score types."""
    async with sessions.begin() as session:
        await a_stored_definition(session, "PMT_SCORE")
        await a_stored_definition(session, "FSF_SCORE")
    return sessions


async def test_a_newer_approval_takes_the_place_of_the_one_before(defined: SessionFactory) -> None:
    first = await asked_for(defined, "A", change_request_id="CR-1")
    async with defined.begin() as session:
        definition = await get_definition(session, first.score_definition_id)
        weights: dict[str, Any] = {"weights": {"income": 1}}
        await update_definition(
            session, AN_ACTOR, definition.score_definition_id, DefinitionChange(score_config=weights), register_facts()
        )

    second = await asked_for(defined, "A", change_request_id="CR-2", record_attributes={"income": 1})

    assert second.change_request_id == "CR-2"
    assert second.sequence > first.sequence
    assert second.contributing_attribute_values == {"income": 1}
    assert (second.definition_version, second.score_config) == (2, weights)
    assert len(await requests_of(defined, "A")) == 2


async def test_an_approval_leaves_the_requests_that_it_does_not_touch_as_they_are(defined: SessionFactory) -> None:
    before = await asked_for(defined, "A", "FSF_SCORE")

    await asked_for(defined, "A", change_payload={"assets.land_area": 1})

    assert (await requests_of(defined, "A"))["FSF_SCORE"].sequence == before.sequence


@pytest.mark.parametrize(
    "state",
    [
        pytest.param({"compute_status": "FAILED", "compute_latest_error_code": "ScoreInputError"}, id="failed"),
        pytest.param({"compute_status": "COMPLETED"}, id="completed"),
        pytest.param({"compute_status": "PROCESSING"}, id="processing"),
        pytest.param({"compute_status": "PENDING", "compute_latest_error_code": "SignalRefused"}, id="pending"),
    ],
)
async def test_a_newer_approval_makes_a_request_pending_without_errors(
    defined: SessionFactory, state: dict[str, Any]
) -> None:
    first = await asked_for(defined, "A")
    done = {"signaled_sequence": first.sequence, "computed_sequence": first.sequence}
    await set_requests(defined, "A", compute_latest_error_message="why", **state, **done)

    await asked_for(defined, "A")

    request = (await requests_of(defined, "A"))["PMT_SCORE"]
    assert request.compute_status == "PENDING"
    assert (request.compute_latest_error_code, request.compute_latest_error_message) == (None, None)
    assert (request.signaled_sequence, request.computed_sequence) == (first.sequence, first.sequence)


async def test_a_request_that_is_pending_keeps_the_time_since_when_it_is(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    before = (await requests_of(defined, "A"))["PMT_SCORE"]

    await asked_for(defined, "A")

    after = (await requests_of(defined, "A"))["PMT_SCORE"]
    assert after.pending_since == before.pending_since
    assert after.compute_latest_timestamp > before.compute_latest_timestamp


@pytest.mark.parametrize("status", ["PROCESSING", "COMPLETED", "FAILED"])
async def test_a_request_that_was_not_pending_is_pending_since_now(defined: SessionFactory, status: str) -> None:
    await asked_for(defined, "A")
    before = (await requests_of(defined, "A"))["PMT_SCORE"]
    await set_requests(defined, "A", compute_status=status)

    await asked_for(defined, "A")

    assert (await requests_of(defined, "A"))["PMT_SCORE"].pending_since > before.pending_since


async def test_a_newer_approval_does_not_hurry_the_next_signal(defined: SessionFactory) -> None:
    await asked_for(defined, "A")
    await set_requests(defined, "A", signal_after=text("now() + interval '1 hour'"))
    before = (await requests_of(defined, "A"))["PMT_SCORE"]

    await asked_for(defined, "A")

    assert (await requests_of(defined, "A"))["PMT_SCORE"].signal_after == before.signal_after


async def test_an_approval_that_is_rolled_back_leaves_nothing(defined: SessionFactory) -> None:
    before = await asked_for(defined, "A")

    async with defined() as session:
        await request_scores(session, an_approved_change(internal_record_id="A", change_request_id="CR-2"))
        await request_scores(session, an_approved_change(internal_record_id="B"))
        await session.rollback()

    assert (await requests_of(defined, "A"))["PMT_SCORE"].sequence == before.sequence
    assert await requests_of(defined, "B") == {}


@pytest.fixture
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """Every statement sent to PostgreSQL."""
    sent: list[str] = []

    def record(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", record)
    yield sent
    event.remove(engine.sync_engine, "before_cursor_execute", record)


async def define(sessions: SessionFactory, count: int) -> None:
    """So many definitions on income, which half of them weigh."""
    async with sessions.begin() as session:
        for number in range(count):
            definition = G2PRegisterScoreDefinition(
                register_id="farmers",
                score_type=f"SCORE_{number}",
                contributing_attributes=["income"],
                score_config=FSF_CONFIG,
                debounce={"quiet_period": 0, "max_wait": 0},
            )
            session.add(definition)
            await session.flush()
            if number % 2:
                its_id = definition.score_definition_id
                session.add(
                    G2PRegisterScoreContributingAttribute(
                        score_definition_id=its_id, attribute_name="income", attribute_weightage=1.0
                    )
                )


@pytest.mark.parametrize(
    ("definitions", "changes", "count"),
    [
        pytest.param(30, {}, 2, id="thirty definitions, all touched"),
        pytest.param(1, {}, 2, id="one definition"),
        pytest.param(30, {"change_payload": {"phone": "1"}}, 1, id="thirty definitions, none touched"),
        pytest.param(0, {}, 1, id="no definition"),
        pytest.param(30, {"register_purpose": "TABLE"}, 0, id="a register without scores"),
    ],
)
async def test_the_trigger_adds_at_most_two_statements(
    sessions: SessionFactory, statements: list[str], definitions: int, changes: dict[str, Any], count: int
) -> None:
    await define(sessions, definitions)
    async with sessions() as session:
        await session.execute(text("SELECT 1"))
        statements.clear()

        await request_scores(session, an_approved_change(**changes))
        await session.commit()

    assert len(statements) == count


async def test_a_request_for_thirty_scores_is_stored_for_each(sessions: SessionFactory) -> None:
    await define(sessions, 30)
    record = an_id()

    async with sessions.begin() as session:
        asked = await request_scores(session, an_approved_change(internal_record_id=record))

    assert sorted(await requests_of(sessions, record)) == sorted(asked)
    assert len(asked) == 30


@pytest.fixture
async def heard(engine: AsyncEngine) -> AsyncIterator[asyncio.Queue[str]]:
    """The channels of notifications in the order in which they come."""
    channels: asyncio.Queue[str] = asyncio.Queue()

    def listen(_connection: Any, _pid: int, channel: str, _payload: str) -> None:
        channels.put_nowait(channel)

    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for channel in (SCORES_REQUESTED_CHANNEL, "marker"):
            await driver.add_listener(channel, listen)
        yield channels
        for channel in (SCORES_REQUESTED_CHANNEL, "marker"):
            await driver.remove_listener(channel, listen)


async def notify_marker(sessions: SessionFactory) -> None:
    """Notify of something else; it comes after all that was committed before."""
    async with sessions.begin() as session:
        await session.execute(text("NOTIFY marker"))


async def test_an_approval_is_heard_when_it_commits_and_not_before(
    defined: SessionFactory, heard: asyncio.Queue[str]
) -> None:
    async with defined() as approving:
        await request_scores(approving, an_approved_change())
        await notify_marker(defined)
        before_the_commit = await heard.get()
        await approving.commit()

    assert before_the_commit == "marker"
    assert await heard.get() == SCORES_REQUESTED_CHANNEL


async def test_an_approval_that_is_rolled_back_or_touches_no_score_is_not_heard(
    defined: SessionFactory, heard: asyncio.Queue[str]
) -> None:
    async with defined() as session:
        await request_scores(session, an_approved_change())
        await session.rollback()
        await request_scores(session, an_approved_change(change_payload={"phone": "1"}))
        await session.commit()
    await notify_marker(defined)

    assert await heard.get() == "marker"


async def test_a_listening_relay_is_woken(defined: SessionFactory, database_url: str) -> None:
    async with listen_for_requests(database_url) as listener:
        async with defined.begin() as session:
            await request_scores(session, an_approved_change())

        await listener.heard.wait()

        listener.require_connected()


async def test_a_listener_that_lost_its_connection_wakes_up_and_says_so(
    sessions: SessionFactory, database_url: str
) -> None:
    end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> :own")
    async with listen_for_requests(database_url) as listener:
        async with sessions.begin() as session:
            own = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await session.execute(end, {"own": own})

        await listener.heard.wait()

        with pytest.raises(ConnectionError, match="was lost"):
            listener.require_connected()
