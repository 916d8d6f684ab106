"""Registers and their records: create and read."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from registry.attributes import check_declaration
from registry.tables import Record, RecordHistory, Register, RegisterPurpose
from scoring.definitions import RegisterFacts
from scoring.errors import InvalidInput, RecordNotFound, RegisterNotFound
from store.database import Session
from store.recomputation_pages import RecordState


@dataclass(frozen=True)
class Page:
    """A slice of a list: at most `limit` rows after the row with the key `after`."""

    limit: int = 50
    after: str | None = None


async def create_register(
    session: Session,
    register_mnemonic: str,
    purpose: RegisterPurpose,
    attributes: Mapping[str, str],
    hook_sender: str | None = None,
) -> Register:
    """Store a new register; raise InvalidAttributes for a declaration that makes no sense.

    With a `hook_sender` that one feeds it (registry/received_changes.py), and no change request can be made here.
    """
    check_declaration(attributes)
    register = Register(
        register_mnemonic=register_mnemonic,
        register_purpose=purpose.value,
        attributes=dict(attributes),
        hook_sender=hook_sender,
    )
    session.add(register)
    await session.flush()
    return register


async def get_register(session: Session, register_id: str) -> Register:
    """Raise RegisterNotFound when no register has the id."""
    register = await session.get(Register, register_id)
    if register is None:
        raise RegisterNotFound(f"no register has the id {register_id}", field="register_id")
    return register


async def find_register(session: Session, name: str) -> Register:
    """The register with this id, else the one with this mnemonic.

    Raises:
        RegisterNotFound: there is none.
        InvalidInput: several have the mnemonic; the text names their ids.
    """
    register = await session.get(Register, name)
    if register is not None:
        return register
    named = list(
        await session.scalars(select(Register).filter_by(register_mnemonic=name).order_by(Register.register_id))
    )
    if not named:
        raise RegisterNotFound(f"no register has the id or the mnemonic {name}", field="register_id")
    if len(named) > 1:
        ids = ", ".join(one.register_id for one in named)
        raise InvalidInput(f"{len(named)} registers are called {name}; name one by its id: {ids}", field="register_id")
    return named[0]


async def list_registers(session: Session, page: Page) -> list[Register]:
    """Registers by id."""
    statement = select(Register).order_by(Register.register_id).limit(page.limit)
    if page.after is not None:
        statement = statement.where(Register.register_id > page.after)
    return list(await session.scalars(statement))


def register_facts(register: Register) -> RegisterFacts:
    """The register as the core sees it."""
    return RegisterFacts(
        register.register_id, register.register_purpose, register.attributes, register.register_mnemonic
    )


async def get_record(session: Session, internal_record_id: str, *, for_update: bool = False) -> Record:
    """Raise RecordNotFound when no record has the id."""
    # FOR NO KEY UPDATE: a change request that is created meanwhile only needs the key to stay
    lock = {"key_share": True} if for_update else None
    record = await session.get(Record, internal_record_id, with_for_update=lock, populate_existing=for_update)
    if record is None:
        raise RecordNotFound(f"no record has the id {internal_record_id}", field="internal_record_id")
    return record


async def get_record_of(session: Session, register_id: str, internal_record_id: str) -> Record:
    """Raise RecordNotFound when the register has no such record."""
    record = await get_record(session, internal_record_id)
    if record.register_id != register_id:
        raise RecordNotFound(f"register {register_id} has no record {internal_record_id}", field="internal_record_id")
    return record


async def list_records(session: Session, register_id: str, page: Page) -> list[Record]:
    """A register's records by id."""
    statement = (
        select(Record).where(Record.register_id == register_id).order_by(Record.internal_record_id).limit(page.limit)
    )
    if page.after is not None:
        statement = statement.where(Record.internal_record_id > page.after)
    return list(await session.scalars(statement))


async def lock_record_page(session: Session, register_id: str, after: str, limit: int) -> list[RecordState]:
    """The next records by id, locked as an approval locks them; raise RegisterNotFound when the register is gone.

    Who asks for their scores under these locks asks on the record's latest state, in the order of approvals.
    """
    await get_register(session, register_id)
    # columns, not objects: a session that has read a record before would see it as it was then
    statement = (
        select(Record.internal_record_id, Record.attributes)
        .where(Record.register_id == register_id, Record.internal_record_id > after)
        .order_by(Record.internal_record_id)
        .limit(limit)
        .with_for_update(key_share=True)
    )
    return [RecordState(*row) for row in await session.execute(statement)]


async def count_records(session: Session, register_id: str) -> int:
    """How many records the register has."""
    statement = select(func.count()).select_from(Record).where(Record.register_id == register_id)
    return int(await session.scalar(statement) or 0)


async def list_record_history(
    session: Session, internal_record_id: str, limit: int | None = None, before: int | None = None
) -> list[RecordHistory]:
    """A record after each approved change request, newest first: all, or at most so many, or those before a version."""
    statement = (
        select(RecordHistory)
        .where(RecordHistory.internal_record_id == internal_record_id)
        .order_by(RecordHistory.version.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(RecordHistory.version < before)
    return list(await session.scalars(statement))
