"""What is asked of builders' lists, in the query of a URL."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.list_queries import Id
from api.query_values import WHOLE
from builders.projects import ProjectFilter
from builders.tables import CollaboratorStatus, ProjectStatus


class PageById(BaseModel):
    """A page of a list by id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, WHOLE, Field(ge=1, le=100, description="Rows a page")] = 50
    after: Annotated[Id | None, Field(description="`next` of the page before")] = None


class ProjectsWanted(PageById):
    """A builder's projects."""

    # each may come with a hundred people
    limit: Annotated[int, WHOLE, Field(ge=1, le=20, description="Projects a page")] = 20
    owner_id: Id
    status: ProjectStatus | None = None

    def filter(self) -> ProjectFilter:
        """As the domain takes it."""
        return ProjectFilter(self.owner_id, self.status)


class CollaborationsWanted(PageById):
    """One's own collaborations."""

    status: Annotated[CollaboratorStatus | None, Field(description="Without it, all but those removed")] = None
