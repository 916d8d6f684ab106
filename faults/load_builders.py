"""The builders of a load: each signs up with a token of its own and goes on acting over HTTP until it is stopped.

Each thing (a profile, a project, a collaboration) is changed by one builder's loop alone, one change after the other,
so what was acknowledged last is what must be there.
"""

import asyncio
import contextlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import Any

from faults.load_client import ChangeRequestClient, NeverAnswered, Refused

REGISTER = "builders"
WINDOW_SECONDS = 1.0
ACTS_EVERY_SECONDS = 2.0
_LATE_SHARE = 4
"""Every fourth signs up while the fault strikes."""

DEFINITION: Mapping[str, Any] = {
    "register_id": REGISTER,
    "score_type": "BUILDER_SCORE",
    "contributing_attributes": [
        "shipped_projects",
        "vouches",
        "impact.active_users",
        "impact.downloads",
        "impact.stars",
        "profile.key_fields",
    ],
    # so that every term counts, and some reach their cap
    "score_config": {
        "shipped_projects": {"points": 100, "cap": 1000},
        "vouches": {"points": 25, "cap": 30},
        "impact": {"points": {"active_users": 10, "downloads": 5, "stars": 10}, "cap": 90},
        "key_fields": {"points": 7, "cap": 20},
    },
    "debounce": {"quiet_period": WINDOW_SECONDS, "max_wait": WINDOW_SECONDS},
}


@dataclass(frozen=True)
class AcknowledgedState:
    """What somebody was told: the row of this table with this key holds these values, since the last change."""

    table: str
    key: tuple[str, ...]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class _Deed:
    """A change that may be asked for again, and what it makes of a row."""

    method: str
    path: str
    body: Mapping[str, Any] | None
    becomes: AcknowledgedState


@dataclass
class _Builder:
    """Somebody who acts."""

    number: int
    client: ChangeRequestClient
    numbers: random.Random
    user_id: str = ""
    project_id: str = ""
    is_shipped: bool = False
    headline: str = ""
    stars: int = 0
    vouching: str = "removed"
    """Where the collaboration with the next builder stands on this one's project."""


