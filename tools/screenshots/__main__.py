"""Pictures for the README into docs/images; with `--all FOLDER`, every page in every look into that folder instead."""

import argparse
import sys
from pathlib import Path

from playwright.async_api import Browser, Page

from tools.screenshots.camera import LOOKS, Look, chromium, looking, settled, take, turn_to
from tools.screenshots.stack import Running, run_with_stack
from tools.screenshots.world import World, places, play

IMAGES = Path(__file__).parents[2] / "docs" / "images"


def main() -> None:
    """Leaves no process behind."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", dest="folder")
    folder = parser.parse_args().folder

    async def work(running: Running) -> None:
        world = await play(running.registry, lambda name: running.token("builder", name))
        say("the data is there")
        async with chromium() as browser:
            if folder is None:
                await take_for_the_readme(browser, running, world)
            else:
                await take_all(browser, running, world, folder)

    run_with_stack(work, say)


async def take_for_the_readme(browser: Browser, running: Running, world: World) -> None:
    """The record with a pending score, the history as a chart, the leaderboard."""
    pictures = {"record": f"records/{world.amina}", "leaderboard": "builders"}
    for name, place in pictures.items():
        for look in (Look(), Look(scheme="dark"), Look(width=390)):
            async with looking(browser, look, running.url, running.token("administrator", "grace")) as page:
                await turn_to(page, running.url, place)
                await take(page, IMAGES / f"{name}-{look.width}-{look.scheme}.png", full_page=False)
                if name == "record":
                    await take_the_history(page, look)


async def take_the_history(page: Page, look: Look) -> None:
    """As a chart, opened on the page of its record."""
    await page.get_by_role("button", name="History: PMT_SCORE").click()
    history = page.get_by_role("region", name="History of PMT_SCORE")
    await history.locator(".recharts-line-curve").first.wait_for()
    await settled(page)
    await history.screenshot(path=IMAGES / f"history-{look.width}-{look.scheme}.png", animations="disabled")


async def take_all(browser: Browser, running: Running, world: World, folder: Path) -> None:
    """Every page in every look, and who may not see one."""
    for look in LOOKS:
        async with looking(browser, look, running.url, running.token("administrator", "grace")) as page:
            for name, place in places(world).items():
                await turn_to(page, running.url, place)
                await take(page, folder / f"{name}-{look.name}.png")
        say(f"looked at everything: {look.name}")


def say(line: str) -> None:
    """What goes on."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
