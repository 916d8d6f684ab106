"""What asks for a builder's scores: events in the transaction that changes what they are made of.

Whoever changes that locks the users concerned first, by `builders.records.lock_users`; then changes; then calls this.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from builders.attributes import count_attributes
from builders.register import BUILDERS, FACTS, IMPACT, KEY_FIELDS_FILLED, SHIPPED_PROJECTS, VOUCHES
from scoring.priorities import RequestPriority
from store.database import Session
from store.requests import ApprovedChange, request_scores_of_records


class BuilderEvent(StrEnum):
    """What happened; with the id of what it happened to, it stands in a score's history as what triggered it."""

    COLLABORATOR_CONFIRMED = "collaborator_confirmed"
    COLLABORATOR_REMOVED = "collaborator_removed"
    PROJECT_STATUS_CHANGED = "project_status_changed"
    IMPACT_CHANGED = "impact_changed"
    PROFILE_CREATED = "profile_created"
    PROFILE_CHANGED = "profile_changed"


_CHANGES: dict[BuilderEvent, tuple[str, ...]] = {
    BuilderEvent.COLLABORATOR_CONFIRMED: (VOUCHES,),
    BuilderEvent.COLLABORATOR_REMOVED: (VOUCHES,),
    BuilderEvent.PROJECT_STATUS_CHANGED: (SHIPPED_PROJECTS, IMPACT),
    BuilderEvent.IMPACT_CHANGED: (IMPACT,),
    BuilderEvent.PROFILE_CREATED: (SHIPPED_PROJECTS, VOUCHES, IMPACT, KEY_FIELDS_FILLED),
    BuilderEvent.PROFILE_CHANGED: (KEY_FIELDS_FILLED,),
}
"""The attributes that it may change."""

_LOW = {BuilderEvent.IMPACT_CHANGED, BuilderEvent.PROFILE_CREATED, BuilderEvent.PROFILE_CHANGED}


@dataclass(frozen=True)
class Trigger:
    """An event at a project or a user (`subject_id`), and who caused it: a user, or a register whose service did."""

    event: BuilderEvent
    subject_id: str
    caused_by: str


async def request_builder_scores(session: Session, trigger: Trigger, user_ids: Collection[str]) -> None:
    """Ask for the scores of these users, which are locked: three statements, however many."""
    attributes = await count_attributes(session, user_ids)
    changes = [
        ApprovedChange(
            register_id=BUILDERS,
            register_purpose=FACTS.purpose,
            internal_record_id=user_id,
            change_request_id=f"{trigger.event}:{trigger.subject_id}",
            change_payload=dict.fromkeys(_CHANGES[trigger.event]),
            record_attributes=attributes[user_id],
            priority=RequestPriority.LOW if trigger.event in _LOW else RequestPriority.MEDIUM,
            fairness_key=trigger.caused_by,
        )
        for user_id in sorted(attributes)
    ]
    await request_scores_of_records(session, changes)
