"""The stand: the whole service on this machine as separate processes, each of which can be made to fail.

PostgreSQL, the real Temporal server, two workers, two relays, two API processes. What fails when, under which load and
how the end is judged stands elsewhere.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from faults.ports import stable_port
from faults.postgres import StandPostgres
from faults.processes import StandProcess
from faults.proxy import Proxy
from faults.readiness import wait_until_ready
from faults.temporal_build import TemporalPrograms
from faults.temporal_server import NAMESPACE, TemporalServer
from steadyscore.development_tokens import Holder, development_token, with_development_key
from steadyscore.errors import SetupError
from steadyscore.local_secrets import with_own_secrets
from steadyscore.migrate import migrate
from steadyscore.processes import ChildProcess
from steadyscore.settings import Settings

DATABASE = "steadyscore"
COPIES = 2

_ROOT = Path(__file__).parents[1]
# compute services of the stand's own, and `faults.process`
_PYTHONPATH = os.pathsep.join([str(_ROOT), str(_ROOT / "faults" / "plugins")])

_READY_SECONDS = 60.0
_GUARDIAN_SECONDS = 60.0
_TOKEN_LASTS = timedelta(days=1)

# everything happens soon, and eight records at once are enough for the others to take the batch road
FAST: Mapping[str, Any] = {
    "debounce_quiet_period": 0.3,
    "debounce_max_wait": 1.0,
    # an ill service is given up soon; five, so that crashes use up none of a healthy one's
    "compute_timeout": 1.0,
    "compute_retry_initial_interval": 0.2,
    "compute_retry_maximum_interval": 2.0,
    "compute_retry_maximum_attempts": 5,
    "relay_poll_interval": 0.5,
    "relay_retry_delay": 0.5,
    # what is lost comes back soon
    "relay_lease": 6.0,
    "relay_batch_check_interval": 3.0,
    "relay_sweep_after": 4.0,
    "relay_sweep_interval": 1.0,
    "relay_restart_after": 12.0,
    "relay_max_open_records": 8,
    "worker_graceful_shutdown": 2.0,
    "database_pool_size": 5,
}


class Stand:
    """Everything up for the length of an `async with`, which must be entered in the main thread; nothing is left of it.

    `logs` is where the processes' output is kept; without it the output goes with everything else.
    """

    def __init__(self, programs: TemporalPrograms, *, logs: Path | None = None) -> None:
        self._programs = programs
        self._kept_logs = logs
        self._exit = AsyncExitStack()
        self.workers: list[StandProcess] = []
        self.relays: list[StandProcess] = []
        self.apis: list[StandProcess] = []
        self.proxies: dict[str, Proxy] = {}
        """By the name of the process that reaches Temporal through it: `worker-1`, …, `relay-2`."""
        self.api_urls: list[str] = []

    async def __aenter__(self) -> Self:
        try:
            self._make_home()
            await self._start_servers()
            self.settings = self._make_settings()
            await migrate(self.database_url)
            await self._start_processes()
            await self.ready()
        except BaseException:
            await self._exit.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    @property
    def database_url(self) -> str:
        """The service's database, as SQLAlchemy reads it."""
        return self.settings.require_database_url()

    @property
    def temporal_address(self) -> str:
        """Temporal itself, past every proxy."""
        return self.temporal.address

    @property
    def processes(self) -> list[StandProcess]:
        """Workers, relays and APIs."""
        return [*self.workers, *self.relays, *self.apis]

    async def ready(self, deadline_seconds: float = _READY_SECONDS) -> None:
        """Return once every process that is wanted does its work; raise SetupError with what is missing."""
        await wait_until_ready(
            self.settings, self.workers, dict(zip(self.api_urls, self.apis, strict=True)), deadline_seconds
        )

    async def mend(self) -> None:
        """Whole again after a strike that ended halfway: Temporal serves, every line is restored."""
        for line in self.proxies.values():
            await line.restore()
        await self.temporal.start()

    def _make_home(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="steadyscore-faults-")).resolve()
        # first of all: from here on nothing is left, whatever becomes of us
        guardian = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "faults.guardian", str(self.home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd=_ROOT,
            start_new_session=True,
        )
        self._exit.push_async_callback(_dismiss, guardian)
        self.logs = self._kept_logs or self.home / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)

    async def _start_servers(self) -> None:
        self.postgres = StandPostgres(self.home / "postgres")
        self._exit.push_async_callback(self.postgres.stop)
        await self.postgres.start()
        await self.postgres.create_databases(DATABASE)
        directory = self.home / "temporal"
        directory.mkdir()
        self.temporal = TemporalServer(self._programs, self.postgres, directory, self.logs)
        self._exit.push_async_callback(self.temporal.kill)
        await self.temporal.set_up()

    def _make_settings(self) -> Settings:
        places = {
            "steadyscore_home": self.home,
            "database_url": self.postgres.url(DATABASE),
            "temporal_address": self.temporal.address,
        }
        # payloads are encrypted, as `up` does it: with a key of this home's
        return with_development_key(with_own_secrets(stand_settings(**places)))

    def new_token(self) -> str:
        """A token that its APIs take for whatever is asked of them."""
        return development_token(self.home, Holder(name="load"), datetime.now(UTC), _TOKEN_LASTS)

    def new_builder_tokens(self, number: int) -> list[str]:
        """As many tokens, each of somebody who may build and no more."""
        holders = [Holder(["builder"], f"builder-{one}") for one in range(number)]
        return [development_token(self.home, holder, datetime.now(UTC), _TOKEN_LASTS) for holder in holders]

    async def _start_processes(self) -> None:
        (self.home / "work").mkdir()
        for number in range(1, COPIES + 1):
            self.workers.append(await self._reaching_temporal("worker", number))
            self.relays.append(await self._reaching_temporal("relay", number))
            port = stable_port()
            self.api_urls.append(f"http://{self.settings.api_host}:{port}")
            self.apis.append(self._process("api", number, api_port=port))
        self._exit.push_async_callback(self._stop_processes)
        await asyncio.gather(*(process.start() for process in self.processes))

    async def _reaching_temporal(self, role: str, number: int) -> StandProcess:
        proxy = await self._exit.enter_async_context(Proxy(self.temporal.port))
        self.proxies[f"{role}-{number}"] = proxy
        return self._process(role, number, temporal_address=proxy.address)

    def _process(self, role: str, number: int, **settings: Any) -> StandProcess:
        name = f"{role}-{number}"
        environment = as_environment(self.settings.model_copy(update=settings))
        environment["PYTHONPATH"] = _PYTHONPATH
        child = ChildProcess(name, [sys.executable, "-m", "steadyscore", role], environment)
        return StandProcess(child, self.home / "work", self.logs / f"{name}.log")

    async def _stop_processes(self) -> None:
        # by SIGKILL: an orderly end takes seconds, and what it would save is thrown away
        await asyncio.gather(*(process.stop(signal.SIGKILL) for process in self.processes))


def stand_settings(**settings: Any) -> Settings:
    """The stand's settings: quick ones, whatever the environment says; raise TypeError for a name that is none."""
    if unknown := {*settings, *FAST} - Settings.model_fields.keys():
        raise TypeError(f"no settings: {', '.join(sorted(unknown))}")
    ordinary = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    return Settings(_env_file=None, **{**ordinary, "temporal_namespace": NAMESPACE, **FAST, **settings})


def as_environment(settings: Settings) -> dict[str, str]:
    """The environment in which a process reads these settings."""
    values = settings.model_dump(exclude_none=True)
    return {name.upper(): str(value) for name, value in values.items()}


async def _dismiss(guardian: "subprocess.Popen[bytes]") -> None:
    if guardian.stdin is not None:
        guardian.stdin.close()
    code = await asyncio.to_thread(guardian.wait, _GUARDIAN_SECONDS)
    if code != 0:
        raise SetupError(f"the stand's guardian could not clean up; it ended with exit code {code}")
