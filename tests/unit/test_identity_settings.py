"""Settings of identity: nothing weak is taken, and a development key never counts beside a provider or for others."""

import json
from pathlib import Path

import pytest

from api.identity import IdentityUnavailable
from api.permissions import Permission
from signed_tokens import an_ec_key, claims
from steadyscore.authentication import authentication
from steadyscore.development_tokens import DEVELOPMENT, PUBLIC_KEYS, for_development_only, with_development_key
from steadyscore.embedded.temporal_server import free_port
from steadyscore.errors import SetupError
from steadyscore.settings import Settings, read_settings

PROVIDER = {
    "OIDC_ISSUER": "https://id.example.org/realms/staff",
    "OIDC_AUDIENCE": "steadyscore, account",
    "OIDC_CLIENT_ID": "registry-staff-portal",
    "ROLE_PERMISSIONS": json.dumps({"officer": ["register:view", "changeRequest:approve"]}),
}


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def settings_of(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return read_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("OIDC_ISSUER", "http://hunter2.example.org", id="an issuer in clear"),
        pytest.param("OIDC_ISSUER", "hunter2", id="an issuer that is no URL"),
        pytest.param("OIDC_ISSUER", DEVELOPMENT.issuer, id="the issuer of development tokens"),
        pytest.param("OIDC_ISSUER", "https://u:hunter2@id.example.org", id="a password in a URL"),
        pytest.param("OIDC_JWKS_URL", "file:///hunter2", id="keys of a file"),
        pytest.param("OIDC_JWKS_URL", "http://hunter2.example.org/keys", id="keys in clear"),
        pytest.param(
            "OIDC_JWKS_URL", "http://127.0.0.1.hunter2.example.org/", id="keys of who calls himself this machine"
        ),
        pytest.param("AUTH_PROVIDER_API_URL", "hunter2", id="a service that is no URL"),
        pytest.param("AUTH_PROVIDER_API_URL", "http://hunter2.internal", id="a service in clear"),
        pytest.param("OIDC_AUDIENCE", "hunter2,,x", id="an empty audience"),
        pytest.param("OIDC_ALGORITHMS", "RS256,HS256", id="a symmetric algorithm"),
        pytest.param("OIDC_ALGORITHMS", "RS256,none", id="no signature"),
        pytest.param("OIDC_ALGORITHMS", "hunter2", id="an unknown algorithm"),
        pytest.param("OIDC_LEEWAY", "-12345", id="a negative leeway"),
        pytest.param("OIDC_LEEWAY", "12345", id="a leeway of hours"),
        pytest.param("ROLE_CACHE_SECONDS", "nan", id="NaN seconds"),
        pytest.param("ROLE_PERMISSIONS", "hunter2", id="a map that is no JSON"),
        pytest.param("ROLE_PERMISSIONS", '["hunter2"]', id="a map that is a list"),
        pytest.param("ROLE_PERMISSIONS", '{"officer": "hunter2"}', id="permissions that are no list"),
        pytest.param("ROLE_PERMISSIONS", '{"officer": ["hunter2"]}', id="an unknown permission"),
        pytest.param("ROLE_PERMISSIONS", '{"officer": [["hunter2"]]}', id="a permission that is no name"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_name_and_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SetupError, match=name) as refused:
        settings_of(monkeypatch, **{name: value})

    assert value not in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["OIDC_ISSUER", "OIDC_JWKS_URL", "AUTH_PROVIDER_API_URL"])
@pytest.mark.parametrize(
    "url", ["https://id.example.org/x", "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]/x"]
)
def test_an_address_is_https_or_on_this_machine(monkeypatch: pytest.MonkeyPatch, name: str, url: str) -> None:
    assert getattr(settings_of(monkeypatch, **{name: url}), name.lower()) == url


def test_a_provider_is_trusted_as_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(monkeypatch, **PROVIDER)

    trust = settings.token_trust()

    assert (trust.issuer, trust.audiences) == (PROVIDER["OIDC_ISSUER"], ("steadyscore", "account"))
    assert (trust.client_id, trust.leeway) == ("registry-staff-portal", 30)
    assert trust.algorithms == ("RS256", "ES256", "PS256", "EdDSA")
    assert settings.role_map() == {"officer": {Permission.VIEW_REGISTERS, Permission.APPROVE_CHANGE_REQUESTS}}


