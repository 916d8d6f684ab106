"""What the console must know of the place it is served from."""

from dataclasses import dataclass
from pathlib import Path

BUILT = Path(__file__).parent / "console"
"""Where `make console` and the build of the wheel put it."""


@dataclass(frozen=True)
class ConsoleSettings:
    """Without an issuer, one signs in by pasting a development token; without a UI's address, runs are no links."""

    oidc_issuer: str | None = None
    client_id: str | None = None
    scope: str = "openid"
    provider_origins: tuple[str, ...] = ()
    """Where else the provider has what the page asks, such as its token endpoint."""
    temporal_ui_url: str | None = None
    temporal_namespace: str = "default"
    files: Path = BUILT
