"""The load's generator, and what its driver makes of APIs that die, stammer and refuse."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from faults.load import Load, LoadOptions
from faults.load_client import ChangeRequestClient, NeverAnswered, Refused
from faults.load_definitions import ATTRIBUTES, BUSY, CALM, TAKE_THEIR_TIME, ill_definition
from faults.load_plan import ChangeKind, LoadPlan, LoadSize, make_plan, start_times

SIZE = LoadSize(records=50, calm_records=10, hot_records=3, approvals=600)
SMALL = LoadSize(records=10, calm_records=4, hot_records=2, approvals=100)
SEEDS = range(20)


def paths_of(payload: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in payload.items():
        yield from paths_of(value, f"{prefix}{name}.") if isinstance(value, dict) else [f"{prefix}{name}"]


@pytest.fixture(scope="module")
def plan() -> LoadPlan:
    return make_plan(1, SIZE)


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    assert make_plan(7, SIZE) == make_plan(7, SIZE)
    assert make_plan(7, SIZE).changes != make_plan(8, SIZE).changes


def test_a_plan_holds_as_much_as_it_was_asked_for(plan: LoadPlan) -> None:
    assert Counter(record.register for record in plan.records) == {BUSY: 50, CALM: 10}
    assert len(plan.changes) == 600


def test_registers_have_one_to_four_score_types_and_among_some_seeds_each_number_and_each_type() -> None:
    plans = [make_plan(seed, SIZE) for seed in SEEDS]
    counts = {count for one in plans for count in Counter(d.register for d in one.definitions).values()}

    assert counts == {1, 2, 3, 4}
    assert {definition.score_type for one in plans for definition in one.definitions} == {
        "PMT_SCORE",
        "FSF_SCORE",
        "CONCURRENT_SCORE",
        "BLOCKING_SCORE",
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_of_the_busy_register_one_score_type_takes_its_time(seed: int) -> None:
    busy = {definition.score_type for definition in make_plan(seed, SIZE).definitions if definition.register == BUSY}

    assert busy & TAKE_THEIR_TIME


def test_more_definitions_change_nothing_else(plan: LoadPlan) -> None:
    ill = ill_definition("hangs")

    with_ill = make_plan(1, SIZE, [ill])

    assert with_ill.definitions == [*plan.definitions, ill]
    assert with_ill.changes == plan.changes


def test_a_few_records_are_hot_and_get_a_large_share(plan: LoadPlan) -> None:
    hot = [change for change in plan.changes if change.is_hot]

    assert {(change.register, change.record) for change in hot} == {(BUSY, 0), (BUSY, 1), (BUSY, 2)}
    assert len(hot) > len(plan.changes) / 4
    assert 0 < sum(change.register == CALM for change in plan.changes) < len(plan.changes) / 3


@pytest.mark.parametrize("kind", ChangeKind, ids=str)
def test_every_kind_of_change_occurs(plan: LoadPlan, kind: ChangeKind) -> None:
    assert any(change.kind is kind for change in plan.changes)


def test_every_change_is_of_a_record_that_is_created_and_of_attributes_that_there_are(plan: LoadPlan) -> None:
    created = {(record.register, record.number) for record in plan.records}

    for change in plan.changes:
        assert (change.register, change.record) in created
        assert set(paths_of(change.payload)) <= ATTRIBUTES.keys()


def test_a_change_that_leaves_scores_alone_touches_nothing_that_feeds_one(plan: LoadPlan) -> None:
    feeding = {path for definition in plan.definitions for path in definition.contributing_attributes}
    feeding |= set(ill_definition("well").contributing_attributes)

    for change in plan.changes:
        if change.kind is ChangeKind.LEAVES_SCORES:
            assert not feeding & set(paths_of(change.payload))


def test_payloads_are_nested_and_by_path(plan: LoadPlan) -> None:
    names = {name for change in plan.changes for name in change.payload}

    assert {"assets", "assets.land_area"} <= names


def test_a_change_returns_to_values_that_its_record_had_before() -> None:
    plan = make_plan(3, SIZE)
    incomes = {(record.register, record.number): {record.payload["income"]} for record in plan.records}
    returned = [change for change in plan.changes if change.kind is ChangeKind.RETURNS]

    for change in plan.changes:
        income = change.payload.get("income")
        assert change not in returned or income in incomes[change.register, change.record]
        incomes[change.register, change.record].add(income)

    assert len(returned) > 20


@pytest.mark.parametrize(
    ("rate", "times"),
    [
        pytest.param(None, [0, 0, 0, 0, 0, 0], id="as fast as it goes"),
        pytest.param(2.0, [0, 0.5, 1, 1, 2, 2.5], id="every other two at once"),
    ],
)
def test_start_times(rate: float | None, times: list[float]) -> None:
    assert list(start_times(6, rate, burst=2)) == times


class FakeApi:
    """Keeps change requests as the real one does; `faults` befall its requests in their order, none where it is empty.

    `dies before` and `dies after` are deaths around the commit, `denies` is a commit that is answered with 503, and a
    number is that status without a commit.
    """

    def __init__(self, *faults: str) -> None:
        self.bodies: dict[str, dict[str, Any]] = {}
        self.approved: list[str] = []
        self.most_under_way: Counter[str] = Counter()
        self.down: set[str] = set()
        self.faults: Iterator[str] = iter(faults)
        self._under_way: Counter[str] = Counter()

    def holds(self, change_request_id: str, *, approved: bool = False) -> "FakeApi":
        """It has this change request."""
        self.bodies[change_request_id] = {"internal_record_id": "A"}
        self.approved += [change_request_id] if approved else []
        return self

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer, or die."""
        fault = next(self.faults, "")
        if fault == "dies before" or request.url.host in self.down:
            raise httpx.ReadError("gone")
        if fault.isdecimal():
            return httpx.Response(int(fault))
        response = await self._answer(request)
        if fault == "dies after":
            raise httpx.ReadError("gone")
        return httpx.Response(503) if fault == "denies" else response

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content or b"null")
        match request.url.path.split("/")[1:]:
            case ["registers"]:
                return httpx.Response(201, json={"register_id": f"id of {body['register_mnemonic']}"})
            case ["change-requests"]:
                return self._create(body)
            case ["change-requests", one, "approve"]:
                return await self._approve(one)
            case ["change-requests", one]:
                return httpx.Response(200, json=self._row(one))
            case ["register-metadata", "recompute_scores"]:
                return httpx.Response(200, json={"recomputations": [{"recomputation_id": str(body["score_types"])}]})
        return httpx.Response(200, json={})

    def _create(self, body: dict[str, Any]) -> httpx.Response:
        status = 409 if body["change_request_id"] in self.bodies else 201
        self.bodies.setdefault(body["change_request_id"], body)
        return httpx.Response(status, json={})

    async def _approve(self, one: str) -> httpx.Response:
        if one in self.approved:
            return httpx.Response(409, json={})
        record = self._row(one)["internal_record_id"]
        self._under_way[record] += 1
        self.most_under_way[record] = max(self.most_under_way[record], self._under_way[record])
        await asyncio.sleep(0.001)
        self._under_way[record] -= 1
        self.approved.append(one)
        return httpx.Response(200, json=self._row(one))

    def _row(self, one: str) -> dict[str, str]:
        status = "APPROVED" if one in self.approved else "PENDING"
        return {"status": status, "internal_record_id": self.bodies[one].get("internal_record_id", f"record of {one}")}


