"""All settings, read once at the door from the environment and `.env`, and passed on as values."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from api.origins import parse_origins
from api.rate_limit import DEFAULT_WRITE_LIMIT, parse_write_limit
from relay.policy import RelayPolicy
from scoring.debounce import MAX_SECONDS, DebouncePolicy
from scoring.errors import InvalidDefinition
from scoring.messages import ComputePolicy
from steadyscore.errors import SetupError
from steadyscore.hook_settings import HookSettings
from steadyscore.identity_settings import IdentitySettings
from steadyscore.payload_keys import KeyRing, configured_key_ring, parse_key_ring
from store.recomputation_pages import RecomputeLimits
from store.roads import RoadLimits
from store.sweeping import SweepPolicy

MAX_PORT = 65535
MAX_BATCH_SIZE = 5_000
"""What a batch sends through Temporal (a number and a score a record) stays far below 2 MB."""
MAX_PAGE_SIZE = 5_000
"""The records of a page are locked while it is requested: approvals of them wait."""

MIN_TOKEN_LENGTH = 20
MIN_BODY_BYTES = 1_024

MIN_LEASE = 6.0
"""Longer than the relay waits for Temporal's answer: until then nobody else sends the same."""

Port = Annotated[int, Field(ge=1, le=MAX_PORT)]
Seconds = Annotated[float, Field(gt=0, le=MAX_SECONDS)]


