"""Scores as people watch them: they turn by themselves, for everybody, whatever becomes of the API meanwhile."""

import re

from playwright.async_api import Locator, expect

from console_stack import ConsoleStack
from farmer_registers import FarmerRegister
from visitors import Visit, Visitor

PMT_BEFORE, PMT_AFTER = re.compile(r"2,001\.83"), re.compile(r"1,401\.83")
PENDING = "Being computed again"
# nothing of a document outlives its reload
LEAVE_A_MARK = "window.markOfTheTest = true"
HAS_THE_MARK = "window.markOfTheTest === true"


def score(visitor: Visitor, score_type: str = "PMT_SCORE") -> Locator:
    """All that the widget says of it."""
    groups = visitor.page.get_by_role("table", name="Scores", exact=True).get_by_role("rowgroup")
    return groups.filter(has=visitor.page.get_by_role("rowheader").filter(has_text=score_type))


async def on_the_record(visitor: Visitor, record: str) -> None:
    """On its page, with its scores in sight."""
    await visitor.open(f"records/{record}")
    await expect(score(visitor)).to_contain_text(PMT_BEFORE)
    await visitor.page.evaluate(LEAVE_A_MARK)


async def test_a_reviewer_approves_and_watches_the_badge_turn_into_the_score_without_a_reload(
    visit: Visit, farmers: FarmerRegister
) -> None:
    record = await farmers.farmer()
    change = await farmers.change(record, income=3500)
    reviewer = await visit("officer")
    await on_the_record(reviewer, record)

    await reviewer.page.get_by_role("button", name=f"Approve {change}").click()

    await expect(score(reviewer)).to_contain_text(PENDING)
    await expect(score(reviewer)).to_contain_text(PMT_AFTER)
    await expect(score(reviewer)).to_contain_text(change)
    await expect(score(reviewer)).not_to_contain_text(PENDING)
    await expect(score(reviewer, "FSF_SCORE")).to_contain_text("67")
    await expect(reviewer.page.get_by_role("row").filter(has_text=change)).to_contain_text(["Approved"])
    assert await reviewer.page.evaluate(HAS_THE_MARK)


async def test_two_browsers_see_the_same_change(visit: Visit, farmers: FarmerRegister) -> None:
    record = await farmers.farmer()
    change = await farmers.change(record, income=3500)
    reviewer, viewer = await visit("officer"), await visit("viewer")
    for visitor in (reviewer, viewer):
        await on_the_record(visitor, record)

    await reviewer.page.get_by_role("button", name=f"Approve {change}").click()

    for visitor in (viewer, reviewer):
        await expect(score(visitor)).to_contain_text(PMT_AFTER)
        await expect(score(visitor)).to_contain_text(change)
        assert await visitor.page.evaluate(HAS_THE_MARK)


async def test_the_page_recovers_by_itself_from_an_api_that_was_killed(
    visit: Visit, stack: ConsoleStack, farmers: FarmerRegister
) -> None:
    record = await farmers.farmer()
    with stack.another_api() as api:
        viewer = await visit("viewer", url=api.url)
        await on_the_record(viewer, record)

        api.kill()
        await farmers.registry.approve(await farmers.change(record, income=3500))
        await farmers.registry.settled(record)
        await expect(score(viewer)).to_contain_text(PMT_BEFORE)
        api.start()
        await expect(score(viewer)).to_contain_text(PMT_AFTER, timeout=30_000)

        # the stream is there again, too
        await farmers.registry.approve(await farmers.change(record, income=4000))
        await expect(score(viewer)).to_contain_text(PENDING)
        await expect(score(viewer)).to_contain_text(re.compile(r"1,601\.83"))
        assert await viewer.page.evaluate(HAS_THE_MARK)


async def test_a_failure_shows_its_reason_and_is_retried_from_the_page_once_the_service_is_mended(
    visit: Visit, stack: ConsoleStack, farmers: FarmerRegister
) -> None:
    register = await farmers.beside("LAND_SCORE")
    stack.break_land_prices()
    record = await register.farmer()
    administrator = await visit("administrator", f"records/{record}")
    await expect(score(administrator, "LAND_SCORE")).to_contain_text("Failed")
    await expect(score(administrator, "LAND_SCORE")).to_contain_text("the prices of land are missing")

    stack.mend_land_prices()
    await administrator.page.get_by_role("button", name="Compute again: LAND_SCORE").click()

    await expect(score(administrator, "LAND_SCORE")).to_contain_text("42.5")
    await expect(score(administrator, "LAND_SCORE")).not_to_contain_text("Failed")


async def test_a_missing_input_is_named_asked_for_approved_and_computed(visit: Visit, farmers: FarmerRegister) -> None:
    record = await farmers.farmer(income=None)
    officer = await visit("officer", f"records/{record}")
    await expect(score(officer, "FSF_SCORE")).to_contain_text(re.compile("computation failed: .*income is missing"))

    await officer.page.get_by_role("link", name="Ask for a change").click()
    await officer.page.get_by_label("income").fill("3500")
    await officer.page.get_by_label("Id of the change request").fill(f"CR-{record}")
    await officer.page.get_by_role("button", name="Send the change request").click()
    await officer.open(f"records/{record}")
    await officer.page.get_by_role("button", name=f"Approve CR-{record}").click()

    await expect(score(officer)).to_contain_text(PMT_AFTER)
    await expect(score(officer, "FSF_SCORE")).to_contain_text("67")
    await expect(score(officer, "FSF_SCORE")).to_contain_text(f"CR-{record}")


async def test_the_history_opens_as_a_chart_and_as_a_table(visit: Visit, farmers: FarmerRegister) -> None:
    record = await farmers.farmer()
    await farmers.registry.approve(await farmers.change(record, income=3500))
    await farmers.registry.settled(record)
    viewer = await visit("viewer", f"records/{record}")

    await viewer.page.get_by_role("button", name="History: PMT_SCORE").click()

    history = viewer.page.get_by_role("region", name="History of PMT_SCORE")
    await expect(history.locator("svg").first).to_be_visible()
    await history.get_by_text("Show as table").click()
    rows = history.get_by_role("table").get_by_role("row")
    await expect(rows).to_have_count(3)
    await expect(rows.nth(1)).to_contain_text(PMT_AFTER)
    await expect(rows.nth(2)).to_contain_text(PMT_BEFORE)


async def test_whoever_may_not_approve_is_not_offered_it(visit: Visit, farmers: FarmerRegister) -> None:
    record = await farmers.farmer()
    change = await farmers.change(record, income=3500)

    viewer = await visit("viewer", f"records/{record}")

    await expect(viewer.page.get_by_role("row").filter(has_text=change)).to_contain_text("Waiting")
    await expect(viewer.page.get_by_role("button", name=f"Approve {change}")).to_have_count(0)
    await expect(viewer.page.get_by_role("link", name="Ask for a change")).to_have_count(0)


async def test_a_reader_without_the_permission_is_told_which_one_it_takes(
    visit: Visit, farmers: FarmerRegister
) -> None:
    record = await farmers.farmer()

    builder = await visit("builder", f"records/{record}")

    alerts = builder.page.get_by_role("main").get_by_role("alert")
    for needed in ("registerScore:view", "registerRecord:view", "changeRequest:view", "registerHistory:view"):
        await expect(alerts.filter(has_text=needed)).to_contain_text("You have no permission to see")
    await builder.open(f"registers/{farmers.register_id}")
    await expect(alerts.first).to_contain_text("register")
    await expect(builder.page.get_by_role("navigation").get_by_role("link", name="Registers")).to_have_count(0)
