"""A register of farmers behind the running service, filled over HTTP as a registry fills it."""

from dataclasses import dataclass
from typing import Any

from objects import FARMER, FARMER_ATTRIBUTES, FSF_ATTRIBUTES, FSF_CONFIG, PMT_ATTRIBUTES
from steadyscore.demo.registry_client import RegistryClient

# long enough for eyes that look, and for a browser on a busy machine
WINDOW = {"quiet_period": 1.0, "max_wait": 5.0}
DEFINITIONS: tuple[dict[str, Any], ...] = (
    {"score_type": "PMT_SCORE", "contributing_attributes": list(PMT_ATTRIBUTES)},
    {"score_type": "FSF_SCORE", "contributing_attributes": list(FSF_ATTRIBUTES), "score_config": FSF_CONFIG},
)


@dataclass(frozen=True)
class FarmerRegister:
    """Where its farmers come from."""

    registry: RegistryClient
    register_id: str

    async def farmer(self, **attributes: Any) -> str:
        """A record whose scores are there; an attribute that is None is missing."""
        payload = {name: value for name, value in (FARMER | attributes).items() if value is not None}
        record = (await self.registry.approved_change(self.register_id, payload)).internal_record_id
        await self.registry.settled(record)
        return record

    async def beside(self, score_type: str) -> "FarmerRegister":
        """Another register of farmers, with this score alone."""
        definition = {"score_type": score_type, "contributing_attributes": ["income"]}
        return await a_farmer_register(self.registry, definition)

    async def change(self, record: str, **attributes: Any) -> str:
        """A change request that waits for somebody to approve it."""
        return await self.registry.change_request(self.register_id, attributes, internal_record_id=record)


async def a_farmer_register(registry: RegistryClient, *definitions: dict[str, Any]) -> FarmerRegister:
    """With these scores; PMT_SCORE and FSF_SCORE where none is told."""
    body = {"register_mnemonic": "Farmer", "register_purpose": "REGISTER", "attributes": FARMER_ATTRIBUTES}
    register_id = str((await registry.post("/registers", body))["register_id"])
    for definition in definitions or DEFINITIONS:
        defined = {"register_id": register_id, "debounce": WINDOW, **definition}
        await registry.post("/register-metadata/create_score_definition", defined)
    return FarmerRegister(registry, register_id)
