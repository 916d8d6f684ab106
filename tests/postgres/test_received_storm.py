"""Hooks at once: repeated, shuffled and beside relay, worker and recomputation, they end in the source's last state."""

import asyncio
import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from fed_registers import SENDER, Fed, a_fed_register
from objects import FARMER, FSF_ATTRIBUTES, PMT_ATTRIBUTES, a_computed_score, wide_roads
from postgres_sessions import backend_pid, claim_for_records, requests_of, until_waiting
from recompute_registers import Recomputed
from registry.attributes import merge
from registry.received_changes import ChangeElsewhere, receive_change
from scoring.attributes import snapshot, touches
from scoring.errors import ChangeRequestExists
from scoring.messages import ScoreOutcomes
from store.database import SessionFactory
from store.outbox import RecordRequests, mark_signaled
from store.score_states import list_score_states
from store.scores import list_history, save_outcomes
from store.tables import G2PRegisterScoreHistory

RECORDS, CHANGES, CONNECTIONS = ("A", "B", "C"), 30, 8
CONTRIBUTING = {"FSF_SCORE": FSF_ATTRIBUTES, "PMT_SCORE": PMT_ATTRIBUTES}
SEEDS = [1, 2, 3]


@dataclass
class Source:
    """The registry that the records come from: its changes, and their last state."""

    fed: Fed
    changes: list[ChangeElsewhere] = field(default_factory=list)
    state: dict[str, dict[str, Any]] = field(default_factory=dict)

    def approve(self, chance: random.Random) -> None:
        """Change something of one record."""
        record, number = chance.choice(RECORDS), len(self.changes)
        possible: dict[str, Any] = {
            "income": number,
            "assets.land_area": number,
            "household.member_count": number,
            "phone": str(number),
        }
        payload: dict[str, Any] = dict(chance.sample(sorted(possible.items()), chance.randint(1, 2)))
        before = self.state.get(record)
        self.state[record] = merge(FARMER, payload) if before is None else merge(before, payload)
        change = self.fed.change(number + 1, items=[payload], record_attributes=self.state[record])
        self.changes.append(replace(change, internal_record_id=record))

    def latest_touching(self, record: str, score_type: str) -> int:
        """The last change of the record whose payload touched the score type, 0 where none did."""
        of_record = [change for change in self.changes if change.internal_record_id == record]
        touching = [change for change in of_record if touches(change.items[0], CONTRIBUTING[score_type])]
        return max((change.source_sequence for change in touching), default=0)


async def a_source(sessions: SessionFactory, chance: random.Random) -> Source:
    """A registry with some changes."""
    source = Source(await a_fed_register(sessions))
    for _ in range(CHANGES):
        source.approve(chance)
    return source


