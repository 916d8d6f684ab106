"""The leaderboard over HTTP: ranks from page to page, around a user, and cursors that nobody can break it with."""

import base64
import json
from typing import Any

import pytest

from api.cursors import scope_of
from http_client import Api
from ranked_users import users_with
from store.database import SessionFactory

TIED = {"ann": 9, "ben": 7, "cem": 7, "dia": 3}


@pytest.fixture(autouse=True)
async def _tied(sessions: SessionFactory) -> None:
    await users_with(sessions, TIED)


async def page_of(api: Api, path: str) -> dict[str, Any]:
    """What is answered to a read that succeeds."""
    answer = await api.get(path)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ranks(page: dict[str, Any]) -> list[tuple[str, int]]:
    return [(user["username"], user["rank"]) for user in page["users"]]


def forged(*words: object) -> str:
    """A cursor that was not made by the API."""
    return base64.urlsafe_b64encode(json.dumps(words).encode()).decode().rstrip("=")


async def test_ranks_go_on_from_page_to_page(api: Api) -> None:
    first = await page_of(api, "/leaderboard?limit=2")
    last = await page_of(api, f"/leaderboard?limit=2&after={first['next']}")

    assert [ranks(first), ranks(last)] == [[("ann", 1), ("cem", 2)], [("ben", 2), ("dia", 4)]]
    assert last["next"] is None
    assert first["users"][0] == {
        "user_id": "ann",
        "username": "ann",
        "display_name": "Builder ann",
        "builder_score": 9,
        "rank": 1,
    }


async def test_the_page_around_a_user_goes_on_like_any_other(api: Api) -> None:
    around = await page_of(api, "/leaderboard/around/cem?limit=3")
    rest = await page_of(api, f"/leaderboard?after={around['next']}")

    assert ranks(around) == [("ann", 1), ("cem", 2), ("ben", 2)]
    assert (ranks(rest), rest["next"]) == ([("dia", 4)], None)


async def test_the_page_around_the_last_ends_with_them(api: Api) -> None:
    around = await page_of(api, "/leaderboard/around/dia?limit=3")

    assert (ranks(around), around["next"]) == ([("ben", 2), ("dia", 4)], None)


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("garbage", id="garbage"),
        pytest.param(forged("users", 7, "cem"), id="of another list"),
        pytest.param(forged("leaderboard", 7, "cem"), id="without ranks"),
        pytest.param(forged("leaderboard", 7.5, "cem", 2, 2), id="half a point"),
        pytest.param(forged("leaderboard", 2**31, "cem", 2, 2), id="a score beyond all"),
        pytest.param(forged("leaderboard", -1, "cem", 2, 2), id="a score below all"),
        pytest.param(forged("leaderboard", None, "cem", 2, 2), id="a score that is none"),
        pytest.param(forged("leaderboard", 7, "c\x00m", 2, 2), id="an id with a NUL"),
        pytest.param(forged("leaderboard", 7, "cem", 3, 2), id="a rank after the row"),
        pytest.param(forged("leaderboard", 7, "cem", 2, 10**30), id="a row beyond all"),
        pytest.param(forged("leaderboard", 7, "cem", "2", 2), id="a rank in words"),
        pytest.param(base64.urlsafe_b64encode(b"[" * 1500).decode(), id="brackets without end"),
    ],
)
async def test_what_is_no_place_of_the_leaderboard_is_refused(api: Api, cursor: str) -> None:
    refused = await api.get(f"/leaderboard?after={cursor}")

    assert (refused.status_code, [error["field"] for error in refused.json()["errors"]]) == (422, ["after"])


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((2**31, "cem"), id="a score beyond all"),
        pytest.param((-1, "cem"), id="a score below all"),
        pytest.param((7.0, "cem"), id="a score that is not whole"),
        pytest.param((7, 5), id="an id that is none"),
        pytest.param((7, "cem", 2, 2), id="a place of the leaderboard"),
    ],
)
async def test_what_is_no_place_of_the_list_of_users_is_refused(api: Api, words: tuple[object, ...]) -> None:
    scope = scope_of("users", {"min_score": None, "max_score": None})
    assert (await api.get(f"/users?after={forged(scope, 7, 'cem')}")).status_code == 200

    refused = await api.get(f"/users?after={forged(scope, *words)}")

    assert (refused.status_code, [error["field"] for error in refused.json()["errors"]]) == (422, ["after"])


async def test_a_cursor_of_a_row_that_is_gone_is_a_place_all_the_same(api: Api) -> None:
    page = await page_of(api, f"/leaderboard?after={forged('leaderboard', 5, 'nobody', 4, 4)}")

    assert ranks(page) == [("dia", 5)]
