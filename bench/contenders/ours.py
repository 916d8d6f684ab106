"""This project, as its own processes run it: worker and relay; once for each road, once as it chooses by itself."""

import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from secrets import token_bytes

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from bench.approvals import REGISTERS, Approval
from bench.contenders.contender import Contender, Place, Trigger
from bench.contenders.scores import FSF_WEIGHTS, PMT_WEIGHTS
from bench.processes import ROLE
from bench.servers import count_history_events, start_temporal, wait_until_polled
from scoring.debounce import DebouncePolicy
from scoring.definitions import SCORED_PURPOSE, RegisterFacts, ScoreDefinition
from scoring.names import TASK_QUEUE
from steadyscore.migrate import migrate
from steadyscore.processes import ChildProcess
from store.audit import Actor
from store.database import make_engine, make_sessions
from store.definitions import create_definition
from store.requests import ApprovedChange, request_scores

_PMT_ATTRIBUTES = ("income", "assets.land_area", "household.member_count")


class RequestScores(Trigger):
    """The trigger as a registry calls it."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def within_transaction(self, session: AsyncSession, approval: Approval) -> None:
        """Ask for the scores in the approval's transaction."""
        await request_scores(
            session,
            ApprovedChange(
                register_id=approval.register_id,
                register_purpose=SCORED_PURPOSE,
                internal_record_id=approval.record_id,
                change_request_id=approval.change_request_id,
                change_payload=approval.payload,
                record_attributes=approval.attributes,
            ),
        )

    async def history_events(self) -> int | None:
        """Of both roads' workflows."""
        return await count_history_events(self._client)


def _starting(road: Mapping[str, str]) -> Callable[[Place], AbstractAsyncContextManager[Trigger]]:
    @asynccontextmanager
    async def start(place: Place) -> AsyncIterator[Trigger]:
        await migrate(place.database_url)
        await _define_scores(place)
        client = await start_temporal(place)
        environment = {
            ROLE: "worker",
            "DATABASE_URL": place.database_url,
            "TEMPORAL_ADDRESS": client.service_client.config.target_host,
            "LOG_LEVEL": "WARNING",
            # as `steadyscore up` has it
            "PAYLOAD_KEYS": f"bench:{b64encode(token_bytes(32)).decode()}",
            **road,
        }

        async def polled() -> None:
            await wait_until_polled(client, TASK_QUEUE)

        for name, ready in (("worker", polled), ("relay", None)):
            command = [sys.executable, "-m", "steadyscore", name]
            await place.supervisor.start(ChildProcess(name, command, environment, ready))
        yield RequestScores(client)

    return start


async def _define_scores(place: Place) -> None:
    debounce = DebouncePolicy(place.window.quiet, place.window.max_wait)
    engine = make_engine(place.database_url)
    async with make_sessions(engine).begin() as session:
        for register_id in REGISTERS:
            facts = RegisterFacts(register_id, SCORED_PURPOSE)
            for definition in (
                ScoreDefinition(register_id, "PMT_SCORE", _PMT_ATTRIBUTES, debounce, {"weights": {**PMT_WEIGHTS}}),
                ScoreDefinition(register_id, "FSF_SCORE", tuple(FSF_WEIGHTS), debounce, {"weights": {**FSF_WEIGHTS}}),
            ):
                await create_definition(session, Actor("bench", "bench"), definition, facts)
    await engine.dispose()


def _versions() -> Mapping[str, str]:
    return {"steadyscore": version("steadyscore"), "temporalio": version("temporalio")}


# a run per record would end in the time limit: that is what the batch road is there for
_FLOODS = frozenset({"flood-10000", "flood-100000", "flood-with-singles"})

OURS = tuple(
    Contender(name, what, _starting(road), _versions, kind="ours", patience_seconds=60, left_out=left_out)
    for name, what, road, left_out in (
        (
            "steadyscore-record",
            "this project, record road only",
            {"RELAY_MAX_OPEN_RECORDS": "1000000"},
            _FLOODS,
        ),
        (
            "steadyscore-record-activities",
            "the same with instantaneous services as ordinary activities",
            {"RELAY_MAX_OPEN_RECORDS": "1000000", "COMPUTE_LOCALLY": "false"},
            _FLOODS,
        ),
        ("steadyscore-batch", "this project, batch road only", {"RELAY_MAX_OPEN_RECORDS": "0"}, frozenset[str]()),
        ("steadyscore", "this project, as it chooses by itself", {}, frozenset[str]()),
    )
)
