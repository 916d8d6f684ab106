"""The story, in five chapters; whatever should hold and does not makes the demo fail."""

import asyncio
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from scoring.names import score_record_workflow_id
from steadyscore.demo.farmers import ATTRIBUTES, farmers
from steadyscore.demo.figures import median_and_p95, seconds_beyond_window
from steadyscore.demo.narrator import Narrator
from steadyscore.demo.registry_client import Approval, RegistryClient

FARMERS = 200
SEED = 20260409
AT_ONCE = 8
BURST = 25
SINGLES = 20
SINGLES_PER_SECOND = 5

SCORE_TYPES = ("PMT_SCORE", "FSF_SCORE")
DEBOUNCE = {"quiet_period": 1.0, "max_wait": 5.0}
DEFINITIONS = (
    {
        "score_type": "PMT_SCORE",
        "contributing_attributes": ["income", "assets.land_area", "household.member_count"],
        "score_config": {"weights": {"income": 0.4, "land_area": 0.3, "member_count": 0.3}},
    },
    {
        "score_type": "FSF_SCORE",
        "contributing_attributes": ["income", "household.member_count"],
        "score_config": {"weights": {"income": 0.01, "household.member_count": 8.0}},
    },
)


@dataclass(frozen=True)
class Story:
    """The main job, told over HTTP."""

    registry: RegistryClient
    narrator: Narrator

    async def tell(self) -> str:
        """All chapters; returns the id of a workflow that is worth a look."""
        register_id, imported = await self._import_farmers()
        record_a = await self._change_income(register_id)
        await self._burst(register_id, record_a)
        await self._untouched(register_id, record_a)
        await self._measure(register_id, imported)
        return score_record_workflow_id(register_id, record_a)

    async def _import_farmers(self) -> tuple[str, list[Approval]]:
        self.narrator.chapter("A register of farmers with two scores")
        register_id = await self._create_register("Farmer", "REGISTER")
        for definition in DEFINITIONS:
            body = {"register_id": register_id, "debounce": DEBOUNCE, **definition}
            created = (await self.registry.post("/register-metadata/create_score_definition", body))["score_definition"]
            self.narrator.say(f"{created['score_type']} on {', '.join(created['contributing_attributes'])}")
        began = time.perf_counter()
        gate = asyncio.Semaphore(AT_ONCE)
        imported = await asyncio.gather(
            *(self._import_farmer(gate, register_id, attributes) for attributes in farmers(FARMERS, SEED))
        )
        approved = time.perf_counter() - began
        for approval in imported:
            await self.registry.settled(approval.internal_record_id)
        settled = time.perf_counter() - began
        scores = [len(await self.registry.scores(approval.internal_record_id)) for approval in imported]
        self.narrator.say(
            f"{len(imported)} farmers, each through an approved change request, in {approved:.1f} s; "
            f"all {sum(scores)} scores are there after {settled:.1f} s"
        )
        self.narrator.check("every farmer has both scores", all(count == len(SCORE_TYPES) for count in scores))
        return register_id, list(imported)

    async def _create_register(self, mnemonic: str, purpose: str) -> str:
        body = {"register_mnemonic": mnemonic, "register_purpose": purpose, "attributes": ATTRIBUTES}
        register = await self.registry.post("/registers", body)
        self.narrator.say(f"register {mnemonic}, purpose {purpose}, {register['register_id']}")
        return str(register["register_id"])

    async def _import_farmer(self, gate: asyncio.Semaphore, register_id: str, attributes: dict[str, Any]) -> Approval:
        async with gate:
            return await self.registry.approved_change(register_id, attributes)

    async def _change_income(self, register_id: str) -> str:
        self.narrator.chapter("Record A: an approved change of income")
        attributes = {"name": "A", "income": 5000, "assets": {"land_area": 2.1}, "household": {"member_count": 4}}
        record = (await self.registry.approved_change(register_id, attributes)).internal_record_id
        await self.registry.settled(record)
        wanted = await self.registry.free_change_request_id("CR-00123")
        change = await self.registry.change_request(
            register_id, {"income": 3500}, internal_record_id=record, change_request_id=wanted
        )
        approval = await self.registry.approve(change)
        self.narrator.say(
            f"{change} sets income from 5000 to 3500; its approval answered in {approval.took * 1000:.0f} ms"
        )
        await self.registry.settled(record)
        scores = await self.registry.scores(record)
        self.narrator.scores(scores)
        caused = all(score["triggered_by_cr_id"] == change for score in scores)
        self.narrator.check(
            f"both scores were computed from what {change} left", len(scores) == len(SCORE_TYPES) and caused
        )
        for score_type in SCORE_TYPES:
            self.narrator.history(score_type, await self.registry.history(record, score_type))
        return record

    async def _burst(self, register_id: str, record: str) -> None:
        self.narrator.chapter(f"A burst of {BURST} approvals on record A")
        before = {kind: await self.registry.history(record, kind) for kind in SCORE_TYPES}
        changes = [
            await self.registry.change_request(register_id, {"income": 3500 + step}, internal_record_id=record)
            for step in range(1, BURST + 1)
        ]
        began = time.perf_counter()
        for change in changes:
            await self.registry.approve(change)
        took = time.perf_counter() - began
        self.narrator.say(
            f"{BURST} approvals, one after the other, in {took:.2f} s; due after {DEBOUNCE['quiet_period']} s of quiet"
        )
        await self.registry.settled(record)
        for kind in SCORE_TYPES:
            history = await self.registry.history(record, kind)
            added = len(history) - len(before[kind])
            last = history[0]["triggered_by_cr_id"] == changes[-1]
            self.narrator.check(f"{kind}: {added} computation, of the last state", added == 1 and last)

    async def _untouched(self, register_id: str, record: str) -> None:
        self.narrator.chapter("What causes no computation")
        before = await self.registry.score_requests(record)
        await self.registry.approved_change(register_id, {"phone": "555-0100"}, internal_record_id=record)
        after = await self.registry.score_requests(record)
        self.narrator.check("a change of the phone number asks for no score", before == after)
        table_id = await self._create_register("District", "TABLE")
        row = await self.registry.approved_change(table_id, {"income": 1})
        requests = await self.registry.score_requests(row.internal_record_id)
        self.narrator.check("a record of a TABLE asks for no score", requests == [])
        refused = await self.registry.http.post(
            "/register-metadata/create_score_definition", json={"register_id": table_id, **DEFINITIONS[0]}
        )
        self.narrator.check("a definition on a TABLE is refused", refused.status_code == HTTPStatus.CONFLICT)
        self.narrator.say(f"the answer: {refused.json()['detail']}")

    async def _measure(self, register_id: str, imported: list[Approval]) -> None:
        self.narrator.chapter(
            f"How long it takes: {SINGLES} approvals on as many records, {SINGLES_PER_SECOND} a second"
        )
        approvals = []
        for number, farmer in enumerate(imported[:SINGLES]):
            change = await self.registry.change_request(
                register_id, {"income": 4000 + number}, internal_record_id=farmer.internal_record_id
            )
            approvals.append(await self.registry.approve(change))
            await asyncio.sleep(1 / SINGLES_PER_SECOND)
        delays = []
        for approval in approvals:
            await self.registry.settled(approval.internal_record_id)
            scores = await self.registry.scores(approval.internal_record_id)
            delays += [seconds_beyond_window(approval, score, DEBOUNCE["quiet_period"]) for score in scores]
        self.narrator.say(f"an approval takes          {median_and_p95([approval.took for approval in approvals])}")
        self.narrator.say(f"after its window, a score  {median_and_p95(delays)}")
        self.narrator.say(f"an approval of the import  {median_and_p95([approval.took for approval in imported])}")
