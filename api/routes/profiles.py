"""Users as others see them: a profile, those with a score, and how a score came about."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.cursors import MAX_BIGINT, MAX_INTEGER, Cursors, scope_of
from api.guard import GuardedRoute
from api.identity import CurrentActor
from api.list_queries import PageWanted
from api.next_pages import split_page
from api.permissions import Permission, permission
from api.problems import documented
from api.profile_cache import CachedProfiles
from api.profile_loader import Profiles
from api.profile_schemas import (
    BuilderScoreHistory,
    PastBuilderScore,
    Profile,
    ProfileList,
    ShortProfile,
    UserId,
    Username,
)
from api.project_answers import find_viewer
from api.query_values import WHOLE
from api.services import Services
from builders.errors import UserNotFound
from builders.leaderboard import ScoreRange, list_users_by_score
from builders.profiles import list_profiles
from builders.register import BUILDER_SCORE
from builders.shown_events import shown_events
from store.scores import list_history

router = APIRouter(route_class=GuardedRoute, prefix="/users", tags=["builders"])

MAY_LOOK = permission(Permission.VIEW_BUILDERS, Permission.BUILD)
ScoreLimit = Annotated[int, WHOLE, Field(ge=0, le=MAX_INTEGER)]


class UsersWanted(PageWanted):
    """Users with a score; those at the thresholds belong to them."""

    min_score: ScoreLimit | None = None
    max_score: ScoreLimit | None = None


class HistoryWanted(BaseModel):
    """A page of a score's history."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, WHOLE, Field(ge=1, le=500, description="Rows a page")] = 50
    before: Annotated[int | None, WHOLE, Field(ge=1, le=MAX_BIGINT, description="`next` of the page before")] = None


@router.get("", openapi_extra=MAY_LOOK, responses=documented())
async def get_users(wanted: Annotated[UsersWanted, Query()], services: Services) -> ProfileList:
    """Users by Builder Score, highest first; those at the thresholds belong to them."""
    cursors = Cursors(scope_of("users", wanted.chosen()), int)
    scores = ScoreRange(wanted.min_score, wanted.max_score)
    async with services.reads() as session:
        page = await list_users_by_score(session, scores, cursors.part(wanted.limit, wanted.after))
    return ProfileList(users=[ShortProfile.model_validate(row) for row in page.rows], next=cursors.next(page))


@router.get("/by-username/{username}", openapi_extra=MAY_LOOK, responses=documented(HTTPStatus.NOT_FOUND))
async def get_user_by_username(username: Username, profiles: CachedProfiles) -> Profile:
    """A user's profile, by name.

    It may be some milliseconds old: a change is told to every process of the API when it is made.
    """
    profile = await profiles.find(username)
    if profile is None:
        raise UserNotFound("no user has this username", field="username")
    return profile


@router.get("/{user_id}", openapi_extra=MAY_LOOK, responses=documented(HTTPStatus.NOT_FOUND))
async def get_user(user_id: UserId, profiles: Profiles) -> Profile:
    """A user's profile, as it is now."""
    profile = await profiles.load(user_id)
    if profile is None:
        raise _unknown_id()
    return profile


@router.get("/{user_id}/score-history", openapi_extra=MAY_LOOK, responses=documented(HTTPStatus.NOT_FOUND))
async def get_builder_score_history(
    user_id: UserId, wanted: Annotated[HistoryWanted, Query()], services: Services, actor: CurrentActor
) -> BuilderScoreHistory:
    """The user's Builder Scores, newest first: the event that caused each, and what each term contributed."""
    async with services.reads() as session:
        rows = await list_history(session, user_id, BUILDER_SCORE, wanted.limit + 1, wanted.before)
        if not rows and not await list_profiles(session, [user_id]):
            raise _unknown_id()
        page, last = split_page(rows, wanted.limit)
        viewer_id = await find_viewer(session, actor.name)
        shown = await shown_events(session, viewer_id, {row.triggered_by_cr_id for row in page})
    history = [PastBuilderScore.shown(row, shown[row.triggered_by_cr_id]) for row in page]
    return BuilderScoreHistory(history=history, next=last and last.sequence)


def _unknown_id() -> UserNotFound:
    return UserNotFound("no user has this id", field="user_id")
