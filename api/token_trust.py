"""Which tokens count: a value that settings make, so nothing but the standard library is imported here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TokenTrust:
    """Whose tokens count, for whom they must be meant, and as which client's roles they are read."""

    issuer: str
    audiences: tuple[str, ...]
    client_id: str
    algorithms: tuple[str, ...]
    leeway: float = 30.0
