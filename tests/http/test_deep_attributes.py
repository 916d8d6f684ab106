"""Attributes as deep as they may be are stored and read on every way; deeper ones are refused before they are."""

from typing import Any

import pytest

from api.json_bodies import MAX_DEPTH
from http_client import Api
from scoring.attributes import MAX_NESTING

PATH = ".".join("a" * MAX_NESTING)
"""As many names as there may be."""


def within(levels: int, value: Any, key: str | None = None) -> Any:
    """The value in so many lists, or in objects with this key."""
    for _ in range(levels):
        value = [value] if key is None else {key: value}
    return value


async def declare(api: Api, attributes: dict[str, str]) -> Any:
    """The answer to a register with these attributes."""
    body = {"register_mnemonic": "F", "register_purpose": "REGISTER", "attributes": attributes}
    return await api.post("/registers", body)


# body and payload are two levels
@pytest.mark.parametrize(
    ("kind", "payload", "stored"),
    [
        pytest.param("number", {PATH: 1}, within(MAX_NESTING, 1, "a"), id="a dotted path"),
        pytest.param("number", within(MAX_NESTING, 1, "a"), within(MAX_NESTING, 1, "a"), id="a nested path"),
        pytest.param(
            "list",
            {PATH: within(MAX_DEPTH - 2, 1)},
            within(MAX_NESTING, within(MAX_DEPTH - 2, 1), "a"),
            id="lists of lists",
        ),
        pytest.param(
            "list",
            {PATH: [within(MAX_DEPTH - 3, 1, "b")]},
            within(MAX_NESTING, [within(MAX_DEPTH - 3, 1, "b")], "a"),
            id="objects of objects in a list",
        ),
    ],
)
async def test_what_is_as_deep_as_may_be_is_approved_and_read(
    api: Api, kind: str, payload: dict[str, Any], stored: dict[str, Any]
) -> None:
    register = (await declare(api, {PATH: kind})).json()["register_id"]
    change_request = await api.change_request(register, payload)

    approved = await api.approve(change_request)

    assert (approved.status_code, approved.json()["change_payload"]) == (200, payload)
    record = approved.json()["internal_record_id"]
    again = await api.change_request(register, payload, internal_record_id=record)
    assert (await api.approve(again)).status_code == 200
    assert (await api.get(f"/change-requests/{change_request}")).json()["change_payload"] == payload
    assert (await api.get(f"/records/{record}")).json()["attributes"] == stored
    [one] = (await api.get(f"/registers/{register}/records")).json()["records"]
    versions = (await api.get(f"/records/{record}/history")).json()["history"]
    assert [row["attributes"] for row in (one, *versions)] == [stored] * 3
    listed = (await api.get(f"/change-requests?register_id={register}")).json()["change_requests"]
    assert len(listed) == 2


@pytest.mark.parametrize("names", [MAX_NESTING + 1, 1_000, 20_000])
async def test_a_path_that_is_deeper_is_neither_declared_nor_changed(api: Api, names: int) -> None:
    path = ".".join("a" * names)

    declared = await declare(api, {path: "number"})
    changed = await api.post("/change-requests", {"register_id": await api.register(), "change_payload": {path: 1}})

    assert (declared.status_code, changed.status_code) == (422, 422)
    assert len(declared.content) + len(changed.content) < 4_000


async def test_what_no_bound_of_json_lets_through_is_refused(api: Api) -> None:
    register = (await declare(api, {PATH: "list"})).json()["register_id"]

    refused = await api.post(
        "/change-requests", {"register_id": register, "change_payload": {PATH: within(MAX_DEPTH - 1, 1)}}
    )

    assert (refused.status_code, refused.json()["detail"]) == (422, "body: objects and lists may be nested 32 deep")
