"""The builders on their stage: each act goes to the service, and is remembered to hold the service to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from steadyscore.demo.builders_client import Builder, BuildersClient
from steadyscore.demo.builders_deeds import Deeds, Project
from steadyscore.demo.builders_tables import leaderboard_table
from steadyscore.demo.narrator import Narrator
from steadyscore.errors import SetupError


@dataclass
class Stage:
    """Builders by name, what they have done, and their scores when the leaderboard was last looked at."""

    client: BuildersClient
    narrator: Narrator
    score_config: Mapping[str, Any]
    builders: dict[str, Builder] = field(default_factory=dict)
    deeds: Deeds = field(default_factory=Deeds)
    scores: dict[str, int] = field(default_factory=dict)

    async def sign_up(self, people: Mapping[str, Mapping[str, Any]]) -> None:
        """With these fields of their profiles."""
        for name, username in (await self.client.free_usernames(list(people))).items():
            self.builders[name] = await self.client.sign_up(name, username, people[name])
            # the name is a key field too
            self.deeds.key_fields[name] = 1 + len(people[name])

    async def create_project(self, owner: str, title: str, status: str) -> str:
        """The project's id."""
        project_id = await self.client.create_project(self.builders[owner], title, status)
        self.deeds.projects[project_id] = Project(owner, is_shipped=status == "shipped")
        return project_id

    async def set_status(self, project_id: str, status: str) -> None:
        """By its owner."""
        project = self.deeds.projects[project_id]
        await self.client.set_status(self.builders[project.owner], project_id, status)
        project.is_shipped = status == "shipped"

    async def invite(self, project_id: str, name: str) -> None:
        """By its owner."""
        owner = self.deeds.projects[project_id].owner
        await self.client.invite(self.builders[owner], project_id, self.builders[name])

    async def confirm(self, project_id: str, name: str) -> None:
        """By whom was invited."""
        await self.client.confirm(self.builders[name], project_id)
        self.deeds.projects[project_id].collaborators.add(name)

    async def remove(self, project_id: str, name: str) -> None:
        """By its owner."""
        project = self.deeds.projects[project_id]
        await self.client.remove(self.builders[project.owner], project_id, self.builders[name])
        project.collaborators.remove(name)

    async def measure(self, project_id: str, impact: Mapping[str, int]) -> None:
        """By whom it is not."""
        await self.client.measure(project_id, impact)
        self.deeds.projects[project_id].impact = impact

    async def breakdown(self, name: str) -> dict[str, Any]:
        """Of the latest score, term by term."""
        history = await self.client.history(self.builders[name])
        if not history or history[0]["breakdown"] is None:
            raise SetupError(f"the demo failed: {name} has no score that explains itself")
        return dict(history[0]["breakdown"])

    async def settle(self) -> None:
        """Wait until all scores are there."""
        for builder in self.builders.values():
            await self.client.registry.settled(builder.user_id)

    async def show_leaderboard(self) -> None:
        """When all scores are there; with what has changed since it was last shown."""
        await self.settle()
        board = await self.client.leaderboard()
        names = {builder.user_id: name for name, builder in self.builders.items()}
        rows = [row | {"name": names[row["user_id"]]} for row in board if row["user_id"] in names]
        with_terms = [row | {"breakdown": await self.breakdown(row["name"])} for row in rows]
        self.narrator.table(leaderboard_table(with_terms, self.scores))
        self.scores = {row["name"]: row["builder_score"] for row in rows}
        expected = {name: self.deeds.score(name, self.score_config) for name in self.builders}
        self.narrator.check("every score is what the formula makes of what they did", self.scores == expected)
        on_board = [row["builder_score"] for row in board]
        self.narrator.check("the leaderboard is in the order of the scores", on_board == sorted(on_board, reverse=True))
