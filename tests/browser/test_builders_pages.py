"""The leaderboard and a profile, as those see them who look for somebody to work with."""

from playwright.async_api import expect

from tools.screenshots.world import World
from visitors import Visit


async def test_the_leaderboard_leads_to_the_profile_of_whoever_is_first(visit: Visit, world: World) -> None:
    visitor = await visit("viewer", "builders")
    first = visitor.page.get_by_role("main").get_by_role("row").nth(1)
    await expect(first).to_contain_text("525")

    await first.get_by_role("link").first.click()

    await expect(visitor.page).to_have_url(f"{visitor.url}/#/builders/{world.builder_id}")
    await expect(visitor.page.get_by_role("heading", level=1)).to_contain_text("Cleo")


async def test_a_profile_tells_what_its_score_is_made_of_and_how_it_came_about(visit: Visit, world: World) -> None:
    visitor = await visit("viewer", f"builders/{world.builder_id}")
    main = visitor.page.get_by_role("main")

    await expect(main).to_contain_text("525")
    for term, points in {"Shipped": "100", "Vouches": "50", "Impact": "375"}.items():
        await expect(main).to_contain_text(term)
        await expect(main).to_contain_text(points)
    await expect(main.locator(".recharts-line-curve").first).to_be_visible()
