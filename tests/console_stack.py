"""The whole service with its console, as separate processes: what people in a browser meet."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from homes import PATIENCE_SECONDS, Home, eventually
from steadyscore.demo.registry_client import RegistryClient
from steadyscore.development_tokens import PUBLIC_KEYS, Holder, development_token
from steadyscore.embedded.postgres import EmbeddedPostgres
from steadyscore.embedded.temporal_server import free_port
from steadyscore.local_database import DATABASE
from steadyscore.local_secrets import KEYS_FILE
from temporal_fakes.plugins import installed_services

TOKEN_LASTS = timedelta(hours=1)
API_OUTPUT = "output of another API"


@dataclass
class ApiProcess:
    """One more API on the stack's database, which can be ended and started again on its port."""

    home: Home
    settings: dict[str, str]
    process: "subprocess.Popen[str] | None" = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.settings['API_PORT']}"

    def start(self) -> None:
        """Return once it answers."""
        self.process = self.home.start("api", into=API_OUTPUT, **self.settings)
        eventually(lambda: _is_live(self.url), self.home)

    def kill(self) -> None:
        """As a machine that loses its power does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE_SECONDS)


@dataclass(frozen=True)
class ConsoleStack:
    """Everything that `steadyscore up` started in this home."""

    home: Home

    @property
    def url(self) -> str:
        """Of the API, which serves the console."""
        return f"http://127.0.0.1:{self.home.environment['API_PORT']}"

    def token(self, role: str = "administrator", name: str | None = None) -> str:
        """A development token; whoever is not named is called as the role is."""
        holder = Holder((role,), name or role)
        return development_token(self.home.directory, holder, datetime.now(UTC), TOKEN_LASTS)

    def break_land_prices(self) -> None:
        """LAND_SCORE fails from now on."""
        _absence(self.home).touch()

    def mend_land_prices(self) -> None:
        """LAND_SCORE is 42.5 again."""
        _absence(self.home).unlink()

    @asynccontextmanager
    async def registry(self, role: str = "administrator", name: str | None = None) -> AsyncIterator[RegistryClient]:
        """The HTTP interface as somebody with this role."""
        headers = {"Authorization": f"Bearer {self.token(role, name)}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30) as http:
            yield RegistryClient(http)

    @contextmanager
    def another_api(self, **settings: str) -> Iterator[ApiProcess]:
        """With these settings; without a provider it takes the stack's development tokens."""
        directory = self.home.directory
        trusted = {} if "OIDC_ISSUER" in settings else {"DEVELOPMENT_KEY_FILE": str(directory / PUBLIC_KEYS)}
        found = {
            "API_PORT": str(free_port()),
            "DATABASE_URL": EmbeddedPostgres(directory / "postgres").url(DATABASE),
            "TEMPORAL_ADDRESS": f"127.0.0.1:{self.home.environment['TEMPORAL_PORT']}",
            "PAYLOAD_KEYS_FILE": str(directory / KEYS_FILE),
            "STEADYSCORE_ENV_FILE": "",
        }
        api = ApiProcess(self.home, found | trusted | settings)
        try:
            api.start()
            yield api
        finally:
            api.kill()


@contextmanager
def with_land_score(home: Home) -> Iterator[Home]:
    """The home with a service of another package, which fails while prices are missing."""
    packages = home.directory / "packages"
    packages.mkdir()
    body = f"""
        import pathlib
        if pathlib.Path({str(_absence(home))!r}).exists():
            raise ScoreInputError("the prices of land are missing")
        return 42.5
    """
    with installed_services(packages, {"LAND_SCORE": body}):
        found = os.pathsep.join([str(packages), *filter(None, [home.environment.get("PYTHONPATH")])])
        yield Home(home.directory, home.environment | {"PYTHONPATH": found})


def _absence(home: Home) -> Path:
    return home.directory / "no prices of land"


def _is_live(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live").is_success
    except httpx.TransportError:
        return False
