"""The relay tells Temporal how urgent a run is, and whose storm it would belong to."""

import pytest
from temporalio.api.common.v1 import Priority
from temporalio.client import Client

from builders.records import lock_users
from builders.register import BUILDERS
from builders.triggers import BuilderEvent, Trigger, request_builder_scores
from builders_world import builders
from recompute_registers import a_recomputed_register
from relay.policy import RelayPolicy
from relay.relay import Relay
from relay.signals import SignalSender
from scoring.messages import ComputePolicy
from scoring.names import recompute_workflow_id, score_batch_workflow_id, score_record_workflow_id
from scoring.priorities import as_fairness_key
from store.batches import Batch
from store.database import SessionFactory
from temporal_fakes.registered import Farmers


async def priority_of_run(client: Client, workflow_id: str) -> tuple[int, str]:
    """What the latest run was started with."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    priority: Priority = history.events[0].workflow_execution_started_event_attributes.priority
    return priority.priority_key, priority.fairness_key


@pytest.mark.parametrize(
    ("events", "told"),
    [
        pytest.param([BuilderEvent.COLLABORATOR_CONFIRMED], 3, id="medium"),
        pytest.param([BuilderEvent.PROFILE_CHANGED], 4, id="low"),
        pytest.param([BuilderEvent.PROFILE_CHANGED, BuilderEvent.PROJECT_STATUS_CHANGED], 3, id="both"),
    ],
)
async def test_a_builders_run_is_as_urgent_as_the_event_and_shares_with_what_its_causer_caused(
    database_url: str, sessions: SessionFactory, temporal: Client, events: list[BuilderEvent], told: int
) -> None:
    ada, bob = await builders(sessions, 2)
    async with sessions.begin() as session:
        await lock_users(session, [bob.user_id])
        for event in events:
            await request_builder_scores(session, Trigger(event, "a project", ada.user_id), [bob.user_id])

    await Relay(database_url, sessions, SignalSender(temporal, ComputePolicy()), RelayPolicy()).tick()

    run = score_record_workflow_id(BUILDERS, bob.user_id)
    assert await priority_of_run(temporal, run) == (told, ada.user_id)


async def test_an_approval_is_urgent_and_shares_with_its_register(farmers: Farmers) -> None:
    record = await farmers.approve()

    await farmers.relay().tick()

    assert await priority_of_run(farmers.client, farmers.run_of(record).id) == (2, farmers.register_id)


@pytest.mark.parametrize("register_id", ["farmers", "f" * 200])
async def test_a_batch_comes_last_and_shares_with_its_register(temporal: Client, register_id: str) -> None:
    batch = Batch(f"batch of {len(register_id)}", register_id, ["PMT_SCORE"])

    await SignalSender(temporal, ComputePolicy()).start(batch)

    run = score_batch_workflow_id(register_id, batch.batch_id)
    assert await priority_of_run(temporal, run) == (5, as_fairness_key(register_id))
    await temporal.get_workflow_handle(run).terminate()


async def test_a_recomputation_comes_last_and_shares_with_its_register(
    database_url: str, sessions: SessionFactory, temporal: Client
) -> None:
    register = await a_recomputed_register(sessions)
    await register.ask()

    await Relay(database_url, sessions, SignalSender(temporal, ComputePolicy()), RelayPolicy()).tick()

    run = recompute_workflow_id(register.register_id, "PMT_SCORE")
    assert await priority_of_run(temporal, run) == (5, register.register_id)
