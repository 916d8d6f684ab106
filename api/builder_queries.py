"""What is asked of builders' lists, in the query of a URL."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.list_queries import Id
from api.query_values import WHOLE
from builders.tables import CollaboratorStatus, ProjectStatus


class PageById(BaseModel):
    """A page of a list by id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, WHOLE, Field(ge=1, le=100, description="Rows a page")] = 50
    after: Annotated[Id | None, Field(description="`next` of the page before")] = None


class ProjectsWanted(PageById):
    """A builder's projects."""

    owner_id: Id
    status: ProjectStatus | None = None


class CollaborationsWanted(PageById):
    """One's own collaborations."""

    status: Annotated[CollaboratorStatus | None, Field(description="Without it, all but those removed")] = None
