"""What a domain does, in the transaction that stores scores, to keep a copy of them in tables of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from store.database import Session

OnRecords: TypeAlias = Callable[[Session, Collection[str]], Awaitable[None]]
"""Does something to the records with these ids, in the order of ids."""


@dataclass(frozen=True)
class WriteBack:
    """`lock` comes first, as approvals lock records before requests; `save` comes last, and reads what was stored.

    A `save` copies whatever the score is now, so a repeat changes nothing.
    """

    lock: OnRecords
    save: OnRecords


WriteBacks: TypeAlias = Mapping[str, WriteBack]
"""By register; one that is not named keeps no copy."""


@asynccontextmanager
async def written_back(
    session: Session, write_back: WriteBack | None, record_ids: Collection[str]
) -> AsyncIterator[None]:
    """Store these records' scores within; what keeps no copy costs nothing."""
    if write_back is None or not record_ids:
        yield
        return
    await write_back.lock(session, record_ids)
    yield
    await write_back.save(session, record_ids)
