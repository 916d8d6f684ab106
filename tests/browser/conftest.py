"""One stack and one browser for all tests; what a page must never do fails the test that made it do so."""

import os
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright, expect

from api.console_pages import NOT_BUILT
from api.console_settings import BUILT
from console_stack import ConsoleStack, with_land_score
from farmer_registers import FarmerRegister, a_farmer_register
from homes import installation, start_up, stop
from steadyscore.demo.registry_client import RegistryClient
from tools.chromium import HOME, find_chromium, tell
from tools.screenshots.world import World, play
from visitors import Visit, Visitor, keep_evidence, visiting

PATIENCE_MILLISECONDS = 15_000

expect.set_options(timeout=PATIENCE_MILLISECONDS)
_FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def stack(temporal_cli: Path) -> Iterator[ConsoleStack]:
    """`steadyscore up` with the console that is built."""
    if not (BUILT / "index.html").is_file():
        pytest.fail(NOT_BUILT)
    with (
        # not in pytest's own folder: as root PostgreSQL is another user
        tempfile.TemporaryDirectory(prefix="steadyscore-") as directory,
        installation(Path(directory), temporal_cli, DEBOUNCE_QUIET_PERIOD="0.2") as bare,
        with_land_score(bare) as home,
    ):
        process, http = start_up(home)
        http.close()
        try:
            yield ConsoleStack(home)
        finally:
            stop(process)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    # as root it refuses its sandbox
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(HOME, tell), args=arguments)
        yield browser
        await browser.close()


@pytest.fixture
async def visit(browser: Browser, stack: ConsoleStack, request: pytest.FixtureRequest) -> AsyncIterator[Visit]:
    """Makes visitors who have signed in with a role; without one, who have not."""
    visitors: list[Visitor] = []
    async with AsyncExitStack() as contexts:

        async def make(role: str | None = None, place: str = "registers", **options: Any) -> Visitor:
            url = options.pop("url", stack.url)
            visitor = await contexts.enter_async_context(visiting(browser, url, **options))
            visitor.page.set_default_timeout(PATIENCE_MILLISECONDS)
            visitors.append(visitor)
            if role is not None:
                await visitor.sign_in(stack.token(role), place)
            return visitor

        yield make
        complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
        if complaints or request.node.stash.get(_FAILED, False):
            folders = [str(await keep_evidence(visitor)) for visitor in visitors]
            request.node.add_report_section("teardown", "browser", "\n".join(folders))
    assert complaints == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Lets fixtures know that their test failed."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session")
async def registry(stack: ConsoleStack) -> AsyncIterator[RegistryClient]:
    """The HTTP interface as an administrator."""
    async with stack.registry() as registry:
        yield registry


@pytest.fixture(scope="session")
async def farmers(registry: RegistryClient) -> FarmerRegister:
    """A register that all tests share; each makes records of its own."""
    return await a_farmer_register(registry)


@pytest.fixture(scope="session")
async def world(registry: RegistryClient, stack: ConsoleStack) -> World:
    """Farmers and builders, some of whose scores wait or have failed."""
    return await play(registry, lambda name: stack.token("builder", name))
