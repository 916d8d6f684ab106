"""Settings: what is refused is named and not shown, and all of them are explained."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scoring.debounce import DebouncePolicy
from scoring.messages import ComputePolicy
from steadyscore.errors import SetupError
from steadyscore.settings import Settings, read_settings

ENV_EXAMPLE = Path(__file__).parents[2] / ".env.example"
NAMES = {name.upper() for name in Settings.model_fields}
WITHOUT_DEFAULT = {
    "DATABASE_URL",
    "TEMPORAL_ADDRESS",
    "TEMPORAL_UI_URL",
    "PAYLOAD_KEYS",
    "PAYLOAD_KEYS_FILE",
    "CODEC_TOKEN",
    "HOOK_SECRETS",
    "API_CORS_ORIGINS",
    "WORKER_BUILD_ID",
    "OIDC_ISSUER",
    "OIDC_AUDIENCE",
    "OIDC_CLIENT_ID",
    "OIDC_JWKS_URL",
    "ROLE_PERMISSIONS",
    "AUTH_PROVIDER_API_URL",
    "DEVELOPMENT_KEY_FILE",
    "CONSOLE_CLIENT_ID",
    "CONSOLE_PROVIDER_ORIGINS",
}


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def settings_of(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    """The settings read from this environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return read_settings()


def explained() -> dict[str, str]:
    """Each variable of `.env.example` with the default that it shows."""
    lines = ENV_EXAMPLE.read_text(encoding="utf-8").splitlines()
    matches = [re.fullmatch(r"(?:# )?([A-Z][A-Z_]*)=(.*)", line) for line in lines]
    return {match[1]: match[2] for match in matches if match}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("DATABASE_URL", "mysql://u:hunter2@db/x", id="a database of another kind"),
        pytest.param("DATABASE_URL", "u:hunter2@db/x", id="a database without a scheme"),
        pytest.param("DATABASE_URL", "postgresql+psycopg://u:hunter2@db/x", id="another driver"),
        pytest.param("DATABASE_URL", "postgresql://u:hunter2@db:hunter2/x", id="a database port that is no number"),
        pytest.param("TEMPORAL_ADDRESS", "hunter2", id="an address without a port"),
        pytest.param("TEMPORAL_ADDRESS", "temporal:hunter2", id="an address with a port that is no number"),
        pytest.param("TEMPORAL_ADDRESS", "temporal:99999", id="an address with a port that there is not"),
        pytest.param("TEMPORAL_ADDRESS", "http://temporal:7233", id="a URL as an address"),
        pytest.param("TEMPORAL_ADDRESS", "[hunter2", id="a broken address"),
        pytest.param("PAYLOAD_KEYS", "2026-11:hunter2", id="a key that is no key"),
        pytest.param("WORKER_BUILD_ID", "hunter2 or later", id="a version that no server takes"),
        pytest.param("WORKER_DEPLOYMENT_NAME", "hunter2:x", id="a deployment whose name ends too early"),
        pytest.param("CODEC_TOKEN", "hunter2", id="a token that can be guessed"),
        pytest.param("CODEC_TOKEN", "hunter2 with spaces in between", id="a token that no header carries"),
        pytest.param("HOOK_SECRETS", "hunter2", id="a hook's secret without its sender"),
        pytest.param("HOOK_SECRETS", "farmers:whsec_aHVudGVyMg==", id="a hook's secret that can be guessed"),
        pytest.param("API_PORT", "hunter2", id="a port that is no number"),
        pytest.param("API_PORT", "65536", id="a port that there is not"),
        pytest.param("API_MAX_BODY_BYTES", "1023", id="a body too small for any"),
        pytest.param("API_WRITE_LIMIT", "hunter2", id="a limit that is none"),
        pytest.param("API_WRITE_LIMIT", "0/minute", id="a limit of nothing"),
        pytest.param("API_WRITE_LIMIT", "1/second;12345/minute", id="two limits"),
        pytest.param("API_CORS_ORIGINS", "https://hunter2.example/path", id="an origin with a path"),
        pytest.param("API_CORS_ORIGINS", "https://a.example,hunter2", id="an origin without a scheme"),
        pytest.param("CONSOLE_PROVIDER_ORIGINS", "https://hunter2.example/path", id="a provider's origin with a path"),
        pytest.param("CONSOLE_PROVIDER_ORIGINS", "https://a.example,http://hunter2", id="a provider's origin in clear"),
        pytest.param("CONSOLE_PROVIDER_ORIGINS", "https://a.example,*", id="all the world as a provider"),
        pytest.param("DATABASE_POOL_SIZE", "0", id="a pool of nothing"),
        pytest.param("LOG_FORMAT", "hunter2", id="an unknown log format"),
        pytest.param("LOG_LEVEL", "hunter2", id="an unknown log level"),
        pytest.param("COMPUTE_TIMEOUT", "0.0", id="no time to compute"),
        pytest.param("COMPUTE_TIMEOUT", "nan", id="NaN seconds"),
        pytest.param("RELAY_POLL_INTERVAL", "inf", id="endless seconds"),
        pytest.param("RELAY_RETRY_DELAY", "-12345", id="negative seconds"),
        pytest.param("COMPUTE_RETRY_BACKOFF_COEFFICIENT", "0.5", id="waits that grow shorter"),
        pytest.param("COMPUTE_RETRY_MAXIMUM_ATTEMPTS", "-12345", id="a negative number of attempts"),
        pytest.param("DEBOUNCE_QUIET_PERIOD", "-12345", id="a negative quiet period"),
        pytest.param("DEBOUNCE_QUIET_PERIOD", "nan", id="a quiet period that is NaN"),
        pytest.param("DEBOUNCE_MAX_WAIT", "inf", id="an endless wait"),
        pytest.param("DEBOUNCE_MAX_WAIT", "0.12345", id="a longest wait below the quiet period"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_name_and_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SetupError, match=name) as refused:
        settings_of(monkeypatch, **{name: value})

    shown = str(refused.value)
    assert value not in shown
    assert "hunter2" not in shown
    # what is chained would stand in a traceback
    assert refused.value.__suppress_context__ or value not in str(refused.value.__cause__)


