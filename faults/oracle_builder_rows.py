"""What PostgreSQL holds of builders, read by plain SQL, and what their scores are made of, counted in plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped]

BUILDERS = "builders"
"""Their register's id."""

Row = Mapping[str, Any]
_METRICS = ("active_users", "downloads", "stars")

_TABLES: Mapping[str, Sequence[str]] = {
    "users": ("user_id",),
    "projects": ("project_id",),
    "project_collaborators": ("project_id", "user_id"),
}
"""With the key of each."""


@dataclass(frozen=True)
class BuilderRows:
    """The rows of each table, by their key."""

    tables: Mapping[str, Mapping[tuple[str, ...], Row]]

    @property
    def users(self) -> Sequence[Row]:
        """Each builder."""
        return list(self.tables["users"].values())

    def attributes_of(self, user_id: str) -> Mapping[str, Any] | None:
        """What a builder's score is made of, nested; None for who is none."""
        user = self.tables["users"].get((user_id,))
        if user is None:
            return None
        shipped = [
            project
            for project in self.tables["projects"].values()
            if project["owner_id"] == user_id and project["status"] == "shipped"
        ]
        return {
            "shipped_projects": len(shipped),
            "vouches": len(self._vouching_for(user_id)),
            "impact": {metric: sum(project[metric] for project in shipped) for metric in _METRICS},
            "profile": {"key_fields": sum(bool(user[name]) for name in ("display_name", "headline", "bio", "skills"))},
        }

    def _vouching_for(self, user_id: str) -> set[str]:
        """The people with whom the user has a confirmed collaboration, on whosever project of the two."""
        pairs = [
            {self.tables["projects"][one["project_id"],]["owner_id"], one["user_id"]}
            for one in self.tables["project_collaborators"].values()
            if one["status"] == "confirmed"
        ]
        return {other for pair in pairs if user_id in pair for other in pair - {user_id}}


async def read_builder_rows(connection: asyncpg.Connection) -> BuilderRows:
    """Read them; JSON is read as the connection does."""
    tables = {}
    for table, key in _TABLES.items():
        rows = await connection.fetch(f"SELECT * FROM {table}")  # noqa: S608 - put together from constants
        tables[table] = {tuple(row[name] for name in key): dict(row) for row in rows}
    return BuilderRows(tables)
