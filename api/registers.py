"""What the core must know of a register, whichever domain has it."""

from builders.register import BUILDERS, FACTS
from registry.registers import get_register, register_facts
from scoring.definitions import RegisterFacts
from store.database import Session


async def get_register_facts(session: Session, register_id: str) -> RegisterFacts:
    """Raise RegisterNotFound when no register has the id."""
    return FACTS if register_id == BUILDERS else register_facts(await get_register(session, register_id))
