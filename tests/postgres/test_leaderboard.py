"""The leaderboard and discovery: the order, the ranks, and pages that nobody falls out of."""

import random
from collections.abc import Iterable

import pytest

from builders.errors import UserNotFound
from builders.leaderboard import (
    LeaderboardPage,
    Place,
    RankedUser,
    ScoreRange,
    list_around,
    list_leaderboard,
    list_users_by_score,
)
from ranked_users import Rank, ranks_of, set_score, users_with
from scoring.errors import InvalidInput
from store.database import SessionFactory
from store.pages import Part

TIED = {"ann": 9, "ben": 7, "cem": 7, "dia": 3}
"""The ranks are 1, 2, 2, 4."""


def ranks(users: Iterable[RankedUser]) -> list[Rank]:
    return [(user.user_id, user.builder_score, user.rank) for user in users]


async def page_of(sessions: SessionFactory, limit: int, after: Place | None = None) -> LeaderboardPage:
    async with sessions() as session:
        return await list_leaderboard(session, limit, after)


async def all_pages(sessions: SessionFactory, limit: int, after: Place | None = None) -> list[RankedUser]:
    """The leaderboard page by page, from a place on."""
    page = await page_of(sessions, limit, after)
    users = list(page.users)
    while page.next is not None:
        page = await page_of(sessions, limit, page.next)
        users += page.users
    return users


async def around(sessions: SessionFactory, user_id: str, limit: int) -> LeaderboardPage:
    async with sessions() as session:
        return await list_around(session, user_id, limit)


def some_scores(seed: int, number: int) -> dict[str, int]:
    """Few scores for many users: most share theirs."""
    chance = random.Random(seed)  # noqa: S311 - a seeded test
    return {f"u{one:03}": chance.choice([0, 0, 0, 5, 5, 8, 13, 2**31 - 1]) for one in range(number)}


async def test_equal_scores_share_a_rank(sessions: SessionFactory) -> None:
    await users_with(sessions, TIED)

    page = await page_of(sessions, 10)

    assert ranks(page.users) == [("ann", 9, 1), ("cem", 7, 2), ("ben", 7, 2), ("dia", 3, 4)]
    assert [user.number for user in page.users] == [1, 2, 3, 4]
    assert page.next is None


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 59, 60, 61])
async def test_pages_of_any_size_make_the_whole_leaderboard(sessions: SessionFactory, limit: int) -> None:
    scores = some_scores(limit, 60)
    await users_with(sessions, scores)

    assert ranks(await all_pages(sessions, limit)) == ranks_of(scores)


@pytest.mark.parametrize("limit", [1, 2, 5, 12, 100])
async def test_around_each_user_is_the_part_of_the_leaderboard_that_they_stand_in(
    sessions: SessionFactory, limit: int
) -> None:
    scores = some_scores(limit, 40)
    await users_with(sessions, scores)
    everybody = ranks_of(scores)

    found = {user_id: ranks((await around(sessions, user_id, limit)).users) for user_id in scores}

    begins = {user_id: max(0, place - (limit - 1) // 2) for place, (user_id, _, _) in enumerate(everybody)}
    assert found == {user_id: everybody[begin : begin + limit] for user_id, begin in begins.items()}


async def test_the_leaderboard_goes_on_after_the_page_around_a_user(sessions: SessionFactory) -> None:
    scores = some_scores(1, 40)
    await users_with(sessions, scores)
    everybody = ranks_of(scores)
    middle = everybody[20][0]

    page = await around(sessions, middle, 5)

    assert ranks([*page.users, *await all_pages(sessions, 4, page.next)]) == everybody[18:]


async def test_nobody_is_found_around_a_user_that_there_is_not(sessions: SessionFactory) -> None:
    await users_with(sessions, TIED)

    with pytest.raises(UserNotFound, match="no user has this id") as missing:
        await around(sessions, "eve", 5)

    assert missing.value.field == "user_id"


async def test_whose_score_stays_comes_once_while_others_move_between_the_pages(sessions: SessionFactory) -> None:
    scores = some_scores(7, 60)
    await users_with(sessions, scores)
    chance = random.Random(11)  # noqa: S311 - a seeded test
    moving = set(chance.sample(sorted(scores), 20))
    page = await page_of(sessions, 4)
    seen = [user.user_id for user in page.users]

    while page.next is not None:
        for user_id in chance.sample(sorted(moving), 5):
            await set_score(sessions, user_id, chance.choice([0, 5, 6, 8, 14]))
        page = await page_of(sessions, 4, page.next)
        seen += [user.user_id for user in page.users]

    stayed = [user_id for user_id, _, _ in ranks_of(scores) if user_id not in moving]
    assert [user_id for user_id in seen if user_id not in moving] == stayed


async def test_a_page_goes_on_from_a_row_that_has_moved(sessions: SessionFactory) -> None:
    await users_with(sessions, TIED)
    first = await page_of(sessions, 2)
    await set_score(sessions, "cem", 1)

    rest = await page_of(sessions, 10, first.next)

    assert ranks(rest.users) == [("ben", 7, 2), ("dia", 3, 4), ("cem", 1, 5)]


@pytest.mark.parametrize(
    ("scores", "found"),
    [
        pytest.param(ScoreRange(), ["ann", "cem", "ben", "dia"], id="all"),
        pytest.param(ScoreRange(7), ["ann", "cem", "ben"], id="from the lower threshold on"),
        pytest.param(ScoreRange(None, 7), ["cem", "ben", "dia"], id="to the upper threshold"),
        pytest.param(ScoreRange(7, 7), ["cem", "ben"], id="of one score"),
        pytest.param(ScoreRange(10), [], id="where nobody is"),
        pytest.param(ScoreRange(0, 2**31 - 1), ["ann", "cem", "ben", "dia"], id="as wide as can be"),
    ],
)
async def test_users_between_thresholds_are_found_a_page_at_a_time(
    sessions: SessionFactory, scores: ScoreRange, found: list[str]
) -> None:
    await users_with(sessions, TIED)
    users: list[str] = []
    part: Part | None = Part(1)

    async with sessions() as session:
        while part is not None:
            page = await list_users_by_score(session, scores, part)
            users += [row.user_id for row in page.rows]
            part = None if page.next is None else Part(1, page.next)

    assert users == found


async def test_thresholds_that_nobody_can_be_between_are_refused(sessions: SessionFactory) -> None:
    async with sessions() as session:
        with pytest.raises(InvalidInput, match="min_score is greater than max_score"):
            await list_users_by_score(session, ScoreRange(8, 7), Part())
