"""What is answered of builders: profiles, in full and in short, ranks, and how a score came about."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from api.list_schemas import Next
from api.schemas import Answer, Identifier
from builders.users import USERNAME_PATTERN

USER_ID = "7f9d2f6e-52a4-4c02-9f0e-1d6a6f1f9b33"

UserId = Annotated[Identifier, Field(examples=[USER_ID])]
Username = Annotated[str, Field(pattern=USERNAME_PATTERN, examples=["amina"])]
BuilderScore = Annotated[int, Field(ge=0, examples=[275])]


class ShortProfile(Answer):
    """A user, where others are shown as well."""

    user_id: str = Field(examples=[USER_ID])
    username: str = Field(examples=["amina"])
    display_name: str = Field(examples=["Amina Njeri"])
    builder_score: BuilderScore


class Profile(ShortProfile):
    """A user's profile; `updated_at` tells of the profile, not of the score."""

    headline: str = Field(examples=["Tools for small farms"])
    bio: str
    skills: list[str] = Field(examples=[["python", "agronomy"]])
    location: str = Field(examples=["Nakuru"])
    website: str = Field(examples=["https://amina.example.org"])
    created_at: datetime
    updated_at: datetime


class RankedProfile(ShortProfile):
    """A user with their place; equal scores share a rank, and the next lower one has as many before it as it says."""

    rank: int = Field(ge=1, examples=[1])


class ProfileList(Answer):
    """Users by score."""

    users: list[ShortProfile]
    next: Next


class Leaderboard(Answer):
    """Users by score, with their ranks."""

    users: list[RankedProfile]
    next: Next


class PastBuilderScore(Answer):
    """A score and the event that caused it; `breakdown` says what each term of the formula contributed."""

    # every Builder Score is whole; the core keeps scores as numbers of any kind
    computed_score: Annotated[int, BeforeValidator(round), Field(examples=[275])]
    computed_at: datetime
    triggered_by: str = Field(
        validation_alias="triggered_by_cr_id",
        examples=[f"collaborator_confirmed:{USER_ID}"],
        description="The event and the id of what it happened to; without the id of a draft that one may not see",
    )
    sequence: int = Field(examples=[4711])
    definition_version: int = Field(examples=[1])
    breakdown: dict[str, Any] | None = Field(
        examples=[{"vouches": {"points": 75, "uncapped": 75, "counted": {"vouches": 3}}}]
    )

    @classmethod
    def shown(cls, row: object, triggered_by: str) -> "PastBuilderScore":
        """As stored, but for what triggered it."""
        return cls.model_validate(row).model_copy(update={"triggered_by": triggered_by})


class BuilderScoreHistory(Answer):
    """Scores, newest first; `next` is null on the last page."""

    history: list[PastBuilderScore]
    next: int | None = Field(examples=[None], description="Send it as `before` for the next page")
