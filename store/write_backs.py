"""What a domain does, in the transaction that stores scores, to keep a copy of them in tables of its own."""

from collections.abc import Awaitable, Callable, Collection, Mapping
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