@dataclass
class BuilderLoad:
    """Builders with these tokens; `measurer` is the client of a service that measures what becomes of projects."""

    measurer: ChangeRequestClient
    tokens: Sequence[str] = field(repr=False)
    seed: int
    unknown: list[str]
    refused: list[str]
    pause: float = ACTS_EVERY_SECONDS
    """Of each builder, on average."""
    events: int = 0
    """Acknowledged ones."""

    def __post_init__(self) -> None:
        self._states: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}
        self._builders = [
            # S311: data for a test, not a secret
            _Builder(number, self._client(token), random.Random(self.seed * 1_000 + number))  # noqa: S311
            for number, token in enumerate(self.tokens)
        ]

    def _client(self, token: str) -> ChangeRequestClient:
        return replace(self.measurer, headers={"Authorization": f"Bearer {token}"})

    @property
    def acknowledged(self) -> list[AcknowledgedState]:
        """What must be in the data, as far as anybody was told."""
        return [AcknowledgedState(*place, values) for place, values in self._states.items()]

    async def prepare(self) -> None:
        """Create the definition, and sign up most of them."""
        if not self._builders:
            return
        await self.measurer.post("/register-metadata/create_score_definition", DEFINITION)
        for builder in self._builders:
            if builder.number % _LATE_SHARE != _LATE_SHARE - 1:
                await self._begin(builder)

    async def run(self, stopping: asyncio.Event) -> None:
        """Act until then; returns once what is under way has ended."""
        async with asyncio.TaskGroup() as group:
            for builder in self._builders:
                group.create_task(self._act(builder, stopping))

    async def _act(self, builder: _Builder, stopping: asyncio.Event) -> None:
        while not await _is_set_within(stopping, builder.numbers.uniform(0, 2 * self.pause)):
            try:
                if not builder.project_id:
                    await self._begin(builder)
                await self._next_deed(builder)
            except NeverAnswered as silence:
                self.unknown.append(f"builder {builder.number}: {silence}")
            except Refused as refusal:
                self.refused.append(f"builder {builder.number}: {refusal}")

    async def _begin(self, builder: _Builder) -> None:
        """Sign up, and begin a project that is not shipped yet."""
        builder.user_id = builder.user_id or await self._sign_up(builder)
        project = {"title": f"Project {builder.number}", "status": "active"}
        # repeated, it may leave another project behind, which counts for nothing
        answer = await builder.client.send("POST", "/projects", project)
        builder.project_id = str(answer["project_id"])
        created = {"owner_id": builder.user_id, "status": "active", "stars": 0}
        self._acknowledge(AcknowledgedState("projects", (builder.project_id,), created))

    async def _sign_up(self, builder: _Builder) -> str:
        profile = {"username": f"builder-{builder.number}", "display_name": f"Builder {builder.number}"}
        try:
            answer = await builder.client.send("POST", "/users", profile)
        except Refused as refusal:
            # an attempt that nobody answered has signed it up
            if refusal.status != HTTPStatus.CONFLICT:
                raise
            answer = await builder.client.send("GET", "/users/me")
        user_id = str(answer["user_id"])
        self._acknowledge(AcknowledgedState("users", (user_id,), {**profile, "headline": ""}))
        return user_id

    async def _next_deed(self, builder: _Builder) -> None:
        deeds = [self._ship, self._write, self._measure]
        partner = self._builders[(builder.number + 1) % len(self._builders)]
        if partner.user_id and partner is not builder:
            # half of all deeds: a round takes three
            deeds += [partial(self._vouch, partner)] * 3
        await builder.numbers.choice(deeds)(builder)

    async def _ship(self, builder: _Builder) -> None:
        status = "active" if builder.is_shipped else "shipped"
        state = AcknowledgedState("projects", (builder.project_id,), {"status": status})
        await self._do(builder.client, _Deed("PATCH", f"/projects/{builder.project_id}", state.values, state))
        builder.is_shipped = not builder.is_shipped

    async def _write(self, builder: _Builder) -> None:
        headline = "" if builder.headline else "Builds"
        state = AcknowledgedState("users", (builder.user_id,), {"headline": headline})
        await self._do(builder.client, _Deed("PATCH", "/users/me", state.values, state))
        builder.headline = headline

    async def _measure(self, builder: _Builder) -> None:
        stars = builder.numbers.randrange(1_000)
        state = AcknowledgedState("projects", (builder.project_id,), {"stars": stars})
        await self._do(self.measurer, _Deed("PUT", f"/projects/{builder.project_id}/impact", state.values, state))

    async def _vouch(self, partner: _Builder, owner: _Builder) -> None:
        """The next step of: invited, confirmed, removed."""
        project, key = f"/projects/{owner.project_id}", (owner.project_id, partner.user_id)
        becomes = {"removed": "invited", "invited": "confirmed", "confirmed": "removed"}[owner.vouching]
        state = AcknowledgedState("project_collaborators", key, {"status": becomes})
        deeds = {
            "invited": _Deed("POST", f"{project}/collaborators", {"user_id": partner.user_id}, state),
            "confirmed": _Deed("POST", f"{project}/confirm_collaboration", None, state),
            "removed": _Deed("DELETE", f"{project}/collaborators/{partner.user_id}", None, state),
        }
        await self._do((partner if becomes == "confirmed" else owner).client, deeds[becomes])
        owner.vouching = becomes

    async def _do(self, client: ChangeRequestClient, deed: _Deed) -> None:
        try:
            await client.send(deed.method, deed.path, deed.body)
        except NeverAnswered:
            # it may have happened: nobody knows what must be there
            state = self._states.setdefault((deed.becomes.table, deed.becomes.key), {})
            for name in deed.becomes.values:
                state.pop(name, None)
            raise
        self._acknowledge(deed.becomes)

    def _acknowledge(self, state: AcknowledgedState) -> None:
        self.events += 1
        self._states.setdefault((state.table, state.key), {}).update(state.values)


async def _is_set_within(stopping: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
    return stopping.is_set()
