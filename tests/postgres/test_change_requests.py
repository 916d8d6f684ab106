"""Change requests: created against the register, decided once, applied whole or not at all."""

from typing import Any

import pytest
from sqlalchemy import select, update

from objects import (
    AN_ACTOR,
    FARMER,
    FARMER_ATTRIBUTES,
    a_farmer_register,
    a_stored_definition,
    an_approval,
    an_id,
)
from postgres_sessions import requests_of
from registry.change_requests import (
    NewChangeRequest,
    approve_change_request,
    create_change_request,
    get_change_request,
    reject_change_request,
)
from registry.registers import Page, get_record, list_record_history, list_records
from registry.tables import ChangeRequest, Register, RegisterPurpose
from scoring.errors import (
    ChangeRequestAlreadyDecided,
    ChangeRequestExists,
    ChangeRequestNotFound,
    InvalidAttributes,
    InvalidInput,
    RecordNotFound,
    RegisterNotFound,
)
from store.database import SessionFactory


@pytest.fixture
async def register_id(sessions: SessionFactory) -> str:
    """A register of farmers with both score types."""
    async with sessions.begin() as session:
        register = await a_farmer_register(session)
        await a_stored_definition(session, "PMT_SCORE", register.register_id)
        await a_stored_definition(session, "FSF_SCORE", register.register_id)
    return register.register_id


@pytest.fixture
async def record(sessions: SessionFactory, register_id: str) -> str:
    """A record of the register."""
    async with sessions.begin() as session:
        return (await an_approval(session, register_id)).internal_record_id or ""


async def created(sessions: SessionFactory, register_id: str, payload: dict[str, Any], record: str | None) -> str:
    """The id of a change request that waits."""
    async with sessions.begin() as session:
        return (await create_change_request(session, NewChangeRequest(register_id, payload, record))).change_request_id


async def approved(sessions: SessionFactory, change_request_id: str) -> ChangeRequest:
    """Approve in a transaction of its own."""
    async with sessions.begin() as session:
        return await approve_change_request(session, AN_ACTOR, change_request_id)


async def test_a_change_request_waits_and_changes_nothing(
    sessions: SessionFactory, register_id: str, record: str
) -> None:
    name = await created(sessions, register_id, {"income": 1}, record)

    async with sessions() as session:
        waiting = await get_change_request(session, name)
        assert (waiting.status, waiting.decided_at, waiting.change_payload) == ("PENDING", None, {"income": 1})
        assert (await get_record(session, record)).attributes == FARMER


async def test_a_change_request_may_bring_its_own_id(sessions: SessionFactory, register_id: str) -> None:
    new = NewChangeRequest(register_id, {"income": 1}, change_request_id="CR-00123")

    async with sessions.begin() as session:
        assert (await create_change_request(session, new)).change_request_id == "CR-00123"

    async with sessions() as session:
        with pytest.raises(ChangeRequestExists, match="CR-00123") as refused:
            await create_change_request(session, new)
    assert refused.value.field == "change_request_id"


async def test_approving_applies_the_change_writes_history_and_asks_for_scores(
    sessions: SessionFactory, register_id: str, record: str
) -> None:
    before = await requests_of(sessions, record)
    name = await created(sessions, register_id, {"income": 3500, "assets": {"land_area": None}}, record)

    decided = await approved(sessions, name)

    after = {"name": "A", "income": 3500, "assets": {}, "household": {"member_count": 4}}
    assert decided.status == "APPROVED"
    assert decided.decided_at is not None
    async with sessions() as session:
        changed = await get_record(session, record)
        assert (changed.attributes, changed.version) == (after, 2)
        assert changed.updated_at > changed.created_at
        newest, oldest = await list_record_history(session, record)
    assert (newest.version, newest.attributes, newest.change_request_id) == (2, after, name)
    assert (oldest.version, oldest.attributes) == (1, FARMER)
    requests = await requests_of(sessions, record)
    assert {row.change_request_id for row in requests.values()} == {name}
    assert requests["PMT_SCORE"].contributing_attribute_values == {"income": 3500, "household.member_count": 4}
    assert requests["PMT_SCORE"].sequence > before["PMT_SCORE"].sequence


