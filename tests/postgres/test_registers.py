"""Registers and records: create, read, list by pages."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from objects import FARMER, FARMER_ATTRIBUTES, a_farmer_register, an_approval, an_id
from registry.registers import (
    Page,
    create_register,
    get_record,
    get_register,
    list_record_history,
    list_records,
    list_registers,
    register_facts,
)
from registry.tables import RegisterPurpose
from scoring.definitions import RegisterFacts
from scoring.errors import InvalidAttributes, RecordNotFound, RegisterNotFound
from store.database import Session


@pytest.mark.parametrize("purpose", list(RegisterPurpose))
async def test_a_register_is_read_back_as_it_was_created(session: Session, purpose: RegisterPurpose) -> None:
    register_id = (await create_register(session, "Farmer", purpose, FARMER_ATTRIBUTES)).register_id
    session.expire_all()

    register = await get_register(session, register_id)

    assert (register.register_mnemonic, register.register_purpose) == ("Farmer", purpose.value)
    assert register.attributes == FARMER_ATTRIBUTES
    assert register.created_at.utcoffset() is not None


async def test_a_register_whose_attributes_make_no_sense_is_not_created(session: Session) -> None:
    with pytest.raises(InvalidAttributes, match="income has type"):
        await create_register(session, "Farmer", RegisterPurpose.REGISTER, {"income": "money"})

    assert await list_registers(session, Page()) == []


async def test_the_core_sees_purpose_and_types_of_a_register(session: Session) -> None:
    register = await a_farmer_register(session, RegisterPurpose.TABLE)

    assert register_facts(register) == RegisterFacts(register.register_id, "TABLE", FARMER_ATTRIBUTES, "Farmer")


async def test_an_unknown_register_or_record_is_not_found(session: Session) -> None:
    with pytest.raises(RegisterNotFound) as no_register:
        await get_register(session, an_id())
    with pytest.raises(RecordNotFound) as no_record:
        await get_record(session, an_id())

    assert (no_register.value.field, no_record.value.field) == ("register_id", "internal_record_id")


async def test_registers_are_listed_by_pages_each_once(session: Session) -> None:
    created = {(await a_farmer_register(session)).register_id for _ in range(5)}

    first = await list_registers(session, Page(limit=2))
    second = await list_registers(session, Page(limit=2, after=first[-1].register_id))
    third = await list_registers(session, Page(limit=2, after=second[-1].register_id))
    beyond = await list_registers(session, Page(limit=2, after=third[-1].register_id))

    listed = [register.register_id for page in (first, second, third) for register in page]
    assert [len(page) for page in (first, second, third, beyond)] == [2, 2, 1, 0]
    assert listed == sorted(created)


async def test_records_are_listed_by_pages_and_by_register(session: Session) -> None:
    one, other = await a_farmer_register(session), await a_farmer_register(session)
    created = [(await an_approval(session, one.register_id)).internal_record_id or "" for _ in range(3)]
    await an_approval(session, other.register_id)

    first = await list_records(session, one.register_id, Page(limit=2))
    second = await list_records(session, one.register_id, Page(limit=2, after=first[-1].internal_record_id))

    assert [record.internal_record_id for record in first + second] == sorted(created)
    assert first[0].attributes == FARMER
    assert await list_records(session, an_id(), Page()) == []


async def test_the_history_of_a_record_is_listed_newest_first_and_is_its_own(session: Session) -> None:
    register = await a_farmer_register(session)
    record = (await an_approval(session, register.register_id)).internal_record_id or ""
    await an_approval(session, register.register_id)
    last = await an_approval(session, register.register_id, {"income": 1}, record)

    history = await list_record_history(session, record)

    assert [row.version for row in history] == [2, 1]
    assert history[0].change_request_id == last.change_request_id
    assert await list_record_history(session, an_id()) == []


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE registers SET register_purpose = 'FARM'", id="an unknown purpose"),
        pytest.param("UPDATE change_requests SET status = 'MAYBE'", id="an unknown status of a change request"),
        pytest.param(
            "INSERT INTO record_history (internal_record_id, version, attributes, change_request_id)"
            " SELECT internal_record_id, version, attributes, change_request_id FROM record_history",
            id="one version twice",
        ),
    ],
)
async def test_the_schema_itself_refuses_what_must_not_be(session: Session, statement: str) -> None:
    register = await a_farmer_register(session)
    await an_approval(session, register.register_id)

    with pytest.raises(IntegrityError):
        await session.execute(text(statement))