class Settings(IdentitySettings, HookSettings):
    """Explained one by one in `.env.example`; durations in seconds."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    database_url: str | None = None
    database_pool_size: Annotated[int, Field(ge=1)] = 10
    temporal_address: str | None = None
    temporal_namespace: str = "default"
    temporal_ui_url: str | None = None

    payload_keys: Annotated[str | None, Field(repr=False)] = None
    payload_keys_file: Path | None = None
    codec_token: Annotated[str | None, Field(repr=False)] = None

    steadyscore_home: Path = Path(".steadyscore")
    temporal_port: Port = 7233
    temporal_ui_port: Port = 8233

    api_host: str = "127.0.0.1"
    api_port: Port = 8000
    api_max_body_bytes: Annotated[int, Field(ge=MIN_BODY_BYTES)] = 1_048_576
    api_request_timeout: Seconds = 30.0
    api_write_limit: str = DEFAULT_WRITE_LIMIT
    api_cors_origins: str | None = None
    api_event_heartbeat: Seconds = 15.0
    api_max_event_streams: Annotated[int, Field(ge=1)] = 1000
    api_max_event_streams_per_identity: Annotated[int, Field(ge=1)] = 50
    api_profile_cache_size: Annotated[int, Field(ge=1)] = 10_000
    relay_lag_limit: Seconds = 30.0

    log_format: Literal["console", "json"] = "console"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    debounce_quiet_period: Annotated[float, Field(ge=0)] = 2.0
    debounce_max_wait: Annotated[float, Field(ge=0)] = 10.0

    compute_locally: bool = True
    compute_timeout: Seconds = 10.0
    compute_retry_initial_interval: Seconds = 1.0
    compute_retry_backoff_coefficient: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 2.0
    compute_retry_maximum_interval: Seconds = 60.0
    compute_retry_maximum_attempts: Annotated[int, Field(ge=0)] = 20

    relay_signal_interval: Seconds = 0.2
    relay_tick_interval: Seconds = 0.1
    relay_poll_interval: Seconds = 1.0
    relay_retry_delay: Seconds = 2.0
    relay_lease: Annotated[float, Field(ge=MIN_LEASE, le=MAX_SECONDS)] = 30.0
    relay_batch_check_interval: Seconds = 60.0
    relay_max_open_records: Annotated[int, Field(ge=0)] = 32
    relay_max_open_batches: Annotated[int, Field(ge=1)] = 2
    relay_batch_size: Annotated[int, Field(ge=1, le=MAX_BATCH_SIZE)] = 500
    relay_sweep_after: Seconds = 120.0
    relay_sweep_interval: Seconds = 30.0
    relay_restart_after: Seconds = 3600.0

    recompute_page_size: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = 500
    recompute_max_outstanding: Annotated[int, Field(ge=1)] = 2000
    recompute_automatically: bool = False

    worker_deployment_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")] = "steadyscore"
    worker_build_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]{1,100}$")] | None = None
    worker_max_concurrent_activities: Annotated[int, Field(ge=1)] = 100
    worker_max_concurrent_batch_activities: Annotated[int, Field(ge=1)] = 4
    worker_compute_threads: Annotated[int, Field(ge=1)] = 8
    worker_pollers: Annotated[int, Field(ge=1)] = 2
    worker_graceful_shutdown: Seconds = 10.0

    @field_validator("database_url")
    @classmethod
    def _use_asyncpg(cls, url: str | None) -> str | None:
        if not url:
            return None
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in {"postgresql", "postgres", "postgresql+asyncpg"}:
            raise ValueError("must be a PostgreSQL URL, such as postgresql://user:password@host:5432/database")
        try:
            make_url(f"postgresql+asyncpg://{rest}")
        except (ArgumentError, ValueError):
            raise ValueError("is no URL, such as postgresql://user:password@host:5432/database") from None
        return f"postgresql+asyncpg://{rest}"

    @field_validator("temporal_address")
    @classmethod
    def _host_and_port(cls, address: str | None) -> str | None:
        if not address:
            return None
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or not 1 <= int(port) <= MAX_PORT or "/" in address:
            raise ValueError("must be HOST:PORT, such as temporal.example.org:7233")
        return address

    @field_validator("payload_keys")
    @classmethod
    def _keys(cls, keys: str | None) -> str | None:
        if keys:
            parse_key_ring(keys)
        return keys

    @field_validator("api_write_limit")
    @classmethod
    def _limit(cls, limit: str) -> str:
        parse_write_limit(limit)
        return limit

    @field_validator("api_cors_origins")
    @classmethod
    def _origins(cls, origins: str | None) -> str | None:
        if origins:
            parse_origins(origins)
        return origins

    @field_validator("codec_token")
    @classmethod
    def _token(cls, token: str | None) -> str | None:
        if token and not re.fullmatch(rf"[!-~]{{{MIN_TOKEN_LENGTH},}}", token):
            raise ValueError(
                f"must be {MIN_TOKEN_LENGTH} or more characters without spaces; `openssl rand -hex 32` makes one"
            )
        return token

    def key_ring(self) -> KeyRing:
        """The keys that payloads are encrypted with, or none; raise SetupError where they cannot be read."""
        return configured_key_ring(self.payload_keys, self.payload_keys_file)

    def require_database_url(self) -> str:
        """The configured database; raise SetupError when there is none."""
        if self.database_url is None:
            raise SetupError(
                "DATABASE_URL is not set; set it, or use `steadyscore up`, which brings a PostgreSQL along"
            )
        return self.database_url

    def require_temporal_address(self) -> str:
        """The configured Temporal; raise SetupError when there is none."""
        if self.temporal_address is None:
            raise SetupError(
                "TEMPORAL_ADDRESS is not set; set it, or use `steadyscore up`, which brings a Temporal along"
            )
        return self.temporal_address

    def debounce(self) -> DebouncePolicy:
        """What a definition without a policy of its own gets."""
        try:
            return DebouncePolicy(self.debounce_quiet_period, self.debounce_max_wait)
        except InvalidDefinition as error:
            raise SetupError(f"DEBOUNCE_QUIET_PERIOD, DEBOUNCE_MAX_WAIT: {error.detail}") from error

    def compute_policy(self) -> ComputePolicy:
        """How computations are tried."""
        return ComputePolicy(
            timeout=self.compute_timeout,
            initial_interval=self.compute_retry_initial_interval,
            backoff_coefficient=self.compute_retry_backoff_coefficient,
            maximum_interval=max(self.compute_retry_maximum_interval, self.compute_retry_initial_interval),
            maximum_attempts=self.compute_retry_maximum_attempts,
        )

    def recompute_limits(self) -> RecomputeLimits:
        """How a recomputation paces itself."""
        return RecomputeLimits(self.recompute_page_size, self.recompute_max_outstanding)

    def relay_policy(self) -> RelayPolicy:
        """How the relay paces itself."""
        return RelayPolicy(
            signal_interval=self.relay_signal_interval,
            tick_interval=self.relay_tick_interval,
            poll_interval=self.relay_poll_interval,
            retry_delay=self.relay_retry_delay,
            lease=self.relay_lease,
            batch_check_interval=self.relay_batch_check_interval,
            limits=RoadLimits(
                max_open_records=self.relay_max_open_records,
                max_open_batches=self.relay_max_open_batches,
                batch_size=self.relay_batch_size,
            ),
            sweep=self._sweep_policy(),
        )

    def _sweep_policy(self) -> SweepPolicy:
        # a run that is started anew tries from the beginning: sooner, and what always fails would never be FAILED
        restart_after = max(self.relay_restart_after, self.compute_policy().longest())
        return SweepPolicy(self.relay_sweep_after, self.relay_sweep_interval, restart_after)


def read_settings() -> Settings:
    """Read the environment; raise SetupError that names each variable that is wrong, without its value.

    STEADYSCORE_ENV_FILE names another file than `.env`; where it is empty, none is read.
    """
    try:
        settings = Settings(_env_file=os.environ.get("STEADYSCORE_ENV_FILE", ".env") or None)
    except ValidationError as error:
        wrong = [f"{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors(include_input=False)]
        raise SetupError("\n".join(["These settings cannot be used:", *wrong])) from None
    settings.debounce()
    settings.key_ring()
    settings.check_development_key(settings.api_host)
    return settings