async def test_a_change_request_without_a_record_creates_one(sessions: SessionFactory, register_id: str) -> None:
    name = await created(sessions, register_id, {"name": "B", "assets.land_area": 2, "phone": None}, None)

    decided = await approved(sessions, name)

    async with sessions() as session:
        record = await get_record(session, decided.internal_record_id or "")
        assert (record.register_id, record.version) == (register_id, 1)
        assert record.attributes == {"name": "B", "assets": {"land_area": 2}}
        [history] = await list_record_history(session, record.internal_record_id)
        assert (history.version, history.attributes) == (1, record.attributes)
        assert (await get_change_request(session, name)).internal_record_id == record.internal_record_id
    assert sorted(await requests_of(sessions, record.internal_record_id)) == ["PMT_SCORE"]


async def test_a_change_that_touches_no_score_is_applied_and_asks_for_none(
    sessions: SessionFactory, register_id: str, record: str
) -> None:
    before = await requests_of(sessions, record)

    await approved(sessions, await created(sessions, register_id, {"phone": "0700"}, record))

    after = await requests_of(sessions, record)
    assert {name: row.sequence for name, row in after.items()} == {name: row.sequence for name, row in before.items()}
    async with sessions() as session:
        assert (await get_record(session, record)).attributes["phone"] == "0700"


@pytest.mark.parametrize("purpose", [RegisterPurpose.TABLE, RegisterPurpose.PROGRAM_REGISTER])
async def test_a_register_without_scores_has_change_requests_all_the_same(
    sessions: SessionFactory, purpose: RegisterPurpose
) -> None:
    async with sessions.begin() as session:
        register = await a_farmer_register(session, purpose)
        record = (await an_approval(session, register.register_id)).internal_record_id or ""

    async with sessions() as session:
        assert (await get_record(session, record)).attributes == FARMER
    assert await requests_of(sessions, record) == {}


@pytest.mark.parametrize("decide", [approve_change_request, reject_change_request], ids=["approve", "reject"])
@pytest.mark.parametrize("first", [approve_change_request, reject_change_request], ids=["approved", "rejected"])
async def test_what_is_decided_cannot_be_decided_again_and_nothing_changes(
    sessions: SessionFactory, register_id: str, record: str, first: Any, decide: Any
) -> None:
    name = await created(sessions, register_id, {"income": 1}, record)
    async with sessions.begin() as session:
        await first(session, AN_ACTOR, name)
    before = await snapshot_of(sessions, record, name)

    async with sessions() as session:
        with pytest.raises(ChangeRequestAlreadyDecided, match=f"{name} is (APPROVED|REJECTED) already"):
            await decide(session, AN_ACTOR, name)
        await session.commit()

    assert await snapshot_of(sessions, record, name) == before


async def snapshot_of(sessions: SessionFactory, record: str, change_request_id: str) -> dict[str, Any]:
    """All that an approval could change."""
    async with sessions() as session:
        row, change_request = await get_record(session, record), await get_change_request(session, change_request_id)
        history = await list_record_history(session, record)
    requests = await requests_of(sessions, record)
    return {
        "record": (row.version, row.attributes, row.updated_at),
        "change request": (change_request.status, change_request.decided_at),
        "history": [entry.version for entry in history],
        "requests": {name: request.sequence for name, request in requests.items()},
    }


async def test_rejecting_leaves_the_record_as_it_is(sessions: SessionFactory, register_id: str, record: str) -> None:
    name = await created(sessions, register_id, {"income": 1}, record)

    async with sessions.begin() as session:
        rejected = await reject_change_request(session, AN_ACTOR, name)

    assert rejected.status == "REJECTED"
    assert rejected.decided_at is not None
    async with sessions() as session:
        assert (await get_record(session, record)).version == 1


