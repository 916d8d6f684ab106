"""What every page of the console keeps, however it is looked at."""

from pathlib import Path
from typing import Literal

from playwright.async_api import Page

from visitors import NARROW, WIDE

_AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_LOOKS: tuple[tuple[Literal["light", "dark"], tuple[int, int]], ...] = (
    ("light", WIDE),
    ("light", NARROW),
    ("dark", NARROW),
    ("dark", WIDE),
)
_VIOLATIONS = """async (rules) => (await axe.run(document, rules)).violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, any }) => `${id}: ${help} (${target.join(" ")}) ${any[0]?.message ?? ""}`))"""
_BEYOND_THE_EDGE = "document.scrollingElement.scrollWidth - window.innerWidth"


async def accessibility_problems(page: Page, *rules: str) -> list[str]:
    """What axe finds, one line each; by all of its rules where none is told."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE.read_text(encoding="utf-8"))
    return list(await page.evaluate(_VIOLATIONS, {"runOnly": list(rules)} if rules else {}))


async def sideways(page: Page) -> int:
    """So many pixels the page can be scrolled to the side."""
    return max(0, int(await page.evaluate(_BEYOND_THE_EDGE)))


async def problems_in_every_look(page: Page) -> list[str]:
    """Light and dark, wide and narrow, one after the other: what axe finds, and whether the page scrolls sideways."""
    found = []
    for scheme, (width, height) in _LOOKS:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size({"width": width, "height": height})
        # what is drawn by size is drawn again
        await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        # of all rules the dark can only break this one
        problems = await accessibility_problems(page, *(["color-contrast"] if scheme == "dark" else []))
        if beyond := await sideways(page):
            problems.append(f"it scrolls {beyond} px sideways")
        found += [f"{scheme}, {width} px: {problem}" for problem in problems]
    return found
