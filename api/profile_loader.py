"""Profiles by id: all that a request asks for in one query, each once."""

from collections.abc import Sequence
from typing import Annotated

from aiodataloader import DataLoader
from fastapi import Depends

from api.profile_schemas import Profile
from api.services import Services
from builders.profiles import list_profiles
from store.database import SessionFactory


class ProfileLoader(DataLoader[str, Profile | None]):
    """`load` and `load_many` answer None for an id that no user has; what was loaded stays as it is for the request."""

    def __init__(self, sessions: SessionFactory) -> None:
        super().__init__()
        self._sessions = sessions

    async def batch_load_fn(self, user_ids: Sequence[str]) -> list[Profile | None]:
        """As the library asks: the profiles in the order of the ids."""
        async with self._sessions() as session:
            rows = await list_profiles(session, user_ids)
        profiles = {row.user_id: Profile.model_validate(row) for row in rows}
        return [profiles.get(user_id) for user_id in user_ids]


async def _profiles(services: Services) -> ProfileLoader:
    # async, as a loader belongs to the event loop that it is made on
    return ProfileLoader(services.reads)


Profiles = Annotated[ProfileLoader, Depends(_profiles)]
