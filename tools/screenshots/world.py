"""What the pictures show: the demo's farmers and builders, some of whose scores wait or have failed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from builders.register import BUILDERS
from steadyscore.demo.builders_client import BuildersClient
from steadyscore.demo.builders_stage import Stage
from steadyscore.demo.builders_story import IMPACT, PEOPLE, SHIPPED_AT_ONCE
from steadyscore.demo.builders_window import short_window
from steadyscore.demo.farmers import ATTRIBUTES, farmers
from steadyscore.demo.narrator import Narrator
from steadyscore.demo.registry_client import RegistryClient
from steadyscore.demo.story import DEFINITIONS, SEED

FARMERS = 12
SOON = {"quiet_period": 0.3, "max_wait": 1.0}
# a score stays pending for as long as the pictures take
LATE = {"quiet_period": 600.0, "max_wait": 600.0}
AMINA: dict[str, Any] = {
    "name": "Amina Wanjiru",
    "income": 6100,
    "assets": {"land_area": 2.1},
    "household": {"member_count": 4},
}
INCOMES = {"CR-00118": 5400, "CR-00119": 5850, "CR-00120": 4700, "CR-00121": 5200, "CR-00122": 5000, "CR-00123": 3500}
PENDING = "CR-00124"
WAITING = "CR-00125"


@dataclass(frozen=True)
class World:
    """The ids of what was made."""

    register_id: str
    definition_id: str
    amina: str
    """Her scores have a history, and one of them is pending."""
    failed: str
    """A record without an income."""
    builder_id: str


async def play(registry: RegistryClient, token_of: Callable[[str], str]) -> World:
    """Make it all over HTTP; `token_of` makes the token of a builder's username."""
    builder_id = await _play_builders(BuildersClient(registry, token_of))
    register_id, definitions = await _make_register(registry)
    for attributes in farmers(FARMERS, SEED):
        await registry.approved_change(register_id, attributes)
    incomplete = {name: value for name, value in AMINA.items() if name != "income"} | {"name": "Yusuf Otieno"}
    failed = (await registry.approved_change(register_id, incomplete)).internal_record_id
    amina = await _play_amina(registry, register_id)
    await registry.settled(failed)
    body = {"score_definition_id": definitions["PMT_SCORE"], "debounce": LATE}
    await registry.post("/register-metadata/update_score_definition", body)
    await _change_amina(registry, register_id, amina, PENDING, {"income": 3650, "phone": "555-0100"})
    waiting = {"income": 3900, "household": {"member_count": 5}}
    await registry.change_request(register_id, waiting, internal_record_id=amina, change_request_id=WAITING)
    return World(register_id, definitions["PMT_SCORE"], amina, failed, builder_id)


async def _make_register(registry: RegistryClient) -> tuple[str, dict[str, str]]:
    body = {"register_mnemonic": "Farmer", "register_purpose": "REGISTER", "attributes": ATTRIBUTES}
    register_id = str((await registry.post("/registers", body))["register_id"])
    definitions = {}
    for definition in DEFINITIONS:
        defined = {"register_id": register_id, "debounce": SOON, **definition}
        created = await registry.post("/register-metadata/create_score_definition", defined)
        definitions[str(definition["score_type"])] = str(created["score_definition"]["score_definition_id"])
    return register_id, definitions


async def _play_amina(registry: RegistryClient, register_id: str) -> str:
    record = (await registry.approved_change(register_id, AMINA)).internal_record_id
    await registry.settled(record)
    for change_request_id, income in INCOMES.items():
        await _change_amina(registry, register_id, record, change_request_id, {"income": income})
        await registry.settled(record)
    return record


async def _change_amina(
    registry: RegistryClient, register_id: str, record: str, change_request_id: str, payload: dict[str, Any]
) -> None:
    fields = {"internal_record_id": record, "change_request_id": change_request_id}
    await registry.approved_change(register_id, payload, **fields)


async def _play_builders(client: BuildersClient) -> str:
    """Five people with projects, vouches and some impact; the id of one who has them all."""
    narrator = Narrator(Console(quiet=True))
    async with short_window(client.registry, narrator) as definition:
        stage = Stage(client, narrator, definition["score_config"])
        await stage.sign_up(PEOPLE)
        for name, count in ({"Ada": 3} | SHIPPED_AT_ONCE).items():
            for number in range(1, count + 1):
                await stage.create_project(name, f"Project {number}", "shipped")
        [cleos] = stage.deeds.projects_of("Cleo")
        for project, name in [(stage.deeds.projects_of("Ada")[0], "Eva"), (cleos, "Eva"), (cleos, "Dan")]:
            await stage.invite(project, name)
            await stage.confirm(project, name)
        await stage.settle()
        await stage.measure(cleos, IMPACT)
        await stage.settle()
    return stage.builders["Cleo"].user_id


def places(world: World) -> dict[str, str]:
    """Every page of the console, by a name for it."""
    return {
        "registers": "registers",
        "register": f"registers/{world.register_id}",
        "register-new": "registers/new",
        "record-new": f"registers/{world.register_id}/new-record",
        "record-change": f"records/{world.amina}/change",
        "record": f"records/{world.amina}",
        "record-failed": f"records/{world.failed}",
        "change-requests": "change-requests",
        "change-request": f"change-requests/{WAITING}",
        "work": f"work?register={world.register_id}",
        "definitions": f"definitions?register={world.register_id}",
        "definitions-builders": f"definitions?register={BUILDERS}",
        "definition-new": f"definitions/new?register={world.register_id}",
        "definition": f"definitions/{world.register_id}/{world.definition_id}",
        "builders": "builders",
        "builder": f"builders/{world.builder_id}",
        "builder-own": "builders/me",
        "unknown": "no-such-page",
    }
