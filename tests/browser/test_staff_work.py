"""What staff do besides watching scores: find records, define scores, decide by keyboard."""

import re

from playwright.async_api import Locator, expect

from console_stack import ConsoleStack
from farmer_registers import FarmerRegister
from objects import an_id
from visitors import Visit, Visitor

MOST_TABS = 60


async def tab_to(visitor: Visitor, target: Locator) -> None:
    """By the keyboard alone."""
    await target.wait_for()
    for _ in range(MOST_TABS):
        if await target.evaluate("(element) => element === document.activeElement"):
            return
        await visitor.page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached by Tab")


async def test_a_record_is_found_by_a_name_that_no_address_tells(visit: Visit, farmers: FarmerRegister) -> None:
    record, other = await farmers.farmer(name="Wanjiru Planted"), await farmers.farmer(name="Otieno")
    viewer = await visit("viewer", f"registers/{farmers.register_id}")

    await viewer.page.get_by_label("Search").fill("wanjiru")
    await viewer.page.get_by_role("button", name="Find").click()

    rows = viewer.page.get_by_role("main").get_by_role("row")
    await expect(rows.get_by_role("link", name=record)).to_have_count(1)
    await expect(rows.get_by_role("link", name=other)).to_have_count(0)
    kept = await viewer.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert [one for one in [*viewer.addresses, viewer.page.url, kept] if "wanjiru" in one.lower()] == []


async def test_a_bad_definition_is_caught_before_any_request_and_a_good_one_is_created(
    visit: Visit, farmers: FarmerRegister
) -> None:
    register = await farmers.beside("LAND_SCORE")
    administrator = await visit("administrator", f"definitions/new?register={register.register_id}")
    page = administrator.page
    create = page.get_by_role("button", name="Create", exact=True)
    await page.get_by_label("Score type").fill("FSF_SCORE")
    await page.get_by_label("Configuration (JSON)").fill('{"weights": ')
    asked = len(administrator.addresses)

    await create.click()

    await expect(page.get_by_label("Configuration (JSON)")).to_have_attribute("aria-invalid", "true")
    assert administrator.addresses[asked:] == []
    await page.get_by_label("Configuration (JSON)").fill('{"weights": {"income": 0.01}}')
    await page.get_by_role("combobox", name="Attributes").click()
    await page.get_by_role("option", name="income").click()
    await page.keyboard.press("Escape")
    await create.click()
    await expect(page).to_have_url(re.compile(rf"#/definitions/{register.register_id}/[0-9a-f-]+$"))
    await expect(page.get_by_role("heading", level=1)).to_contain_text("FSF_SCORE")


async def test_the_keyboard_alone_signs_in_and_approves(
    visit: Visit, stack: ConsoleStack, farmers: FarmerRegister
) -> None:
    change = f"CR-{an_id()}"
    record = await farmers.farmer()
    fields = {"internal_record_id": record, "change_request_id": change}
    await farmers.registry.change_request(farmers.register_id, {"income": 3500}, **fields)
    officer = await visit()
    await officer.open()
    page = officer.page

    await tab_to(officer, page.get_by_label("Token", exact=True))
    await page.keyboard.insert_text(stack.token("officer"))
    await page.keyboard.press("Enter")
    await tab_to(officer, page.get_by_role("link", name="Change requests"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Change requests")
    await tab_to(officer, page.get_by_role("button", name=f"Approve {change}"))
    await page.keyboard.press("Enter")

    await expect(page.get_by_text(f"{change} is approved")).to_be_visible()
    await expect(page.get_by_role("button", name=f"Approve {change}")).to_have_count(0)
