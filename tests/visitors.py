"""People at the console: each with a browser of their own that is watched for what must never happen."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Response

WIDE = (1280, 900)
NARROW = (390, 844)
# CSP tells the page's own scripts of violations whether or not the browser writes them down
_REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (violation) =>
    console.error(`Content Security Policy: ${violation.violatedDirective} ${violation.blockedURI}`))"""


@dataclass
class Visitor:
    """One person and the page that is open."""

    url: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    """What the page must not do and did."""
    addresses: list[str] = field(default_factory=list)
    """Of every request."""
    tolerated: set[int] = field(default_factory=set)
    """Statuses from 404 on that this test brings about."""

    async def open(self, place: str = "") -> None:
        """A page of the console, such as `registers`."""
        await self.page.goto(f"{self.url}/#/{place}")

    async def sign_in(self, token: str, place: str = "registers") -> None:
        """With a token in the address, as `steadyscore console` does; then open this page."""
        await self.open(f"sign-in?token={token}")
        # on a narrow page the navigation is folded away
        await self.page.get_by_role("main").and_(self.page.locator(":not(.sign-in)")).wait_for()
        await self.open(place)

    def watch(self) -> None:
        """Take down whatever is wrong from now on."""
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error in the page: {error}"))
        self.page.on("response", self._on_response)
        self.page.on("request", lambda request: self.addresses.append(request.url))

    def _on_console(self, message: ConsoleMessage) -> None:
        # answers are judged by their status
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"the page's console: {message.text}")

    def _on_response(self, response: Response) -> None:
        is_wrong = response.status == 404 or response.status >= 500
        if is_wrong and response.status not in self.tolerated:
            self.complaints.append(f"{response.request.method} {response.url} was answered {response.status}")


Visit = Callable[..., Awaitable[Visitor]]
"""Of the fixture `visit`: somebody with this role, on this page."""


@asynccontextmanager
async def visiting(browser: Browser, url: str, **options: Any) -> AsyncIterator[Visitor]:
    """Somebody in Nairobi who reads English; options are those of the browser's context."""
    width, height = WIDE
    usual: dict[str, Any] = {
        "locale": "en-GB",
        "timezone_id": "Africa/Nairobi",
        "viewport": {"width": width, "height": height},
        "reduced_motion": "reduce",
    }
    context = await browser.new_context(**usual | options)
    try:
        await context.add_init_script(_REPORT_VIOLATIONS)
        await context.tracing.start(snapshots=True)
        visitor = Visitor(url, context, await context.new_page())
        visitor.watch()
        yield visitor
    finally:
        await context.close()


async def keep_evidence(visitor: Visitor) -> Path:
    """A folder, not of the project's, with a picture of the page and the trace of how it came to it."""
    folder = Path(tempfile.mkdtemp(prefix="steadyscore-browser-"))
    await visitor.page.screenshot(path=folder / "page.png", full_page=True)
    await visitor.context.tracing.stop(path=folder / "trace.zip")
    return folder
