"""The few calls of the HTTP interface that the story makes."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from steadyscore.errors import SetupError

POLL_SECONDS = 0.2
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Approval:
    """An approved change request, and how long the caller waited for the answer, in seconds."""

    change_request_id: str
    internal_record_id: str
    decided_at: datetime
    took: float


@dataclass(frozen=True)
class RegistryClient:
    """Calls the API; an answer that is a problem ends the demo unless it is asked for."""

    http: httpx.AsyncClient

    async def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """POST, for an answer that must be a success."""
        return success(await self.http.post(path, json=body))

    async def get(self, path: str) -> dict[str, Any]:
        """GET, for an answer that must be a success."""
        return success(await self.http.get(path))

    async def change_request(self, register_id: str, payload: dict[str, Any], **fields: str) -> str:
        """Create a change request and return its id."""
        body = {"register_id": register_id, "change_payload": payload, **fields}
        return str((await self.post("/change-requests", body))["change_request_id"])

    async def approve(self, change_request_id: str) -> Approval:
        """Approve it and measure how long that takes."""
        began = time.perf_counter()
        answer = await self.post(f"/change-requests/{change_request_id}/approve")
        took = time.perf_counter() - began
        decided_at = datetime.fromisoformat(answer["decided_at"])
        return Approval(change_request_id, answer["internal_record_id"], decided_at, took)

    async def approved_change(self, register_id: str, payload: dict[str, Any], **fields: str) -> Approval:
        """Create a change request and approve it."""
        return await self.approve(await self.change_request(register_id, payload, **fields))

    async def scores(self, internal_record_id: str) -> list[dict[str, Any]]:
        """The record's latest scores."""
        answer = await self.post("/register-data/get_scores", {"internal_record_id": internal_record_id})
        return list(answer["scores"])

    async def history(self, internal_record_id: str, score_type: str) -> list[dict[str, Any]]:
        """The record's scores of one type, newest first."""
        body = {"internal_record_id": internal_record_id, "score_type": score_type}
        return list((await self.post("/register-data/get_score_history", body))["history"])

    async def score_requests(self, internal_record_id: str) -> list[dict[str, Any]]:
        """Where the record's computations stand."""
        return list((await self.get(f"/records/{internal_record_id}/score-requests"))["score_requests"])

    async def settled(self, internal_record_id: str) -> None:
        """Wait until nothing is to be computed for the record any more."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not all(_is_settled(request) for request in await self.score_requests(internal_record_id)):
            if time.monotonic() > deadline:
                raise SetupError(f"the scores of record {internal_record_id} did not come in {PATIENCE_SECONDS:g} s")
            await asyncio.sleep(POLL_SECONDS)

    async def free_change_request_id(self, wanted: str) -> str:
        """The id, or the next one after it that an earlier demo on this database has not used."""
        candidate, run = wanted, 1
        while (await self.http.get(f"/change-requests/{candidate}")).is_success:
            run += 1
            candidate = f"{wanted}.{run}"
        return candidate


def _is_settled(request: dict[str, Any]) -> bool:
    return request["compute_status"] in {"COMPLETED", "FAILED"}


def success(response: httpx.Response) -> dict[str, Any]:
    """The answer; raise SetupError where it is a problem."""
    if not response.is_success:
        raise SetupError(f"{response.request.method} {response.request.url.path} was answered with {response.text}")
    answer: dict[str, Any] = response.json() if response.content else {}
    return answer