def a_client(api: FakeApi, patience: float = 20) -> ChangeRequestClient:
    http = httpx.AsyncClient(transport=httpx.MockTransport(api))
    return ChangeRequestClient(http, ["http://one", "http://other"], patience)


@pytest.mark.parametrize("fault", ["dies before", "dies after", "500", "503"])
async def test_creating_is_repeated_until_it_is_answered(fault: str) -> None:
    api = FakeApi(fault)

    await a_client(api).create({"change_request_id": "CR-1"})

    assert list(api.bodies) == ["CR-1"]


async def test_an_id_that_was_taken_before_is_refused() -> None:
    with pytest.raises(Refused, match="409"):
        await a_client(FakeApi().holds("CR-1")).create({"change_request_id": "CR-1"})


@pytest.mark.parametrize("fault", ["dies before", "dies after", "denies", "500", "503"])
async def test_an_approval_is_repeated_until_it_is_known_to_have_happened(fault: str) -> None:
    api = FakeApi(fault).holds("CR-1")

    record_id = await a_client(api).approve("CR-1")

    assert api.approved == ["CR-1"]
    assert record_id == "A"


async def test_what_is_refused_and_not_approved_is_refused() -> None:
    with pytest.raises(Refused, match="409"):
        await a_client(FakeApi("409").holds("CR-1")).approve("CR-1")


