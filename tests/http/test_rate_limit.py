"""How many writes one identity may ask for: who asks for more is told when to come back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from limits.storage import MemoryStorage

from api.app import create_app
from api.permissions import Permission
from api.rate_limit import WriteLimiter, parse_write_limit
from api.services import ApiServices
from http_client import Api, client_of
from signed_tokens import permitting

REGISTER = {"register_mnemonic": "F", "register_purpose": "REGISTER", "attributes": {"income": "number"}}


@pytest.fixture
def services(services: ApiServices) -> ApiServices:
    """With three writes an hour."""
    return replace(services, writes=WriteLimiter(parse_write_limit("3/hour")))


async def test_who_writes_too_much_is_told_when_to_come_back(api: Api) -> None:
    answers = [await api.post("/registers", REGISTER) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert [answer.headers["ratelimit"].partition(";t=")[0] for answer in answers] == [
        f'"writes";r={left}' for left in (2, 1, 0, 0)
    ]
    assert answers[0].headers["ratelimit-policy"] == '"writes";q=3;w=3600'
    refused = answers[3]
    assert refused.json()["type"] == "urn:steadyscore:problem:TooManyWrites"
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    assert refused.headers["retry-after"] in refused.json()["detail"]


async def test_reads_are_not_counted(api: Api) -> None:
    answer = [await api.get("/registers") for _ in range(4)][-1]

    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers


async def test_each_identity_has_a_limit_of_its_own(api: Api) -> None:
    for _ in range(4):
        await api.post("/registers", REGISTER)

    other = permitting(Permission.MANAGE_REGISTERS, sub="another-officer")
    answer = await api.http.post("/registers", json=REGISTER, headers=other)

    assert answer.status_code == 201


async def test_a_refused_write_costs_no_look_at_its_body(api: Api) -> None:
    for _ in range(3):
        await api.post("/registers", REGISTER)

    async def body() -> AsyncIterator[bytes]:
        pytest.fail("the body was read")
        yield b""

    answer = await api.http.post("/registers", content=body(), headers={"content-type": "application/json"})

    assert answer.status_code == 429


async def test_a_stranger_counts_for_nobody(services: ApiServices) -> None:
    async with client_of(create_app(services), {}) as http:
        answers = [await http.post("/registers", json=REGISTER) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {401}
    assert services.writes.headers("")["RateLimit"].startswith('"writes";r=3')


async def test_when_the_window_is_over_writes_are_taken_again(services: ApiServices) -> None:
    async with client_of(create_app(replace(services, writes=WriteLimiter(parse_write_limit("2/second"))))) as http:
        statuses = await statuses_until_taken_again(http)

    assert statuses[:2] == [201, 201]
    assert statuses[-2:] == [429, 201]


async def statuses_until_taken_again(http: httpx.AsyncClient) -> list[int]:
    statuses: list[int] = []
    while 429 not in statuses or statuses[-1] != 201:
        statuses.append((await http.post("/registers", json=REGISTER)).status_code)
        await asyncio.sleep(0)
    return statuses


async def test_identities_that_are_not_heard_of_again_are_forgotten() -> None:
    limiter = WriteLimiter(parse_write_limit("1000/second"))
    for number in range(1_000):
        limiter.admit(f"officer-{number}")

    storage = limiter._counter.storage  # noqa: SLF001 - what it holds is what this is about
    assert isinstance(storage, MemoryStorage)
    while any("officer" in key for key in storage.storage):
        limiter.admit("the only one that stays")
        await asyncio.sleep(0.1)

    assert list(storage.storage)
