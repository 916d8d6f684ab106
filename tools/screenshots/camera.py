"""Chromium with a fixed size, zone and language, looking at pages of the console."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, async_playwright, expect

from tools.chromium import HOME, find_chromium, tell

HEIGHT = 900
LOADING = ".mantine-Loader-root, .mantine-Skeleton-root, .scores-face[aria-busy=true]"
PATIENCE_MILLISECONDS = 20_000


@dataclass(frozen=True)
class Look:
    """How somebody looks at the console."""

    width: int = 1280
    scheme: Literal["light", "dark"] = "light"
    language: str = "en-GB"

    @property
    def name(self) -> str:
        """As part of a file's name."""
        return f"{self.language.partition('-')[0]}-{self.width}-{self.scheme}"


LOOKS = (
    Look(),
    Look(scheme="dark"),
    Look(width=390),
    Look(width=390, scheme="dark"),
    Look(language="ar"),
    Look(width=390, language="ar"),
)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Without a window."""
    # as root it refuses its sandbox
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(HOME, tell), args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def looking(browser: Browser, look: Look, url: str, token: str) -> AsyncIterator[Page]:
    """A page that has signed in."""
    context = await browser.new_context(
        viewport={"width": look.width, "height": HEIGHT},
        color_scheme=look.scheme,
        locale=look.language,
        timezone_id="Africa/Nairobi",
        reduced_motion="reduce",
    )
    try:
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        await page.goto(f"{url}/#/sign-in?token={token}")
        # on a narrow screen the navigation is folded away
        await page.get_by_role("main").wait_for()
        await page.get_by_role("heading", level=1).wait_for()
        yield page
    finally:
        await context.close()


async def turn_to(page: Page, url: str, place: str) -> None:
    """Another page of the console, once all that it asked for has come."""
    await page.goto(f"{url}/#/{place}")
    # what stands there is the page before
    await page.reload()
    await page.get_by_role("heading", level=1).wait_for()
    await settled(page)


async def settled(page: Page) -> None:
    """Nothing is being loaded or drawn any more; the stream of scores stays open and is not waited for."""
    await expect(page.locator(LOADING)).to_have_count(0)
    await page.evaluate("document.fonts.ready.then(() => undefined)")
    await page.wait_for_timeout(400)


async def take(page: Page, file: Path, *, full_page: bool = True) -> None:
    """A picture, the text cursor hidden."""
    file.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=file, full_page=full_page, caret="hide", animations="disabled")