async def test_who_asks_once_gives_up_at_the_first_failure() -> None:
    api = FakeApi("dies after").holds("CR-1")

    with pytest.raises(NeverAnswered):
        await a_client(api).approve("CR-1", once=True)

    assert api.approved == ["CR-1"]


async def test_patience_ends() -> None:
    with pytest.raises(NeverAnswered):
        await a_client(FakeApi("503", "503"), patience=0).create({"change_request_id": "CR-1"})


async def test_an_api_that_is_down_leaves_it_to_the_other() -> None:
    api = FakeApi()
    api.down = {"one"}
    client = a_client(api)

    for number in range(3):
        await client.create({"change_request_id": f"CR-{number}"})

    assert len(api.bodies) == 3


def a_load(api: FakeApi, **options: Any) -> Load:
    return Load(["http://one", "http://other"], LoadOptions(size=SMALL, **options), httpx.MockTransport(api))


async def test_a_load_acknowledges_what_it_was_told_and_nothing_else() -> None:
    api = FakeApi()

    async with a_load(api) as load:
        await load.prepare()
        await load.run()

    assert sorted(one.change_request_id for one in load.acknowledged) == sorted(api.approved)
    assert len(load.acknowledged) == 14 + 100
    assert (load.unknown, load.refused) == ([], [])
    for one in load.acknowledged:
        asked = api.bodies[one.change_request_id]
        assert (one.register_id, one.payload) == (asked["register_id"], asked["change_payload"])
        assert one.internal_record_id == asked.get("internal_record_id", f"record of {one.change_request_id}")


async def test_changes_of_a_hot_record_overtake_each_other_and_those_of_others_do_not() -> None:
    api = FakeApi()

    async with a_load(api) as load:
        await load.prepare()
        await load.run()

    hot = {load.record_ids[BUSY, number] for number in range(2)}
    assert all(api.most_under_way[record] > 1 for record in hot)
    assert {count for record, count in api.most_under_way.items() if record not in hot} == {1}


async def test_what_nobody_told_is_unknown_and_may_have_happened() -> None:
    api = FakeApi()

    async with a_load(api, patience=0) as load:
        await load.prepare()
        api.faults = itertools.cycle(["", "dies after", "503"])
        await load.run()

    acknowledged = {one.change_request_id for one in load.acknowledged}
    assert len(acknowledged) + len(load.unknown) == 14 + 100
    assert acknowledged < set(api.approved) <= acknowledged | set(load.unknown)
    assert load.failed_attempts.keys() == {None, 503}


async def test_a_refusal_is_told() -> None:
    api = FakeApi()

    async with a_load(api) as load:
        await load.prepare()
        api.faults = iter(["422"])
        await load.run()

    assert len(load.refused) == 1
    assert "422" in load.refused[0]
    assert len(load.acknowledged) == 14 + 100 - 1


async def test_a_load_that_is_stopped_begins_no_further_change() -> None:
    async with a_load(FakeApi(), rate=0.01) as load:
        await load.prepare()
        running = asyncio.create_task(load.run())
        while len(load.acknowledged) == 14:
            await asyncio.sleep(0.001)

        load.stop()
        await asyncio.wait_for(running, timeout=10)

    assert 14 < len(load.acknowledged) < 14 + 100


async def test_a_recomputation_of_some_score_types_is_asked_for() -> None:
    async with a_load(FakeApi()) as load:
        await load.prepare()

        assert await load.start_recompute("PMT_SCORE") == ["['PMT_SCORE']"]