@pytest.mark.parametrize("missing", ["OIDC_ISSUER", "OIDC_AUDIENCE", "OIDC_CLIENT_ID", "ROLE_PERMISSIONS"])
async def test_no_api_starts_with_half_an_identity(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    settings = settings_of(monkeypatch, **{name: value for name, value in PROVIDER.items() if name != missing})

    with pytest.raises(SetupError, match=missing):
        async with authentication(settings):
            pass


async def test_no_api_starts_without_identity_or_with_two_tellers_of_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="OIDC_ISSUER, OIDC_AUDIENCE, OIDC_CLIENT_ID"):
        async with authentication(settings_of(monkeypatch)):
            pass
    both = settings_of(monkeypatch, **PROVIDER, AUTH_PROVIDER_API_URL="https://auth-api.internal")
    with pytest.raises(SetupError, match="ROLE_PERMISSIONS or by AUTH_PROVIDER_API_URL"):
        async with authentication(both):
            pass


def a_development_key(tmp_path: Path) -> str:
    """The file that `up` makes."""
    with_development_key(Settings(steadyscore_home=tmp_path))
    return str(tmp_path / PUBLIC_KEYS)


def test_a_development_key_is_refused_beside_a_provider(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="DEVELOPMENT_KEY_FILE is for development alone"):
        settings_of(monkeypatch, **PROVIDER, DEVELOPMENT_KEY_FILE=a_development_key(tmp_path))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "api.example.org", "localhost.example.org"])  # noqa: S104
def test_a_development_key_is_refused_where_others_reach_the_api(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str
) -> None:
    with pytest.raises(SetupError, match="API_HOST"):
        settings_of(monkeypatch, API_HOST=host, DEVELOPMENT_KEY_FILE=a_development_key(tmp_path))
    with pytest.raises(SetupError, match="API_HOST"):
        with_development_key(Settings(steadyscore_home=tmp_path, api_host=host))


async def test_an_api_refuses_a_development_key_whoever_made_its_settings(tmp_path: Path) -> None:
    settings = with_development_key(Settings(steadyscore_home=tmp_path))
    for wrong in ({"oidc_issuer": PROVIDER["OIDC_ISSUER"]}, {"api_host": "192.168.0.7"}):
        with pytest.raises(SetupError):
            async with authentication(settings.model_copy(update=wrong)):
                pass


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_this_machine_alone_it_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str) -> None:
    settings = settings_of(monkeypatch, API_HOST=host, DEVELOPMENT_KEY_FILE=a_development_key(tmp_path))

    assert settings.development_key_file == tmp_path / PUBLIC_KEYS


async def test_a_file_that_is_no_key_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    a_development_key(tmp_path)
    (tmp_path / "list").write_text("[]")
    for name in ("development.key", "nothing", "list", "."):
        settings = settings_of(monkeypatch, DEVELOPMENT_KEY_FILE=str(tmp_path / name))
        with pytest.raises(SetupError, match="DEVELOPMENT_KEY_FILE names no file"):
            async with authentication(settings):
                pass


def test_up_keeps_a_configured_provider_and_the_demo_ignores_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = settings_of(monkeypatch, **PROVIDER, STEADYSCORE_HOME=str(tmp_path), API_HOST="0.0.0.0")  # noqa: S104

    demo = for_development_only(settings)

    assert with_development_key(settings) == settings
    assert (demo.oidc_issuer, demo.api_host) == (None, "127.0.0.1")
    assert demo.development_key_file == tmp_path / PUBLIC_KEYS


async def test_an_api_starts_without_its_provider_and_lets_nobody_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = {"OIDC_ISSUER": f"http://127.0.0.1:{free_port()}"}
    async with authentication(settings_of(monkeypatch, **PROVIDER | nobody)) as authenticate:
        with pytest.raises(IdentityUnavailable):
            await authenticate(f"Bearer {an_ec_key().sign(claims(['officer']))}")


def test_another_file_of_settings_or_none_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("API_PORT=1111\n", encoding="utf-8")
    (tmp_path / "other.env").write_text("API_PORT=2222\n", encoding="utf-8")

    ports = []
    for name in (".env", "other.env", ""):
        monkeypatch.setenv("STEADYSCORE_ENV_FILE", name)
        ports.append(read_settings().api_port)

    assert ports == [1111, 2222, 8000]
