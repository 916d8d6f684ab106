"""The builders of a load: what they are told of is what must be in the data, whatever befalls the APIs."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from faults.load_builders import BuilderLoad
from faults.load_client import ChangeRequestClient

SEVERAL = ("zero", "one", "two", "three")


class FakeApi:
    """Keeps builders' rows as the real one does; `faults` befall its requests in their order, none where it is empty.

    `dies` is a death after the commit, and a number is that status without a commit.
    """

    def __init__(self) -> None:
        self.rows: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}
        self._numbers = itertools.count()
        self.asked: Counter[str] = Counter()
        self.faults: Iterator[str] = iter(())

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer, or die."""
        fault = next(self.faults, "")
        if fault.isdecimal():
            return httpx.Response(int(fault))
        who = request.headers["Authorization"].removeprefix("Bearer ")
        response = self._answer(request, who, json.loads(request.content or b"null"))
        if fault == "dies":
            raise httpx.ReadError("gone")
        return response

    def _answer(self, request: httpx.Request, who: str, body: Any) -> httpx.Response:
        self.asked[f"{request.method} {request.url.path.rpartition('/')[2]}"] += 1
        me = f"u-{who}"
        changed: tuple[tuple[str, ...], dict[str, Any]]
        match [request.method, *request.url.path.split("/")[1:]]:
            case ["POST", "users"] if ("users", (me,)) in self.rows:
                return httpx.Response(409)
            case ["POST", "users"]:
                changed = ("users", me), {"headline": "", **body}
            case [_, "users", "me"]:
                changed = ("users", me), body or {}
            case ["POST", "projects"]:
                project = f"p{next(self._numbers)}"
                changed = ("projects", project), {"owner_id": me, "stars": 0, **body}
            case ["PATCH", "projects", project] | ["PUT", "projects", project, "impact"]:
                changed = ("projects", project), body
            case ["POST", "projects", project, "collaborators"]:
                changed = ("project_collaborators", project, body["user_id"]), {"status": "invited"}
            case ["POST", "projects", project, "confirm_collaboration"]:
                changed = ("project_collaborators", project, me), {"status": "confirmed"}
            case ["DELETE", "projects", project, "collaborators", user]:
                changed = ("project_collaborators", project, user), {"status": "removed"}
            case _:
                return httpx.Response(201, json={})
        return self._put(*changed)

    def _put(self, place: tuple[str, ...], values: dict[str, Any]) -> httpx.Response:
        table, *key = place
        self.rows.setdefault((table, tuple(key)), {}).update(values)
        # a removal is answered with nothing
        answer = "" if values == {"status": "removed"} else json.dumps({"user_id": key[0], "project_id": key[0]})
        return httpx.Response(200, content=answer)


def builders(api: FakeApi, *, patience: float = 60.0, tokens: Sequence[str] = SEVERAL) -> BuilderLoad:
    """Builders who act on that API, and hardly pause."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(api), headers={"Authorization": "Bearer measurer"})
    client = ChangeRequestClient(http, ["http://one", "http://other"], patience)
    return BuilderLoad(client, tokens, seed=1, unknown=[], refused=[], pause=0.002)


async def act_until(load: BuilderLoad, events: int) -> None:
    """Let them act until they were told of so many events."""
    stopping = asyncio.Event()
    running = asyncio.create_task(load.run(stopping))
    while load.events < events and not running.done():
        await asyncio.sleep(0.001)
    stopping.set()
    await running


def is_as_acknowledged(api: FakeApi, load: BuilderLoad) -> bool:
    return all(one.values.items() <= api.rows[one.table, one.key].items() for one in load.acknowledged if one.values)


async def test_builders_sign_up_and_go_on_acting_as_themselves() -> None:
    api = FakeApi()
    load = builders(api)

    await load.prepare()
    signed_up_before = api.asked["POST users"]
    await act_until(load, 200)

    assert (signed_up_before, api.asked["POST users"]) == (3, 4)
    assert {"PATCH me", "PUT impact", "POST collaborators", "POST confirm_collaboration"} <= api.asked.keys()
    assert any(asked.startswith("DELETE") for asked in api.asked)
    assert is_as_acknowledged(api, load)
    assert len(load.acknowledged) == len(api.rows) == 4 + 4 + 4
    assert (load.unknown, load.refused) == ([], [])


@pytest.mark.parametrize("faults", [["", "dies"], ["503", ""]], ids=["answers are lost", "APIs are away"])
async def test_what_is_not_answered_is_asked_for_again_until_it_is(faults: list[str]) -> None:
    api = FakeApi()
    load = builders(api)
    api.faults = itertools.cycle(faults)

    await load.prepare()
    await act_until(load, 40)

    assert is_as_acknowledged(api, load)
    assert len({one.key for one in load.acknowledged if one.table == "users"}) == 4
    assert (load.unknown, load.refused) == ([], [])


async def test_of_what_nobody_told_the_end_nothing_is_claimed() -> None:
    api = FakeApi()
    load = builders(api, patience=0)
    await load.prepare()

    api.faults = itertools.cycle(["", "503", "dies"])
    await act_until(load, 200)

    assert load.unknown
    assert is_as_acknowledged(api, load)


async def test_a_refusal_of_a_builder_is_told() -> None:
    api = FakeApi()
    load = builders(api)
    await load.prepare()

    api.faults = iter(["403"])
    await act_until(load, 30)

    assert len(load.refused) == 1
    assert "403" in load.refused[0]


async def test_without_tokens_there_are_no_builders() -> None:
    api = FakeApi()
    load = builders(api, tokens=())

    await load.prepare()
    await load.run(asyncio.Event())

    assert not api.asked
