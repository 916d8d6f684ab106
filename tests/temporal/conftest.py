"""What tests of the relay and of the whole road have in common."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from steadyscore.run_worker import working
from steadyscore.settings import Settings
from steadyscore.temporal import connect
from store.database import SessionFactory
from temporal_fakes.connections import settings_for
from temporal_fakes.registered import Farmers, a_register_of_farmers


@pytest.fixture
async def farmers(database_url: str, sessions: SessionFactory, temporal: Client) -> Farmers:
    """A register of farmers with the two scores that ship here, and a client as the relay's process has it."""
    client = await connect(settings_for(temporal.service_client.config.target_host))
    farmers = await a_register_of_farmers(database_url, sessions, client)
    await farmers.define("PMT_SCORE")
    await farmers.define("FSF_SCORE")
    return farmers


@pytest.fixture
async def worker(temporal: Client, sessions: SessionFactory) -> AsyncIterator[None]:
    """The worker as its process makes it, on the test's database."""
    async with working(temporal, sessions, Settings(_env_file=None, worker_graceful_shutdown=0.1)):
        yield
