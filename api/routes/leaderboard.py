"""Users by score: the leaderboard, and the part of it around a user."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.cursors import MAX_BIGINT, MAX_INTEGER, read_cursor, read_text_id, read_whole, refused_if_foreign, write_cursor
from api.guard import GuardedRoute
from api.list_queries import PageWanted
from api.permissions import Permission, permission
from api.problems import documented
from api.profile_schemas import Leaderboard, RankedProfile, UserId
from api.query_values import WHOLE
from api.services import Services
from builders.leaderboard import LeaderboardPage, Place, list_around, list_leaderboard

router = APIRouter(route_class=GuardedRoute, prefix="/leaderboard", tags=["builders"])

MAY_LOOK = permission(Permission.VIEW_BUILDERS, Permission.BUILD)
SCOPE = "leaderboard"


class AroundWanted(BaseModel):
    """How much of the leaderboard."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, WHOLE, Field(ge=1, le=500, description="Rows of the page, the user's among them")] = 11


@router.get("", openapi_extra=MAY_LOOK, responses=documented())
async def get_leaderboard(wanted: Annotated[PageWanted, Query()], services: Services) -> Leaderboard:
    """Users by score, highest first, with ranks: equal scores share one (1, 2, 2, 4).

    A page begins after the row that the one before ended with, and its ranks go on from there: users whose score
    changes meanwhile are where they are now, all others come once.
    """
    after = None if wanted.after is None else _read_place(wanted.after)
    async with services.reads() as session:
        return _answer(await list_leaderboard(session, wanted.limit, after))


@router.get("/around/{user_id}", openapi_extra=MAY_LOOK, responses=documented(HTTPStatus.NOT_FOUND))
async def get_leaderboard_around(
    user_id: UserId, wanted: Annotated[AroundWanted, Query()], services: Services
) -> Leaderboard:
    """The part of the leaderboard around a user, with exact ranks; `next` goes on with it as `after` of /leaderboard.

    The user stands in the middle, or further up where fewer stand above.
    """
    async with services.reads() as session:
        return _answer(await list_around(session, user_id, wanted.limit))


def _answer(page: LeaderboardPage) -> Leaderboard:
    users = [RankedProfile.model_validate(user) for user in page.users]
    return Leaderboard(users=users, next=None if page.next is None else _write_place(page.next))


def _write_place(place: Place) -> str:
    return write_cursor(SCOPE, place.builder_score, place.user_id, place.rank, place.number)


def _read_place(cursor: str) -> Place:
    with refused_if_foreign():
        score, user_id, rank, number = read_cursor(cursor, SCOPE)
        number = read_whole(number, MAX_BIGINT)
        return Place(read_whole(score, MAX_INTEGER), read_text_id(user_id), read_whole(rank, number), number)
