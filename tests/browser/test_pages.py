"""Every page as everybody can read it: by keyboard and screen reader, light and dark, on a telephone, in Arabic."""

import pytest
from playwright.async_api import Page, expect

from page_checks import problems_in_every_look, sideways
from tools.screenshots.camera import LOADING
from tools.screenshots.world import World, places
from visitors import NARROW, Visit, Visitor

PLACES = list(places(World("", "", "", "", "")))


async def turn_to(visitor: Visitor, place: str) -> Page:
    """A page, once all that it asked for has come."""
    await visitor.open(place)
    # what stands there is the page before
    await visitor.page.reload()
    await expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    await expect(visitor.page.locator(LOADING)).to_have_count(0)
    return visitor.page


@pytest.mark.parametrize("name", PLACES)
async def test_a_page_can_be_read_by_everybody_in_every_look(visit: Visit, world: World, name: str) -> None:
    visitor = await visit("administrator")
    page = await turn_to(visitor, places(world)[name])

    found = await problems_in_every_look(page)

    assert found == []


@pytest.mark.parametrize("language", ["fr", "ar"])
async def test_no_page_scrolls_sideways_on_a_telephone(visit: Visit, world: World, language: str) -> None:
    width, height = NARROW
    visitor = await visit("administrator", locale=language, viewport={"width": width, "height": height})

    beyond = {name: await sideways(await turn_to(visitor, place)) for name, place in places(world).items()}

    assert {name: pixels for name, pixels in beyond.items() if pixels} == {}


async def test_the_sign_in_can_be_read_by_everybody_in_every_look(visit: Visit) -> None:
    visitor = await visit()
    await visitor.open()
    await expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()

    found = await problems_in_every_look(visitor.page)

    assert found == []


async def test_arabic_turns_the_page_and_keeps_it_turned(visit: Visit) -> None:
    visitor = await visit("viewer")
    before = await visitor.page.get_by_role("navigation").bounding_box()

    await visitor.page.get_by_role("combobox", name="Language").click()
    await visitor.page.get_by_role("option", name="العربية").click()
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("السجلات")
    after = await visitor.page.get_by_role("navigation").bounding_box()
    await visitor.page.reload()

    assert before is not None
    assert after is not None
    assert (before["x"], after["x"]) == (0, 1280 - after["width"])
    await expect(visitor.page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(visitor.page.locator("html")).to_have_attribute("lang", "ar")
