"""The faults that people and programs make: runs ended by hand, garbage, a storm of signals, a version and back."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

from temporalio.service import RPCError

from faults.hands import CommandFailed
from faults.oracle_database import connected
from faults.process import command
from faults.scene import Scene

FAR_FUTURE = 2**62
SERVER_LIMIT_EVENTS = 51_200
SERVER_LIMIT_SIGNALS = 10_000
_SIGNALS_AT_ONCE = 50
_STORM_SECONDS = 600.0

_BY_HAND_SECONDS = 60.0

_NEWEST_RUN = """
SELECT register_id, internal_record_id FROM g2p_score_compute_queue
WHERE on_record_road AND compute_status = 'PROCESSING' ORDER BY compute_latest_timestamp DESC LIMIT 1
"""

_REQUESTS = """
SELECT to_jsonb(request)::text FROM (
    SELECT score_type, sequence, change_request_id, contributing_attribute_values, score_definition_id,
        definition_version, score_config, debounce
    FROM g2p_score_compute_queue WHERE internal_record_id = $1 ORDER BY score_type
) AS request
"""


_BY_HAND = {
    "terminate": ("terminate", "--reason", "by hand"),
    "cancel": ("cancel",),
    # to its beginning, and without what it was told
    "reset": ("reset", "--type", "FirstWorkflowTask", "--reason", "by hand", "--reapply-exclude", "Signal"),
}


async def ended_by_hand(scene: Scene) -> None:
    """Runs of records terminated, cancelled and reset while they are under way."""
    done = dict.fromkeys(_BY_HAND, 0)
    until = time.monotonic() + _BY_HAND_SECONDS
    while time.monotonic() < until and min(done.values()) < scene.scale.rounds:
        verb = min(done, key=lambda one: done[one])
        done[verb] += await _do_by_hand(scene, verb)
    scene.notes.append(", ".join(f"{count} x {verb}" for verb, count in done.items()))
    if not all(done.values()):
        scene.problems.append("not everything could be done by hand")


async def _do_by_hand(scene: Scene, verb: str) -> bool:
    """Do it to the run that was signaled last, as that one is open for longest; whether it was still open."""
    async with connected(scene.stand.database_url) as connection:
        row = await connection.fetchrow(_NEWEST_RUN)
    if row is None:
        await asyncio.sleep(0.1)
        return False
    try:
        await scene.hands.temporal("workflow", *_BY_HAND[verb], "--workflow-id", f"score-record:{row[0]}:{row[1]}")
    except CommandFailed:
        return False
    return True


async def garbage(scene: Scene) -> None:
    """Signals from the command line that no relay sends, to runs of records that are in use."""
    for number in range(scene.scale.rounds):
        workflow_id, record = scene.record(number % scene.scale.size.hot_records)
        request = (await requests_of(scene, record))[0]
        for name, message in _garbage(request):
            await scene.hands.signal(workflow_id, name, message)


def _garbage(request: Mapping[str, Any]) -> list[tuple[str, Any]]:
    forever = {"quiet_period": 2_000_000, "max_wait": 2_000_000}
    return [
        ("no_such_signal", {"requests": [request]}),
        ("scores_requested", "a text"),
        ("scores_requested", {"requests": {"PMT_SCORE": 1}}),
        ("scores_requested", {"requests": ["x" * 1_900_000]}),
        ("scores_requested", {"requests": [0] * 900_000}),
        ("scores_requested", {"requests": [dict(request, unknown="field", sequence=1)], "more": 1}),
        ("scores_requested", {"requests": [dict(request, sequence=FAR_FUTURE)]}),
        ("scores_requested", {"requests": [dict(request, sequence=FAR_FUTURE, debounce=forever)]}),
    ]


async def requests_of(scene: Scene, record: str) -> list[dict[str, Any]]:
    """A record's requests as a relay would send them."""
    async with connected(scene.stand.database_url) as connection:
        rows = await connection.fetch(_REQUESTS, record)
    return [json.loads(row[0]) for row in rows]


async def storm(scene: Scene) -> None:
    """So many signals to one record as fast as the server takes them, while it is approved again and again."""
    workflow_id, record = scene.record()
    client = await scene.hands.client()
    requests = [
        dict(request, debounce={"quiet_period": 5, "max_wait": 20}) for request in await requests_of(scene, record)
    ]
    await scene.hands.signal(workflow_id, "scores_requested", {"requests": requests})
    began, sent, handle = time.monotonic(), 0, client.get_workflow_handle(workflow_id)
    while sent < scene.scale.storm and time.monotonic() - began < _STORM_SECONDS:
        older = [dict(request, sequence=max(1, request["sequence"] - sent % 7)) for request in requests]
        signals = (handle.signal("scores_requested", {"requests": older}) for _ in range(_SIGNALS_AT_ONCE))
        answers = await asyncio.gather(*signals, return_exceptions=True)
        sent += sum(not isinstance(answer, BaseException) for answer in answers)
        if any(isinstance(answer, RPCError) for answer in answers):
            # it has ended: the next one begins
            await scene.hands.signal(workflow_id, "scores_requested", {"requests": requests})
    lengths = await scene.hands.chain(workflow_id)
    scene.notes.append(
        f"{sent} signals in {time.monotonic() - began:.0f} s, {len(lengths)} runs,"
        f" at most {max(events for events, _ in lengths)} events and {max(signals for _, signals in lengths)} signals"
    )
    if any(events >= SERVER_LIMIT_EVENTS or signals >= SERVER_LIMIT_SIGNALS for events, signals in lengths):
        scene.problems.append("a history reached the server's limits")
    if len(lengths) < scene.scale.storm // SERVER_LIMIT_SIGNALS + 2:
        scene.problems.append("no run was continued as a new one")


async def workers_are_versioned(scene: Scene) -> None:
    """Both workers are version 1, and it is the current one."""
    for worker in scene.stand.workers:
        await worker.restart(environment={"WORKER_BUILD_ID": "1"})
    await _make_current(scene, "1")


async def a_version_and_back(scene: Scene) -> None:
    """Version 2, whose workflows are others, on one of the workers for some seconds; then back to version 1."""
    following = scene.stand.workers[1]
    for _ in range(scene.scale.rounds):
        await following.restart(command("worker", "--next"), {"WORKER_BUILD_ID": "2"})
        await _make_current(scene, "2")
        await asyncio.sleep(3)
        await _make_current(scene, "1")


async def _make_current(scene: Scene, build_id: str) -> None:
    chosen = ["--deployment-name", "steadyscore", "--build-id", build_id]
    until = time.monotonic() + 30
    while True:
        try:
            await scene.hands.temporal("worker", "deployment", "set-current-version", *chosen, "--yes")
        except Exception:
            # the server learns of a version from its first poll
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.2)
        else:
            return


async def workers_are_not_versioned(scene: Scene) -> None:
    """As they were before; every run must have ended, and none with a task that failed."""
    left = await scene.hands.open_runs("WorkflowType STARTS_WITH 'Score'")
    if left:
        scene.problems.append(f"{len(left)} runs did not finish")
    chosen = ["--deployment-name", "steadyscore", "--unversioned"]
    await scene.hands.temporal("worker", "deployment", "set-current-version", *chosen, "--yes")
    for worker in scene.stand.workers:
        await worker.restart()
