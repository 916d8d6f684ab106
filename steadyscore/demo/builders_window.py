"""The Builder Score's window, short enough to be watched, and put back whatever happens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from builders.register import BUILDER_SCORE, BUILDERS
from steadyscore.demo.narrator import Narrator
from steadyscore.demo.registry_client import RegistryClient

SECONDS = 1.5
SHORT = {"quiet_period": SECONDS, "max_wait": SECONDS}
USUAL = {"quiet_period": 300.0, "max_wait": 300.0}
"""Put back where nobody knows better: after a demo that was killed."""


@asynccontextmanager
async def short_window(registry: RegistryClient, narrator: Narrator) -> AsyncIterator[dict[str, Any]]:
    """The definition of the Builder Score, due SHORT for the length of the block."""
    answer = await registry.post("/register-metadata/get_score_definitions", {"register_id": BUILDERS})
    [definition] = [one for one in answer["score_definitions"] if one["score_type"] == BUILDER_SCORE]
    chosen = {"score_definition_id": definition["score_definition_id"]}
    before = USUAL if definition["debounce"] == SHORT else definition["debounce"]
    narrator.say(
        f"{BUILDER_SCORE} is due {before['quiet_period']:g} s after its first cause; for now after {SECONDS:g} s"
    )
    await registry.post("/register-metadata/update_score_definition", {**chosen, "debounce": SHORT})
    try:
        yield definition
    finally:
        await registry.post("/register-metadata/update_score_definition", {**chosen, "debounce": before})
        narrator.say(f"{BUILDER_SCORE} is due after {before['quiet_period']:g} s again")
