"""What is too large for Temporal (2 MB a payload, 4 MB a call): it fails visibly and holds up nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from objects import FARMER
from steadyscore.run_worker import working
from steadyscore.settings import Settings
from steadyscore.temporal import connect
from store.database import SessionFactory
from temporal_fakes.connections import settings_for
from temporal_fakes.plugins import installed_services
from temporal_fakes.registered import Farmers, a_register_of_farmers, until

TOO_LARGE = [2_500_000, 5_000_000]


@pytest.fixture
async def farmers(
    database_url: str, sessions: SessionFactory, temporal: Client, tmp_path: Path
) -> AsyncIterator[Farmers]:
    """Farmers with scores of texts as well."""
    client = await connect(settings_for(temporal.service_client.config.target_host))
    farmers = await a_register_of_farmers(database_url, sessions, client, notes="text", more_notes="text")
    length = "return len(''.join(values.values()))"
    with installed_services(tmp_path, {"NOTES_SCORE": length, "MORE_SCORE": length}):
        await farmers.define("PMT_SCORE")
        await farmers.define("NOTES_SCORE", contributing_attributes=("notes",), score_config={})
        await farmers.define("MORE_SCORE", contributing_attributes=("more_notes",), score_config={})
        yield farmers


@pytest.mark.parametrize("size", TOO_LARGE)
async def test_i7_a_request_that_temporal_refuses_for_its_size_fails_with_a_reason(farmers: Farmers, size: int) -> None:
    refused = await farmers.approve({"notes": "x" * size})
    other = await farmers.approve()

    await farmers.relay().tick()

    request = (await farmers.requests(refused))["NOTES_SCORE"]
    assert request.compute_status == "FAILED"
    assert request.compute_latest_error_code == "SignalRefused"
    assert "too large" in (request.compute_latest_error_message or "")
    assert await farmers.statuses(other) == {"PMT_SCORE": "PROCESSING"}


async def test_i6_a_request_that_is_too_large_holds_up_no_other_score_type(farmers: Farmers) -> None:
    record = await farmers.approve(FARMER | {"notes": "x" * 2_500_000})

    await farmers.relay().tick()

    assert await farmers.statuses(record) == {"NOTES_SCORE": "FAILED", "PMT_SCORE": "PROCESSING"}


async def test_i7_a_request_that_was_too_large_can_be_asked_for_again(farmers: Farmers) -> None:
    record = await farmers.approve({"notes": "x" * 2_500_000})
    await farmers.relay().tick()

    await farmers.approve({"notes": "shorter"}, record)
    await farmers.relay().tick()

    assert await farmers.statuses(record) == {"NOTES_SCORE": "PROCESSING"}


async def test_i1_requests_that_are_too_large_together_are_settled_all_the_same(
    farmers: Farmers, temporal: Client
) -> None:
    record = await farmers.approve({"notes": "x" * 1_200_000})
    await farmers.relay().tick()
    await farmers.let_every_wait_end()
    await farmers.approve({"more_notes": "x" * 1_200_000}, record)
    await farmers.relay().tick()

    async def settled() -> bool:
        return set((await farmers.statuses(record)).values()) <= {"COMPLETED", "FAILED"}

    async with working(temporal, farmers.sessions, Settings(_env_file=None)):  # and finds both of them waiting
        await until(settled)
