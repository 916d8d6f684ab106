"""One's own profile: sign up, look, change. Other people's are read in api/routes/profiles.py."""

from http import HTTPStatus

from fastapi import APIRouter

from api import builder_schemas as schemas
from api.guard import GuardedRoute
from api.identity import CurrentActor
from api.permissions import Permission, permission
from api.problems import documented
from api.profile_schemas import Profile
from api.services import Services
from builders.users import get_own_user, sign_up, update_profile

router = APIRouter(route_class=GuardedRoute, tags=["builders"], responses=documented(HTTPStatus.CONFLICT))


@router.post("/users", status_code=HTTPStatus.CREATED, openapi_extra=permission(Permission.BUILD))
async def post_user(body: schemas.SignUp, services: Services, actor: CurrentActor) -> Profile:
    """Sign up: make the profile of whoever holds the token, once, and ask for its first score."""
    async with services.sessions.begin() as session:
        user = await sign_up(session, actor, body.username, body.profile())
    return Profile.model_validate(user)


@router.get("/users/me", openapi_extra=permission(Permission.BUILD))
async def get_me(services: Services, actor: CurrentActor) -> Profile:
    """One's own profile; 409 for who has not signed up."""
    async with services.reads() as session:
        return Profile.model_validate(await get_own_user(session, actor.name))


@router.patch("/users/me", openapi_extra=permission(Permission.BUILD))
async def patch_me(body: schemas.ChangeProfile, services: Services, actor: CurrentActor) -> Profile:
    """Change one's own profile; a change of a field that counts asks for a score."""
    async with services.sessions.begin() as session:
        user = await update_profile(session, actor, body.change())
    return Profile.model_validate(user)
