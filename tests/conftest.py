"""What tests need running: PostgreSQL, Temporal. Each starts once, and only when a test asks for it.

Configured servers win: TEST_DATABASE_URL (a server where databases may be made and dropped), TEST_TEMPORAL_ADDRESS.
"""

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import hypothesis  # noqa: F401 - imported late by its plugin, it can break the summary of a failure (Python 3.11)
import psutil
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from databases import create_copy, drop, run_on_server, url_of
from steadyscore.embedded.postgres import EmbeddedPostgres
from steadyscore.embedded.temporal_cli import find_temporal_cli
from steadyscore.embedded.temporal_server import DYNAMIC_CONFIG
from steadyscore.migrate import migrate
from store.database import Session, SessionFactory, make_engine, make_sessions
from time_skipping.server import time_skipping_server

HOME = Path(__file__).resolve().parent.parent / ".steadyscore"
# autovacuum at work would keep a test's own VACUUM from marking pages as visible to all, and change its plans
FAST_AND_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
ROOM_FOR_TESTS = 4 * 2**30
"""Bytes that must be free, of the folder and of memory: databases and write-ahead logs of two sessions side by side."""
LONGEST = ("test_faults.py", "test_schemathesis.py", "test_protocol.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes: begun last, each would keep one core and leave the other idle."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server; the URL of its database `postgres`."""
    configured = os.environ.get("TEST_DATABASE_URL")
    if configured:
        yield configured
        return
    # not in pytest's own folder: another session makes that private again, and as root PostgreSQL is another user
    with (
        tempfile.TemporaryDirectory(prefix="steadyscore-", dir=_in_memory()) as directory,
        EmbeddedPostgres(Path(directory), FAST_AND_FORGETFUL) as postgres,
    ):
        yield postgres.url("postgres")


def _in_memory() -> Path | None:
    """A folder in memory where there is one with room: a database a test is 300 files made and removed."""
    folder = Path("/dev/shm")  # noqa: S108 - only what is below, in a private folder, is used
    if not folder.is_dir():
        return None
    room = min(shutil.disk_usage(folder).free, psutil.virtual_memory().available)
    return folder if room >= ROOM_FOR_TESTS else None


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> Iterator[str]:
    """A migrated database to copy."""
    name = f"template_{uuid.uuid4().hex}"
    asyncio.run(run_on_server(postgres_url, f"CREATE DATABASE {name}"))
    asyncio.run(migrate(url_of(postgres_url, name)))
    yield name
    asyncio.run(drop(postgres_url, name))


@pytest.fixture
async def database_url(postgres_url: str, template_database: str) -> AsyncIterator[str]:
    """A migrated database of the test's own."""
    name = f"test_{uuid.uuid4().hex}"
    await create_copy(postgres_url, name, template_database)
    yield url_of(postgres_url, name)
    await drop(postgres_url, name)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The engine as the processes make it."""
    engine = make_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> SessionFactory:
    """Makes sessions on the test's database."""
    return make_sessions(engine)


@pytest.fixture
async def session(sessions: SessionFactory) -> AsyncIterator[Session]:
    """One session; what it does not commit is gone after the test."""
    async with sessions() as session:
        yield session


@pytest.fixture(scope="session")
def temporal_cli() -> Path:
    """The Temporal CLI, which is also the development server."""
    return find_temporal_cli(HOME, print)


@pytest.fixture(scope="session")
async def temporal(temporal_cli: Path) -> AsyncIterator[Client]:
    """A client of a development server in memory, on which a workflow id may be started again at once."""
    configured = os.environ.get("TEST_TEMPORAL_ADDRESS")
    if configured:
        yield await Client.connect(configured)
        return
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_cli),
        dev_server_log_level="error",
        dev_server_extra_args=[
            part
            for setting in (*DYNAMIC_CONFIG, "history.workflowIdReuseMinimalInterval=0")
            for part in ("--dynamic-config-value", setting)
        ],
    )
    async with environment:
        yield environment.client


@pytest.fixture(scope="session")
async def time_skipping() -> AsyncIterator[WorkflowEnvironment]:
    """Temporal's time-skipping server: hours pass while a test waits for a result. One clock for all its runs."""
    server = time_skipping_server(HOME / "time-skipping")
    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(server), test_server_startup_timeout=timedelta(seconds=30)
    )
    async with environment:
        yield environment
