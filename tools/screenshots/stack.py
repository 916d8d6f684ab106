"""A stack of its own in a temporary home, up for the length of the block."""

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from steadyscore.demo.registry_client import RegistryClient
from steadyscore.development_tokens import Holder, development_token, for_development_only
from steadyscore.embedded.temporal_cli import find_temporal_cli
from steadyscore.embedded.temporal_server import free_port
from steadyscore.processes import Supervisor
from steadyscore.settings import Settings
from steadyscore.stack import Say, Servers, brought_along, start_stack

HOME = Path(__file__).parents[2] / ".steadyscore"
HTTP_TIMEOUT = 30.0
TOKEN_LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class Running:
    """Where the stack answers, and to whom."""

    url: str
    home: Path
    registry: RegistryClient
    """As an administrator."""

    def token(self, role: str, name: str) -> str:
        """A development token."""
        return development_token(self.home, Holder((role,), name), datetime.now(UTC), TOKEN_LASTS)


def run_with_stack(work: Callable[[Running], Awaitable[None]], say: Say) -> None:
    """Start everything, do the work, stop everything."""
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory(prefix="steadyscore-") as directory:
        home = Path(directory)
        (home / "bin").mkdir()
        (home / "bin" / "temporal").symlink_to(find_temporal_cli(HOME, say))
        settings = for_development_only(_settings(home))
        with brought_along(settings, say) as servers:
            asyncio.run(_run(settings, servers, work, say))


def _settings(home: Path) -> Settings:
    """The defaults, whatever is configured here."""
    ordinary = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    ports = {"api_port": free_port(), "temporal_port": free_port(), "temporal_ui_port": free_port()}
    return Settings(_env_file=None, **{**ordinary, **ports, "steadyscore_home": home})


async def _run(settings: Settings, servers: Servers, work: Callable[[Running], Awaitable[None]], say: Say) -> None:
    async with AsyncExitStack() as stack:
        supervisor = await stack.enter_async_context(Supervisor(settings.steadyscore_home / "logs"))
        url = (await start_stack(settings, servers, supervisor, say)).api_url
        token = development_token(settings.steadyscore_home, Holder(), datetime.now(UTC), TOKEN_LASTS)
        http = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=HTTP_TIMEOUT, trust_env=False
        )
        await stack.enter_async_context(http)
        await work(Running(url, settings.steadyscore_home, RegistryClient(http)))
