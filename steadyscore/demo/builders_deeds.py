"""What the builders of the story have done, kept apart from the service: what their scores must be follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from builders.register import IMPACT, KEY_FIELDS_FILLED, METRICS, SHIPPED_PROJECTS, VOUCHES
from builders.score import explain
from scoring.json_values import JsonObject


@dataclass
class Project:
    """A project as the story left it; people by name."""

    owner: str
    is_shipped: bool
    impact: Mapping[str, int] = field(default_factory=dict)
    collaborators: set[str] = field(default_factory=set)


@dataclass
class Deeds:
    """Projects by id, and how many key fields of each profile are filled in."""

    key_fields: dict[str, int] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)

    def score(self, name: str, score_config: Mapping[str, Any]) -> int:
        """What the formula makes of it."""
        return sum(term.points for term in explain(self.attributes(name), score_config))

    def attributes(self, name: str) -> JsonObject:
        """What is counted."""
        shipped = [one for one in self.projects.values() if one.owner == name and one.is_shipped]
        impact = {f"{IMPACT}.{metric}": sum(one.impact.get(metric, 0) for one in shipped) for metric in METRICS}
        return {
            SHIPPED_PROJECTS: len(shipped),
            VOUCHES: len(self.vouching_for(name)),
            KEY_FIELDS_FILLED: self.key_fields[name],
            **impact,
        }

    def vouching_for(self, name: str) -> set[str]:
        """Whoever shares a project with that one, each once."""
        on_theirs = [one.collaborators for one in self.projects.values() if one.owner == name]
        owners = {one.owner for one in self.projects.values() if name in one.collaborators}
        return owners.union(*on_theirs)

    def projects_of(self, name: str) -> list[str]:
        """Their ids, the oldest first."""
        return [project_id for project_id, one in self.projects.items() if one.owner == name]
