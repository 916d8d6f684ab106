"""One tick of the relay: what is pending becomes one signal-with-start a record, and is marked."""

import socket
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType

from objects import a_request, wide_roads
from postgres_sessions import claim_for_records
from relay.signals import Answer, SignalSender
from scoring.messages import ScoresRequested
from scoring.weighted_attributes import FROZEN_WEIGHTS
from steadyscore.temporal import connect
from store.outbox import RecordRequests
from temporal_fakes.connections import settings_for
from temporal_fakes.registered import AN_HOUR_IN_SECONDS, THREE_QUICK_ATTEMPTS, Farmers

SIGNALED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED


async def test_a_record_costs_one_signal_however_many_score_types_it_has(farmers: Farmers) -> None:
    record = await farmers.approve()

    claimed = await farmers.relay().tick()

    assert claimed
    assert await farmers.signals(record) == 1
    requests = await farmers.requests(record)
    assert {request.compute_status for request in requests.values()} == {"PROCESSING"}
    assert all(request.signaled_sequence == request.sequence for request in requests.values())


async def test_approvals_before_a_tick_cost_one_signal_with_the_latest_of_them(farmers: Farmers) -> None:
    record = await farmers.approve()
    for income in range(1, 6):
        await farmers.approve({"income": income}, record)

    await farmers.relay().tick()

    assert await farmers.signals(record) == 1
    assert (await farmers.requests(record))["PMT_SCORE"].contributing_attribute_values["income"] == 5
    assert await farmers.statuses(record) == {"FSF_SCORE": "PROCESSING", "PMT_SCORE": "PROCESSING"}


async def test_a_record_is_signaled_once_a_signal_interval_at_most(farmers: Farmers) -> None:
    relay = farmers.relay(signal_interval=AN_HOUR_IN_SECONDS)
    record = await farmers.approve()
    await relay.tick()
    await farmers.approve({"income": 1}, record)

    claimed = await relay.tick()
    claimed_by_another = await farmers.relay().tick()

    assert (claimed, claimed_by_another) == (False, False)
    assert await farmers.signals(record) == 1
    await farmers.let_every_wait_end()
    await relay.tick()
    assert await farmers.signals(record) == 2


@pytest.mark.parametrize("locally", [True, False])
async def test_i6_only_what_is_known_to_be_arithmetic_is_asked_for_as_such(farmers: Farmers, *, locally: bool) -> None:
    weights = {FROZEN_WEIGHTS: [{"attribute_name": "income", "attribute_weightage": 1.0}]}
    configs: dict[str, dict[str, Any]] = {"PMT_SCORE": {}, "NOBODY_SERVES_IT": {}, "WEIGHTED_SCORE": weights}
    requests = [a_request(1, score_type, score_config=config) for score_type, config in configs.items()]
    sender = SignalSender(farmers.client, THREE_QUICK_ATTEMPTS, locally=locally)

    await sender.send(RecordRequests(farmers.register_id, "A", requests))

    [signal] = [event for event in (await farmers.run_of("A").fetch_history()).events if event.event_type == SIGNALED]
    payloads = signal.workflow_execution_signaled_event_attributes.input.payloads
    [message] = await farmers.client.data_converter.decode(payloads, [ScoresRequested])
    assert {request.score_type: request.instantaneous for request in message.requests} == {
        "PMT_SCORE": locally,
        "NOBODY_SERVES_IT": False,
        "WEIGHTED_SCORE": locally,
    }


async def test_i2_while_temporal_is_away_approvals_go_on_and_are_signaled_later(farmers: Farmers) -> None:
    away = SignalSender(await connect(settings_for(f"127.0.0.1:{a_closed_port()}")), THREE_QUICK_ATTEMPTS)
    record = await farmers.approve()

    claimed = await farmers.relay(away, retry_delay=AN_HOUR_IN_SECONDS).tick()
    await farmers.approve({"income": 1}, record)

    assert claimed
    assert await farmers.statuses(record) == {"FSF_SCORE": "PENDING", "PMT_SCORE": "PENDING"}
    assert await farmers.relay().tick() is False  # not before the delay
    await farmers.let_every_wait_end()
    await farmers.relay().tick()
    assert await farmers.statuses(record) == {"FSF_SCORE": "PROCESSING", "PMT_SCORE": "PROCESSING"}
    assert await farmers.signals(record) == 1


def a_closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def test_a_claim_keeps_other_relays_away_until_its_lease_ends(farmers: Farmers) -> None:
    record = await farmers.approve()
    async with farmers.sessions.begin() as session:
        await claim_for_records(session, wide_roads(), timedelta(hours=1))

    claimed = await farmers.relay().tick()

    assert not claimed
    await farmers.let_every_wait_end()
    assert await farmers.relay().tick()
    assert await farmers.signals(record) == 1


@dataclass(frozen=True, kw_only=True)
class ApprovesMeanwhile(SignalSender):
    """Sends, and before it is heard that it did, somebody approves another change."""

    farmers: Farmers
    record: str

    async def send(self, record: RecordRequests) -> list[tuple[RecordRequests, Answer]]:
        """Send and approve."""
        answer = await super().send(record)
        await self.farmers.approve({"income": 1}, self.record)
        return answer


async def test_an_approval_between_claim_and_mark_stays_pending(farmers: Farmers) -> None:
    record = await farmers.approve()
    relay = farmers.relay(
        ApprovesMeanwhile(farmers.client, THREE_QUICK_ATTEMPTS, farmers=farmers, record=record), signal_interval=0
    )

    await relay.tick()

    assert await farmers.statuses(record) == {"FSF_SCORE": "PENDING", "PMT_SCORE": "PENDING"}
    await farmers.relay().tick()
    assert await farmers.statuses(record) == {"FSF_SCORE": "PROCESSING", "PMT_SCORE": "PROCESSING"}
    assert await farmers.signals(record) == 2
