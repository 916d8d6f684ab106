"""What is asked of the lists, in the query of a URL."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from api.cursors import MAX_LENGTH, in_utc
from api.query_values import DECIMAL, MOMENT, WHOLE
from api.schemas import IDENTIFIER
from registry.change_request_lists import ChangeRequestFilter
from registry.tables import ChangeRequestStatus
from store.listings import AuditFilter
from store.score_listings import ScoreFilter, ScoreSort
from store.score_states import ScoreStatus


class Order(StrEnum):
    """Which comes first."""

    ASCENDING = "asc"
    DESCENDING = "desc"

    @property
    def is_descending(self) -> bool:
        """Whether the greatest does."""
        return self is Order.DESCENDING


Id = Annotated[str, Field(min_length=1, max_length=128, pattern=IDENTIFIER)]
ScoreType = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$", examples=["PMT_SCORE"])]
Threshold = Annotated[float, DECIMAL, Field(allow_inf_nan=False)]
Moment = Annotated[AwareDatetime, MOMENT, AfterValidator(in_utc)]
Word = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00]+$")]


REGISTER_OF_CHANGES = "May be left out where internal_record_id is given, and for status PENDING"


class PageWanted(BaseModel):
    """A page of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, WHOLE, Field(ge=1, le=500, description="Rows a page")] = 50
    after: Annotated[
        str | None, Field(max_length=MAX_LENGTH, description="`next` of the page before; filters and sort stay")
    ] = None

    def chosen(self) -> dict[str, object]:
        """The filters and the sort, which a cursor belongs to."""
        return self.model_dump(mode="json", exclude={"limit", "after"})


class ScoresWanted(PageWanted):
    """Scores of a register; those at the thresholds belong to them."""

    register_id: Id
    score_type: ScoreType | None = None
    status: ScoreStatus | None = None
    min_score: Threshold | None = None
    max_score: Threshold | None = None
    sort: Annotated[ScoreSort, Field(description="computed_score needs a score_type")] = ScoreSort.COMPUTED_AT
    order: Order = Order.DESCENDING

    def filter(self) -> ScoreFilter:
        """As the store takes it."""
        return ScoreFilter(self.register_id, self.score_type, self.status, self.min_score, self.max_score)


class FailedRequestsWanted(PageWanted):
    """Failed requests of a register."""

    register_id: Id
    score_type: ScoreType | None = None


class PendingRequestsWanted(PageWanted):
    """Requests of a register that are not settled."""

    register_id: Id
    score_type: ScoreType | None = None


class DefinitionHistoryWanted(PageWanted):
    """What was done to a definition."""

    score_definition_id: Id


class AuditWanted(PageWanted):
    """Entries of the audit log; `since` belongs to them, `until` does not."""

    subject: Annotated[Word | None, Field(description="The id of what was acted on")] = None
    actor: Annotated[Word | None, Field(description="The subject of a token, not a username")] = None
    action: Annotated[Word | None, Field(examples=["retry_scores"])] = None
    since: Moment | None = None
    until: Moment | None = None

    def filter(self) -> AuditFilter:
        """As the store takes it."""
        actions = () if self.action is None else (self.action,)
        return AuditFilter(self.subject, self.actor, actions, self.since, self.until)


class ChangeRequestsWanted(PageWanted):
    """Change requests of a register or of a record, or all that wait for approval."""

    register_id: Annotated[Id | None, Field(description=REGISTER_OF_CHANGES)] = None
    internal_record_id: Annotated[Id | None, Field(description="Those that change this record, or made it")] = None
    status: ChangeRequestStatus | None = None
    order: Order = Order.DESCENDING

    def filter(self) -> ChangeRequestFilter:
        """As the registry takes it."""
        return ChangeRequestFilter(self.register_id, self.internal_record_id, self.status)
