"""Under a backlog: what is urgent goes first, and one user's storm delays no other. On a server without other tasks."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from objects import a_request
from relay.signals import SignalSender
from scoring.messages import ScoreRequest
from scoring.names import TASK_QUEUE, score_record_workflow_id
from scoring.priorities import RequestPriority
from steadyscore.embedded.temporal_server import DYNAMIC_CONFIG
from store.outbox import RecordRequests
from temporal_fakes.activities import FakeActivities
from temporal_fakes.registered import THREE_QUICK_ATTEMPTS, until
from temporal_fakes.runs import counted
from workflows.score_record import ScoreRecordWorkflow

STORM = 40
AMONG_THE_FIRST = 5
"""What a worker and the server have in hand for it is no longer in order."""

IN_ONE_ORDER = ("matching.numTaskqueueReadPartitions=1", "matching.numTaskqueueWritePartitions=1")
"""By default a queue has four parts, each with an order of its own, and tasks are dealt out among them by chance."""

LOW, MEDIUM = RequestPriority.LOW.value, RequestPriority.MEDIUM.value


@pytest.fixture
async def server(temporal_cli: Path) -> AsyncIterator[Client]:
    """A server as `steadyscore up` configures it, but for its queues' parts."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_cli),
        dev_server_log_level="error",
        dev_server_extra_args=[
            part for setting in (*DYNAMIC_CONFIG, *IN_ONE_ORDER) for part in ("--dynamic-config-value", setting)
        ],
    )
    async with environment:
        yield environment.client


async def send(client: Client, *requests: ScoreRequest, locally: bool = True) -> None:
    """Signal each request to a run of its own, as the relay does, in this order."""
    sender = SignalSender(client, THREE_QUICK_ATTEMPTS, locally=locally)
    for request in requests:
        await sender.send(RecordRequests("builders", f"record-{request.sequence}", [request]))


def a_storm(**changes: Any) -> Sequence[ScoreRequest]:
    """Many requests."""
    return [a_request(sequence, **changes) for sequence in range(1, STORM + 1)]


def a_slow_worker(
    client: Client, workflows: Sequence[type] = (), activities: Sequence[Callable[..., Any]] = ()
) -> Worker:
    """A worker that does one thing at a time."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=workflows,
        activities=activities,
        max_cached_workflows=0,
        max_concurrent_workflow_tasks=1 if workflows else None,
        max_concurrent_activities=1 if activities else None,
        max_concurrent_workflow_task_polls=1,
        max_concurrent_activity_task_polls=1,
    )


async def order_of_runs(client: Client, runs: int) -> list[int]:
    """The sequences in the order in which a slow worker computes them."""
    fakes = FakeActivities()
    async with a_slow_worker(client, [ScoreRecordWorkflow], fakes.registered):
        await fakes.until(lambda: len(fakes.tried) == runs)
    return fakes.tries()


async def test_an_urgent_run_overtakes_those_that_were_queued_before_it(server: Client) -> None:
    await send(server, *a_storm(priority=LOW, fairness_key="ada"))
    await send(server, a_request(99, priority=MEDIUM, fairness_key="ada"))

    order = await order_of_runs(server, STORM + 1)

    assert order.index(99) < AMONG_THE_FIRST


async def test_one_users_storm_delays_no_other_user(server: Client) -> None:
    await send(server, *a_storm(priority=MEDIUM, fairness_key="ada"))
    await send(server, a_request(99, priority=MEDIUM, fairness_key="bob"))

    order = await order_of_runs(server, STORM + 1)

    assert order.index(99) < AMONG_THE_FIRST


async def test_what_is_as_urgent_and_of_one_user_is_about_in_order(server: Client) -> None:
    await send(server, *a_storm(priority=MEDIUM, fairness_key="ada"))
    await send(server, a_request(99, priority=MEDIUM, fairness_key="ada"))

    order = await order_of_runs(server, STORM + 1)

    assert order.index(99) > STORM - AMONG_THE_FIRST


async def test_an_urgent_computation_overtakes_others_though_its_run_was_started_by_one_that_is_not(
    server: Client,
) -> None:
    await send(server, *a_storm(priority=LOW, fairness_key="ada"), locally=False)
    # of the last run, which was started for the sake of a request that is not urgent
    urgent = a_request(99, priority=MEDIUM, fairness_key="ada")
    sender = SignalSender(server, THREE_QUICK_ATTEMPTS, locally=False)
    await sender.send(RecordRequests("builders", f"record-{STORM}", [urgent]))

    async with a_slow_worker(server, [ScoreRecordWorkflow]):
        await until_all_wait_for_activities(server)
    fakes = FakeActivities()
    async with a_slow_worker(server, activities=fakes.registered):
        await fakes.until(lambda: 99 in fakes.tries())

    assert fakes.tries().index(99) < AMONG_THE_FIRST


async def until_all_wait_for_activities(client: Client) -> None:
    """Wait until every run of the storm has scheduled its computation."""
    for sequence in range(1, STORM + 1):
        run = client.get_workflow_handle(score_record_workflow_id("builders", f"record-{sequence}"))

        async def has_scheduled(run: Any = run) -> bool:
            return counted((await run.fetch_history()).events)["ACTIVITY_TASK_SCHEDULED"] == 1

        await until(has_scheduled)


async def test_a_stored_score_is_as_urgent_as_its_request(server: Client) -> None:
    await send(server, a_request(1, priority=LOW, fairness_key="ada"))
    sender = SignalSender(server, THREE_QUICK_ATTEMPTS)
    await sender.send(RecordRequests("builders", "record-1", [a_request(2, priority=MEDIUM, fairness_key="bob")]))

    await order_of_runs(server, 1)

    run = server.get_workflow_handle(score_record_workflow_id("builders", "record-1"))
    scheduled = [event.activity_task_scheduled_event_attributes for event in (await run.fetch_history()).events]
    [persist] = [one.priority for one in scheduled if one.activity_type.name == "persist_scores"]
    assert (persist.priority_key, persist.fairness_key) == (MEDIUM, "bob")
