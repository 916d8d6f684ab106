"""A client of the application under test, with what most tests need first in one call."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from fastapi import FastAPI

from api.permissions import Permission
from objects import FARMER, FARMER_ATTRIBUTES, FSF_CONFIG
from signed_tokens import permitting, permitting_everything


@asynccontextmanager
async def client_of(app: FastAPI, headers: Mapping[str, str] | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application that may do everything; with `headers`, what these say."""
    transport = httpx.ASGITransport(app)
    headers = permitting_everything() if headers is None else headers
    async with httpx.AsyncClient(transport=transport, base_url="http://steadyscore", headers=headers) as http:
        yield http


class TemporalSwitch:
    """Whether the application finds Temporal answering."""

    answers = True

    async def check(self) -> None:
        """Raise where it does not answer."""
        if not self.answers:
            raise ConnectionError("the text of the error, with an address in it")


@dataclass(frozen=True)
class Api:
    """Calls the application as a client would."""

    http: httpx.AsyncClient
    headers: Mapping[str, str] = field(default_factory=dict)

    def permitted(self, *permissions: Permission) -> "Api":
        """The same as somebody who may do just this."""
        return replace(self, headers=permitting(*permissions))

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        """POST a JSON body."""
        return await self.http.post(path, json=body, headers=self.headers)

    async def get(self, path: str) -> httpx.Response:
        """GET."""
        return await self.http.get(path, headers=self.headers)

    async def register(self, purpose: str = "REGISTER") -> str:
        """A register of farmers."""
        body = {"register_mnemonic": "Farmer", "register_purpose": purpose, "attributes": FARMER_ATTRIBUTES}
        return str((await self.post("/registers", body)).json()["register_id"])

    async def definition(self, register_id: str, score_type: str = "PMT_SCORE") -> dict[str, Any]:
        """A definition of PMT_SCORE or FSF_SCORE."""
        if score_type == "PMT_SCORE":
            fields: dict[str, Any] = {"contributing_attributes": ["income", "assets.land_area"]}
        else:
            fields = {"contributing_attributes": ["income", "household.member_count"], "score_config": FSF_CONFIG}
        body = {"register_id": register_id, "score_type": score_type, **fields}
        answer = (await self.post("/register-metadata/create_score_definition", body)).json()
        return dict(answer["score_definition"])

    async def change_request(self, register_id: str, payload: dict[str, Any] | None = None, **fields: str) -> str:
        """A change request that waits for its approval."""
        body = {"register_id": register_id, "change_payload": payload or FARMER, **fields}
        return str((await self.post("/change-requests", body)).json()["change_request_id"])

    async def approve(self, change_request_id: str) -> httpx.Response:
        """Approve it."""
        return await self.post(f"/change-requests/{change_request_id}/approve")

    async def record(self, register_id: str, payload: dict[str, Any] | None = None) -> str:
        """A record, created through an approved change request."""
        approved = await self.approve(await self.change_request(register_id, payload))
        return str(approved.json()["internal_record_id"])