@pytest.mark.parametrize(
    ("payload", "error", "field"),
    [
        pytest.param({"incomes": 1}, InvalidAttributes, "incomes", id="an unknown attribute"),
        pytest.param({"income": "3500"}, InvalidAttributes, "income", id="text for a number"),
        pytest.param({}, InvalidAttributes, "change_payload", id="nothing"),
        pytest.param({"income": float("nan")}, InvalidInput, "income", id="NaN"),
        pytest.param(
            {"assets": {"land_area": 1}, "assets.land_area": 2}, InvalidAttributes, "assets.land_area", id="twice"
        ),
    ],
)
async def test_a_payload_that_does_not_fit_the_register_is_refused(
    sessions: SessionFactory, register_id: str, payload: dict[str, Any], error: type[InvalidInput], field: str
) -> None:
    async with sessions() as session:
        with pytest.raises(error) as refused:
            await create_change_request(session, NewChangeRequest(register_id, payload))
        await session.commit()
        assert list(await session.scalars(select(ChangeRequest))) == []

    assert refused.value.field == field


async def test_a_change_request_for_an_unknown_register_or_record_is_refused(
    sessions: SessionFactory, register_id: str
) -> None:
    async with sessions() as session:
        with pytest.raises(RegisterNotFound):
            await create_change_request(session, NewChangeRequest(an_id(), {"income": 1}))
        with pytest.raises(RecordNotFound):
            await create_change_request(session, NewChangeRequest(register_id, {"income": 1}, an_id()))


async def test_a_change_request_for_a_record_of_another_register_is_refused(
    sessions: SessionFactory, record: str
) -> None:
    async with sessions.begin() as session:
        other = await a_farmer_register(session)

    async with sessions() as session:
        with pytest.raises(RecordNotFound, match=f"register {other.register_id} has no record {record}"):
            await create_change_request(session, NewChangeRequest(other.register_id, {"income": 1}, record))


async def test_an_unknown_change_request_is_not_found(sessions: SessionFactory, register_id: str) -> None:
    del register_id
    async with sessions() as session:
        for asking in (
            get_change_request(session, "CR-nowhere"),
            approve_change_request(session, AN_ACTOR, "CR-nowhere"),
            reject_change_request(session, AN_ACTOR, "CR-nowhere"),
        ):
            with pytest.raises(ChangeRequestNotFound) as missing:
                await asking
            assert missing.value.field == "change_request_id"


async def test_a_payload_that_no_longer_fits_the_register_is_refused_and_waits_on(
    sessions: SessionFactory, register_id: str, record: str
) -> None:
    name = await created(sessions, register_id, {"income": 1}, record)
    narrower = {path: kind for path, kind in FARMER_ATTRIBUTES.items() if path != "income"}
    async with sessions.begin() as session:
        await session.execute(update(Register).values(attributes=narrower))
    before = await snapshot_of(sessions, record, name)

    with pytest.raises(InvalidAttributes, match="income is no attribute"):
        await approved(sessions, name)

    assert await snapshot_of(sessions, record, name) == before
    assert before["change request"] == ("PENDING", None)


async def test_an_approval_that_is_rolled_back_leaves_nothing(
    sessions: SessionFactory, register_id: str, record: str
) -> None:
    name = await created(sessions, register_id, {"income": 1}, record)
    new = await created(sessions, register_id, {"income": 2}, None)
    before = await snapshot_of(sessions, record, name)

    async with sessions() as session:
        await approve_change_request(session, AN_ACTOR, name)
        await approve_change_request(session, AN_ACTOR, new)
        await session.rollback()

    assert await snapshot_of(sessions, record, name) == before
    async with sessions() as session:
        assert len(await list_records(session, register_id, Page())) == 1