async def deliver(source: Source, chance: random.Random) -> None:
    """Every change one to three times, in any order, many at once."""
    deliveries = [change for change in source.changes for _ in range(chance.randint(1, 3))]
    chance.shuffle(deliveries)
    waiting = iter(deliveries)

    async def send() -> None:
        for change in waiting:
            await source.fed.receive(change)

    await asyncio.gather(*(send() for _ in range(CONNECTIONS)))


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_the_order_the_last_state_is_stored_and_asked_for(sessions: SessionFactory, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - an order
    source = await a_source(sessions, chance)

    await deliver(source, chance)

    assert len(await source.fed.received()) == CHANGES
    for name, state in source.state.items():
        record, requests = await source.fed.record(name), await requests_of(sessions, name)
        assert record.attributes == state
        assert record.source_sequence == max(c.source_sequence for c in source.changes if c.internal_record_id == name)
        assert requests.keys() == CONTRIBUTING.keys()
        for score_type, request in requests.items():
            assert request.contributing_attribute_values == snapshot(state, CONTRIBUTING[score_type])
            named = int(request.change_request_id.removeprefix("CR-"))
            assert named >= source.latest_touching(name, score_type)


async def relay_and_score(sessions: SessionFactory, delivered: asyncio.Event) -> None:
    """Claim, mark and save, each score its income, until everything is delivered and nothing is pending."""
    while True:
        last_look = delivered.is_set()
        async with sessions.begin() as session:
            claimed = await claim_for_records(session, wide_roads(records_per_tick=3), timedelta(0))
        if last_look and not claimed:
            return
        async with sessions.begin() as session:
            await mark_signaled(session, claimed, timedelta(0))
        await asyncio.gather(*(save(sessions, record) for record in claimed))


async def save(sessions: SessionFactory, record: RecordRequests) -> None:
    """The scores of a record, each its income."""
    computed = [a_computed_score(one, one.contributing_attribute_values["income"]) for one in record.requests]
    async with sessions.begin() as session:
        await save_outcomes(session, ScoreOutcomes(record.register_id, record.internal_record_id, computed))


async def recompute(fed: Fed, delivered: asyncio.Event) -> int:
    """Recompute PMT_SCORE again and again; how many records were looked at."""
    register = Recomputed(fed.sessions, fed.register_id, "")
    looked_at = 0
    while not delivered.is_set():
        await register.ask()
        await register.execute("UPDATE g2p_score_recomputations SET last_record_id = '', all_requested = false")
        looked_at += await register.page(2)
    return looked_at


async def test_beside_relay_worker_and_recomputation_nothing_locks_the_other_out(sessions: SessionFactory) -> None:
    chance = random.Random(4)  # noqa: S311 - an order
    source = await a_source(sessions, chance)
    delivered = asyncio.Event()
    beside = asyncio.gather(relay_and_score(sessions, delivered), recompute(source.fed, delivered))

    await deliver(source, chance)
    delivered.set()
    _, looked_at = await beside

    assert looked_at > 0
    async with sessions() as session:
        states = await list_score_states(session, source.state)
        for name, state in source.state.items():
            assert {score.score_type: score.computed_score for score in states[name]} == dict.fromkeys(
                CONTRIBUTING, state["income"]
            )
            for score_type in CONTRIBUTING:
                history = await list_history(session, name, score_type)
                assert len({row.sequence for row in history}) == len(history)
                assert_never_an_earlier_change(history)


def assert_never_an_earlier_change(history: list[G2PRegisterScoreHistory]) -> None:
    """Scores, newest first, name later and later changes; between them there may be recomputations."""
    named = [row.triggered_by_cr_id for row in reversed(history)]
    changes = [int(one.removeprefix("CR-")) for one in named if one.startswith("CR-")]
    assert changes == sorted(changes), named


@pytest.mark.parametrize("received_before", [0, 1], ids=["a new record", "a known record"])
async def test_a_late_change_waits_for_the_newer_one_under_way_and_leaves_it_alone(
    sessions: SessionFactory, received_before: int
) -> None:
    fed = await a_fed_register(sessions)
    for sequence in range(1, received_before + 1):
        await fed.receive(fed.change(sequence))

    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        await receive_change(first, fed.change(3, 3500), SENDER)
        racing = asyncio.create_task(receive_change(second, fed.change(2, 9999), SENDER))
        await until_waiting(sessions, waiting)
        await first.commit()
        receipt = await racing
        await second.commit()

    assert (receipt.is_latest, receipt.requested_score_types) == (False, [])
    assert (await fed.record()).attributes == FARMER | {"income": 3500}


async def test_a_newer_change_waits_for_the_late_one_that_asks_for_scores_on_the_attributes_before_it(
    sessions: SessionFactory,
) -> None:
    fed = await a_fed_register(sessions)
    await fed.receive(fed.change(2))

    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        await receive_change(first, fed.change(1, items=[{"phone": "1"}]), SENDER)
        racing = asyncio.create_task(receive_change(second, fed.change(3, 3500), SENDER))
        await until_waiting(sessions, waiting)
        await first.commit()
        await racing
        await second.commit()

    assert (await fed.record()).source_sequence == 3


async def test_where_the_first_is_rolled_back_its_repetition_is_no_duplicate(sessions: SessionFactory) -> None:
    fed = await a_fed_register(sessions)

    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        await receive_change(first, fed.change(1), SENDER)
        racing = asyncio.create_task(receive_change(second, fed.change(1), SENDER))
        await until_waiting(sessions, waiting)
        await first.rollback()
        receipt = await racing
        await second.commit()

    assert not receipt.duplicate
    assert (await fed.record()).version == 1


async def test_one_change_request_for_two_records_at_once_is_taken_for_the_first(sessions: SessionFactory) -> None:
    fed = await a_fed_register(sessions)

    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        await receive_change(first, fed.change(1), SENDER)
        racing = asyncio.create_task(receive_change(second, fed.change(1, internal_record_id="B"), SENDER))
        await until_waiting(sessions, waiting)
        await first.commit()
        with pytest.raises(ChangeRequestExists):
            await racing

    assert await fed.received() == [("CR-1", "A", 1)]
