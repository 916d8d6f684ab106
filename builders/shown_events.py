"""The events of a score's history as others may read them: a draft's id is for who sees the draft."""

from collections.abc import Collection

from builders.projects import list_seen
from builders.triggers import BuilderEvent
from store.database import Session

_OF_USERS = {BuilderEvent.PROFILE_CREATED, BuilderEvent.PROFILE_CHANGED}
_OF_PROJECTS = {event.value for event in BuilderEvent if event not in _OF_USERS}


async def shown_events(session: Session, viewer_id: str | None, triggers: Collection[str]) -> dict[str, str]:
    """What to show for each trigger: itself, or the event alone where it is of a project that the viewer does not see.

    One statement, however many; none where no project is concerned.
    """
    projects = {trigger: project_id for trigger in triggers if (project_id := _project_of(trigger)) is not None}
    seen = await list_seen(session, viewer_id, set(projects.values())) if projects else set()
    return {
        trigger: trigger if projects.get(trigger) is None or projects[trigger] in seen else trigger.partition(":")[0]
        for trigger in triggers
    }


def _project_of(trigger: str) -> str | None:
    event, _, subject_id = trigger.partition(":")
    return subject_id if event in _OF_PROJECTS else None
