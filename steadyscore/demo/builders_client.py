"""What builders do over HTTP, each with a token of their own, and what anybody sees of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from steadyscore.demo.registry_client import RegistryClient, success

PAGE = 100


@dataclass(frozen=True)
class Builder:
    """Somebody who signed up."""

    name: str
    username: str
    user_id: str
    token: str


@dataclass(frozen=True)
class BuildersClient:
    """Calls the API; what no builder may do is done with the token of `registry`, an administrator's.

    `token_of` makes the token of a username; an answer that is a problem ends the demo.
    """

    registry: RegistryClient
    token_of: Callable[[str], str]

    async def free_usernames(self, names: list[str]) -> dict[str, str]:
        """A username for each name, none of which an earlier demo on this database has used."""
        run = 1
        while True:
            usernames = {name: name.lower() if run == 1 else f"{name.lower()}-{run}" for name in names}
            if not [name for name in usernames.values() if await self._is_taken(name)]:
                return usernames
            run += 1

    async def _is_taken(self, username: str) -> bool:
        answer = await self.registry.http.get(f"/users/by-username/{username}")
        return answer.status_code != HTTPStatus.NOT_FOUND

    async def sign_up(self, name: str, username: str, profile: Mapping[str, Any]) -> Builder:
        """A new builder."""
        token = self.token_of(username)
        body = {"username": username, "display_name": name, **profile}
        created = await self._send(token, "POST", "/users", body)
        return Builder(name, username, created["user_id"], token)

    async def create_project(self, owner: Builder, title: str, status: str) -> str:
        """The new project's id."""
        created = await self._send(owner.token, "POST", "/projects", {"title": title, "status": status})
        return str(created["project_id"])

    async def set_status(self, owner: Builder, project_id: str, status: str) -> None:
        """Such as shipped, or active again."""
        await self._send(owner.token, "PATCH", f"/projects/{project_id}", {"status": status})

    async def invite(self, owner: Builder, project_id: str, other: Builder) -> None:
        """To collaborate."""
        await self._send(owner.token, "POST", f"/projects/{project_id}/collaborators", {"user_id": other.user_id})

    async def confirm(self, invited: Builder, project_id: str) -> None:
        """That one does."""
        await self._send(invited.token, "POST", f"/projects/{project_id}/confirm_collaboration")

    async def remove(self, owner: Builder, project_id: str, other: Builder) -> None:
        """No collaborator any more."""
        path = f"/projects/{project_id}/collaborators/{other.user_id}"
        success(await self.registry.http.delete(path, headers=_as(owner.token)))

    async def measure(self, project_id: str, metrics: Mapping[str, int]) -> None:
        """Tell what the project amounts to."""
        success(await self.registry.http.put(f"/projects/{project_id}/impact", json=metrics))

    async def is_refused(self, builder: Builder, project_id: str, metrics: Mapping[str, int]) -> bool:
        """Whether the builder may not tell what the project amounts to."""
        path = f"/projects/{project_id}/impact"
        answer = await self.registry.http.put(path, json=metrics, headers=_as(builder.token))
        return answer.status_code == HTTPStatus.FORBIDDEN

    async def profile(self, builder: Builder) -> dict[str, Any]:
        """By id."""
        return await self.registry.get(f"/users/{builder.user_id}")

    async def profile_by_username(self, builder: Builder) -> dict[str, Any]:
        """By name, from the cache where it is there."""
        return await self.registry.get(f"/users/by-username/{builder.username}")

    async def history(self, builder: Builder) -> list[dict[str, Any]]:
        """The builder's scores, newest first, each with its breakdown."""
        return list((await self.registry.get(f"/users/{builder.user_id}/score-history"))["history"])

    async def leaderboard(self) -> list[dict[str, Any]]:
        """All of it, page by page."""
        page = await self.registry.get(f"/leaderboard?limit={PAGE}")
        rows = list(page["users"])
        while page["next"] is not None:
            page = await self.registry.get(f"/leaderboard?limit={PAGE}&after={page['next']}")
            rows += page["users"]
        return rows

    async def around(self, builder: Builder, limit: int) -> list[dict[str, Any]]:
        """The page of the leaderboard in whose middle the builder is."""
        return list((await self.registry.get(f"/leaderboard/around/{builder.user_id}?limit={limit}"))["users"])

    async def _send(self, token: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return success(await self.registry.http.request(method, path, json=body, headers=_as(token)))


def _as(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