def test_a_password_is_not_shown_even_where_settings_are_made_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://u:hunter2@db/x")

    with pytest.raises(ValidationError) as refused:
        Settings()

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "name",
    [
        "COMPUTE_TIMEOUT",
        "COMPUTE_RETRY_INITIAL_INTERVAL",
        "RELAY_SIGNAL_INTERVAL",
        "RELAY_RETRY_DELAY",
        "RELAY_LAG_LIMIT",
    ],
)
def test_a_duration_that_no_timer_can_wait_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(SetupError, match=name):
        settings_of(monkeypatch, **{name: "1e300"})


def test_all_that_cannot_be_used_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError) as refused:
        settings_of(monkeypatch, API_PORT="x", LOG_LEVEL="LOUD", DATABASE_URL="file:///tmp")

    assert all(name in str(refused.value) for name in ("API_PORT", "LOG_LEVEL", "DATABASE_URL"))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_any_postgresql_url_is_one_for_asyncpg(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    settings = settings_of(monkeypatch, DATABASE_URL=f"{scheme}://u:p%40ss@db:5432/x?ssl=require")

    assert settings.require_database_url() == "postgresql+asyncpg://u:p%40ss@db:5432/x?ssl=require"


@pytest.mark.parametrize("address", ["localhost:7233", "temporal.example.org:443", "[::1]:7233", "10.0.0.1:7233"])
def test_an_address_of_temporal_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert settings_of(monkeypatch, TEMPORAL_ADDRESS=address).require_temporal_address() == address


@pytest.mark.parametrize("name", sorted(NAMES))
def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert settings_of(monkeypatch, **{name: ""}) == Settings()


def test_what_is_needed_and_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(monkeypatch)

    with pytest.raises(SetupError, match="DATABASE_URL is not set"):
        settings.require_database_url()
    with pytest.raises(SetupError, match="TEMPORAL_ADDRESS is not set"):
        settings.require_temporal_address()


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("API_PORT=1111\nAPI_HOST=0.0.0.0\nOF_ANOTHER_PROGRAM=1\n", encoding="utf-8")

    settings = settings_of(monkeypatch, API_PORT="2222")

    assert (settings.api_host, settings.api_port) == ("0.0.0.0", 2222)  # noqa: S104 - only read


def test_every_setting_stands_in_the_example_once_and_nothing_else_does() -> None:
    lines = re.findall(r"^(?:# )?([A-Z][A-Z_]*)=", ENV_EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(lines) == sorted(NAMES)


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    defaults = Settings()
    (tmp_path / ".env").write_text(
        "\n".join(f"{name}={value}" for name, value in explained().items()), encoding="utf-8"
    )

    assert read_settings() == defaults


@pytest.mark.parametrize("name", sorted(NAMES - WITHOUT_DEFAULT))
def test_each_default_is_written_out_in_the_example(name: str) -> None:
    default: Any = Settings.model_fields[name.lower()].default

    shown = str(default)

    assert explained()[name] == (shown.lower() if isinstance(default, bool) else shown)


def test_policies_are_made_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(
        monkeypatch,
        DEBOUNCE_QUIET_PERIOD="1.5",
        DEBOUNCE_MAX_WAIT="300",
        COMPUTE_TIMEOUT="7",
        COMPUTE_RETRY_INITIAL_INTERVAL="0.5",
        COMPUTE_RETRY_BACKOFF_COEFFICIENT="3",
        COMPUTE_RETRY_MAXIMUM_INTERVAL="90",
        COMPUTE_RETRY_MAXIMUM_ATTEMPTS="0",
    )

    assert settings.debounce() == DebouncePolicy(1.5, 300)
    assert settings.compute_policy() == ComputePolicy(7, 0.5, 3, 90, 0)


def test_the_longest_wait_between_attempts_is_never_below_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    # Temporal refuses such a policy, and with it the workflow that has it
    settings = settings_of(monkeypatch, COMPUTE_RETRY_INITIAL_INTERVAL="90", COMPUTE_RETRY_MAXIMUM_INTERVAL="5")

    assert settings.compute_policy().maximum_interval == 90


@pytest.mark.parametrize(
    ("policy", "longest"),
    [
        pytest.param(ComputePolicy(10, 1, 2, 60, 1), 11, id="one attempt"),
        pytest.param(ComputePolicy(10, 1, 2, 60, 4), 40 + 1 + 2 + 4 + 8, id="waits that grow"),
        pytest.param(ComputePolicy(10, 1, 2, 4, 5), 50 + 1 + 2 + 4 + 4 + 4, id="waits up to the longest"),
        pytest.param(ComputePolicy(1, 2, 1, 60, 3), 3 + 6, id="waits that do not grow"),
        pytest.param(ComputePolicy(1, 1, 10, 60, 10**9), 10**9 * 61 - 50 - 59, id="more attempts than anyone counts"),
        pytest.param(ComputePolicy(10, 1, 2, 60, 0), 0, id="without end"),
    ],
)
def test_the_longest_time_that_all_attempts_take(policy: ComputePolicy, longest: float) -> None:
    assert policy.longest() == longest


def test_no_run_is_started_anew_before_all_its_attempts_can_be_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_RESTART_AFTER", "60")
    monkeypatch.setenv("COMPUTE_RETRY_MAXIMUM_ATTEMPTS", "10")

    settings = read_settings()

    assert settings.relay_policy().sweep.restart_after == settings.compute_policy().longest() > 60
