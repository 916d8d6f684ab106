"""Which domain has a register: what the core asks of its records, and what it does when their scores are stored."""

from builders import records as builders
from builders.register import BUILDERS, FACTS
from registry.registers import count_records, find_register, lock_record_page, register_facts
from scoring.definitions import RegisterFacts
from scoring.errors import InvalidInput, RegisterNotFound
from store.database import Session
from store.recomputation_pages import RecordState, RegisterRecords
from store.write_backs import WriteBacks

WRITE_BACKS: WriteBacks = {BUILDERS: builders.WRITE_BACK}

_REGISTRY = RegisterRecords(lock_record_page, count_records)


def _records_of(register_id: str) -> RegisterRecords:
    return builders.RECORDS if register_id == BUILDERS else _REGISTRY


async def _lock_page(session: Session, register_id: str, after: str, limit: int) -> list[RecordState]:
    return list(await _records_of(register_id).lock_page(session, register_id, after, limit))


async def _count(session: Session, register_id: str) -> int:
    return await _records_of(register_id).count(session, register_id)


RECORDS = RegisterRecords(_lock_page, _count)
"""Of any register."""


async def find_register_facts(session: Session, name: str) -> RegisterFacts:
    """The register with this id, else the one with this mnemonic.

    Raises:
        RegisterNotFound: there is none.
        InvalidInput: several have the mnemonic; the text names their ids.
    """
    if name == BUILDERS:
        return FACTS
    try:
        found = register_facts(await find_register(session, name))
    except RegisterNotFound:
        if name == FACTS.register_mnemonic:
            return FACTS
        raise
    if name == FACTS.register_mnemonic:
        ids = f"{BUILDERS}, {found.register_id}"
        raise InvalidInput(f"2 registers are called {name}; name one by its id: {ids}", field="register_id")
    return found
