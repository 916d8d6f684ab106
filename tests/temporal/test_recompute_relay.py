"""What a relay does about recomputations when Temporal is away, and when it looks after one that is open."""

from temporalio.client import Client, WorkflowExecutionStatus

from recompute_registers import Recomputed, a_recomputed_register
from relay.policy import RelayPolicy
from relay.relay import Relay
from relay.signals import SignalSender
from scoring.messages import ComputePolicy
from scoring.recompute_messages import RecomputationStatus
from steadyscore.embedded.temporal_server import free_port
from steadyscore.temporal import connect
from store.database import SessionFactory
from temporal_fakes.connections import settings_for
from temporal_fakes.recomputing import Recomputing

START_IN = "SELECT extract(epoch FROM start_after - now())::float8 FROM g2p_score_recomputations"


def a_relay(database_url: str, register: Recomputed, client: Client) -> Relay:
    """A relay that is ticked by hand."""
    return Relay(database_url, register.sessions, SignalSender(client, ComputePolicy()), RelayPolicy())


async def test_without_temporal_it_is_started_later(
    sessions: SessionFactory, database_url: str, temporal: Client
) -> None:
    register = await a_recomputed_register(sessions)
    await register.ask()

    away = await connect(settings_for(f"127.0.0.1:{free_port()}"))
    claimed = await a_relay(database_url, register, away).tick()
    start_in = await register.execute(START_IN)
    await register.execute("UPDATE g2p_score_recomputations SET start_after = now()")
    await a_relay(database_url, register, temporal).tick()

    assert claimed
    assert 0 < start_in <= 3
    description = await Recomputing(register, temporal).run.describe()
    assert description.status is WorkflowExecutionStatus.RUNNING


async def test_one_that_is_open_is_looked_after_without_a_second_run(
    sessions: SessionFactory, database_url: str, temporal: Client
) -> None:
    register = await a_recomputed_register(sessions)
    recomputing = Recomputing(register, temporal)
    relay = a_relay(database_url, register, temporal)
    await register.ask()
    await relay.tick()
    first = await recomputing.run.describe()

    await register.execute("UPDATE g2p_score_recomputations SET start_after = now()")
    await relay.tick()

    assert (await recomputing.run.describe()).run_id == first.run_id
    assert 50 < await register.execute(START_IN) <= 60
    assert (await recomputing.events())["WORKFLOW_EXECUTION_SIGNALED"] == 2


async def test_a_paused_one_is_looked_after_without_a_signal(
    sessions: SessionFactory, database_url: str, temporal: Client
) -> None:
    register = await a_recomputed_register(sessions)
    recomputing = Recomputing(register, temporal)
    asked = await register.ask()
    await recomputing.control(asked, RecomputationStatus.PAUSED)

    await a_relay(database_url, register, temporal).tick()

    events = await recomputing.events()
    assert (await recomputing.run.describe()).status is WorkflowExecutionStatus.RUNNING
    assert "WORKFLOW_EXECUTION_SIGNALED" not in events


async def test_a_cancelled_one_is_told_so_once(sessions: SessionFactory, database_url: str, temporal: Client) -> None:
    register = await a_recomputed_register(sessions)
    relay = a_relay(database_url, register, temporal)
    asked = await register.ask()
    await relay.tick()
    await Recomputing(register, temporal).control(asked, RecomputationStatus.CANCELLED)

    told = await relay.tick()
    again = await relay.tick()

    assert (told, again) == (True, False)
    assert await register.execute("SELECT start_after FROM g2p_score_recomputations") is None
