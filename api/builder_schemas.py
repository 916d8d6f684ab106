"""Bodies of what builders write: profiles, projects, collaborations."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, field_validator, model_validator

from api.builder_texts import Bio, DisplayName, Headline, Location, Skills, Summary, Title, Website
from api.list_schemas import Next
from api.profile_schemas import ShortProfile, UserId, Username
from api.schemas import Answer, Body, Identifier
from builders.projects import MAX_METRIC, NewProject, ProjectChange
from builders.tables import CollaboratorStatus, ProjectStatus
from builders.users import NewProfile, ProfileChange

ProjectId = Annotated[Identifier, Field(examples=["b7d0c1de-7a51-4c0e-8f6d-6f2f6f1f9c02"])]
Total = Annotated[int, Field(ge=0, le=MAX_METRIC, examples=[1200])]
NewStatus = Annotated[ProjectStatus, Field(strict=False, examples=["shipped"])]


class SignUp(Body):
    """The profile of whoever holds the token."""

    username: Annotated[Username, Field(description="It never changes")]
    display_name: DisplayName
    headline: Headline = ""
    bio: Bio = ""
    skills: Skills = Field(default_factory=list)
    location: Location = ""
    website: Website = ""

    def profile(self) -> NewProfile:
        """Without the name that never changes."""
        return NewProfile(self.display_name, self.headline, self.bio, tuple(self.skills), self.location, self.website)


def _some_of_these(schema: dict[str, Any]) -> None:
    # what `Change` asks for, in the terms of JSON Schema
    schema["minProperties"] = 1
    for name, field in schema["properties"].items():
        value, _ = field["anyOf"]
        told = {word: told for word, told in field.items() if word not in {"anyOf", "default"}}
        schema["properties"][name] = value | told


class Change(Body):
    """What is left out stays as it is; null would not say what is to become of it."""

    model_config = ConfigDict(json_schema_extra=_some_of_these)

    @field_validator("*")
    @classmethod
    def _require_value(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("must not be null; leave it out to keep it")
        return value

    @model_validator(mode="after")
    def _require_something(self) -> "Change":
        if not self.model_fields_set:
            raise ValueError(f"must change something: send one of {', '.join(type(self).model_fields)}")
        return self


class ChangeProfile(Change):
    """New values for fields of one's profile; the username stays."""

    display_name: DisplayName | None = None
    headline: Headline | None = None
    bio: Bio | None = None
    skills: Skills | None = None
    location: Location | None = None
    website: Website | None = None

    def change(self) -> ProfileChange:
        """As the domain takes it."""
        skills = None if self.skills is None else tuple(self.skills)
        return ProfileChange(self.display_name, self.headline, self.bio, skills, self.location, self.website)


class CreateProject(Body):
    """A new project of one's own; a draft is seen by its owner and by whom that one invites."""

    title: Title
    summary: Summary = ""
    status: NewStatus = ProjectStatus.DRAFT

    def project(self) -> NewProject:
        """As the domain takes it."""
        return NewProject(self.title, self.summary, self.status)


class ChangeProject(Change):
    """New values for fields of one's project."""

    title: Title | None = None
    summary: Summary | None = None
    status: NewStatus | None = None

    def change(self) -> ProjectChange:
        """As the domain takes it."""
        return ProjectChange(self.title, self.summary, self.status)


class MeasureImpact(Change):
    """Totals of a project as they are now; those left out stay."""

    active_users: Total | None = None
    downloads: Total | None = None
    stars: Total | None = None

    def metrics(self) -> dict[str, int]:
        """Those that are told."""
        return self.model_dump(exclude_unset=True)


class Impact(Answer):
    """What a project's use amounts to."""

    active_users: int
    downloads: int
    stars: int


class MeasuredImpact(Impact):
    """A project's totals, as stored."""

    project_id: ProjectId


class Invite(Body):
    """Whom to invite."""

    user_id: UserId


class Collaboration(Answer):
    """Where a collaboration stands."""

    project_id: ProjectId
    status: CollaboratorStatus
    invited_at: datetime
    confirmed_at: datetime | None


class Collaborator(Answer):
    """Somebody on a project, or invited to it."""

    user: ShortProfile
    status: CollaboratorStatus
    invited_at: datetime
    confirmed_at: datetime | None


class Collaborations(Answer):
    """A page of one's own collaborations; `next` continues it."""

    collaborations: list[Collaboration]
    next: Next


class Project(Answer):
    """A project, whose it is, and who is known to work on it."""

    project_id: ProjectId
    owner: ShortProfile
    title: str
    summary: str
    status: ProjectStatus
    impact: Impact
    shipped_at: datetime | None = Field(description="When it was shipped last; null where it is not shipped now")
    created_at: datetime
    updated_at: datetime
    collaborators: list[Collaborator] = Field(
        description="Who has confirmed; beside them the owner sees all who were invited, and everybody themself"
    )


class Projects(Answer):
    """A page of a builder's projects; `next` continues it."""

    projects: list[Project]
    next: Next
