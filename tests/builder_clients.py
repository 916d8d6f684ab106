"""Builders as clients of the application under test: each with a token of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from api.permissions import Permission
from signed_tokens import permitting


@dataclass(frozen=True)
class Builder:
    """Sends with its own token; `user_id` is empty where it has not signed up."""

    http: httpx.AsyncClient
    headers: Mapping[str, str]
    user_id: str = ""

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send a JSON body, or none."""
        return await self.http.request(method, path, json=body, headers=self.headers)

    async def get(self, path: str) -> dict[str, Any]:
        """What is answered to a read that succeeds."""
        answer = await self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def project(self, **fields: Any) -> str:
        """A project of its own; a draft, where nothing else is said."""
        answer = await self.send("POST", "/projects", {"title": "Rain map"} | fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["project_id"])

    async def invite(self, project_id: str, other: "Builder") -> httpx.Response:
        """Invite another to a project."""
        return await self.send("POST", f"/projects/{project_id}/collaborators", {"user_id": other.user_id})

    async def confirm(self, project_id: str) -> httpx.Response:
        """Accept an invitation."""
        return await self.send("POST", f"/projects/{project_id}/confirm_collaboration")

    async def decline(self, project_id: str) -> httpx.Response:
        """Turn an invitation down."""
        return await self.send("POST", f"/projects/{project_id}/decline_collaboration")

    async def remove(self, project_id: str, other: "Builder") -> httpx.Response:
        """End another's collaboration, or one's own."""
        return await self.send("DELETE", f"/projects/{project_id}/collaborators/{other.user_id}")

    async def collaborators(self, project_id: str) -> dict[str, str]:
        """Who stands how on a project, as this one sees it."""
        project = await self.get(f"/projects/{project_id}")
        return {one["user"]["user_id"]: one["status"] for one in project["collaborators"]}


def bearer(http: httpx.AsyncClient, subject: str, *permissions: Permission, username: str | None = None) -> Builder:
    """Somebody who may do just this, and has no profile; without permissions, what builders may."""
    granted = permissions or (Permission.BUILD,)
    return Builder(http, permitting(*granted, sub=subject, preferred_username=username))


async def a_builder(http: httpx.AsyncClient, name: str, **profile: Any) -> Builder:
    """Signed up under this name, with a token whose subject is derived from it."""
    stranger = bearer(http, f"subject-of-{name}")
    answer = await stranger.send("POST", "/users", {"username": name, "display_name": name.title()} | profile)
    assert answer.status_code == 201, answer.text
    return Builder(http, stranger.headers, answer.json()["user_id"])
