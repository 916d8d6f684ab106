"""The faults that people and programs make: runs ended by hand, garbage, a storm of signals."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from temporalio.service import RPCError

from faults.hands import CommandFailed, Length
from faults.oracle_database import connected
from faults.scene import Scene

FAR_FUTURE = 2**62
SERVER_LIMIT_EVENTS = 51_200
SERVER_LIMIT_SIGNALS = 10_000
_SIGNALS_AT_ONCE = 50
_STORM_SECONDS = 600.0
_CONTINUED_SECONDS = 30.0
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
    workflow_id = f"score-record:{row[0]}:{row[1]}"
    try:
        # a run that has ended can be reset, too
        if not await scene.hands.is_open(workflow_id):
            return False
        await scene.hands.temporal("workflow", *_BY_HAND[verb], "--workflow-id", workflow_id)
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
    scene.notes.append(f"{sent} signals in {time.monotonic() - began:.0f} s")
    _judge_lengths(scene, await _continued_chain(scene, workflow_id))


async def _continued_chain(scene: Scene, workflow_id: str) -> Sequence[Length]:
    """The record's runs, once one of them continues another: a full one does at its next step, and is seen later."""
    until = time.monotonic() + _CONTINUED_SECONDS
    while True:
        runs = await scene.hands.chain(workflow_id)
        if any(run.is_continued for run in runs) or time.monotonic() > until:
            return runs
        await asyncio.sleep(1)


def _judge_lengths(scene: Scene, runs: Sequence[Length]) -> None:
    events = max((run.events for run in runs), default=0)
    signals = max((run.signals for run in runs), default=0)
    continued = sum(run.is_continued for run in runs)
    scene.notes.append(f"{len(runs)} runs, {continued} continued, at most {events} events and {signals} signals")
    if events >= SERVER_LIMIT_EVENTS or signals >= SERVER_LIMIT_SIGNALS:
        scene.problems.append("a history reached the server's limits")
    if not continued:
        scene.problems.append("no run was continued as a new one")
