"""The console: its files as they are served, how one signs in, and who one is then."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.console_settings import ConsoleSettings
from api.permissions import Permission
from api.security_headers import HEADERS
from api.services import ApiServices
from http_client import Api, client_of
from signed_tokens import HERE, claims, permitting

ISSUER = "https://id.example.org:8443/realms/staff"
SCRIPT = "console.log('a script');\n" * 100


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A console as a build leaves it, and what nobody is to see beside it."""
    assets = tmp_path / "console" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "console" / "index.html").write_text("<script type=module src=./assets/index-1a2b.js></script>")
    (assets / "index-1a2b.js").write_text(SCRIPT)
    (assets / "style-3c4d.css").write_text("p { color: black }\n" * 100)
    (tmp_path / "console" / "secret.txt").write_text("a secret")
    (tmp_path / "secret.txt").write_text("a secret")
    return tmp_path / "console"


@pytest.fixture
def served(services: ApiServices, files: Path) -> ApiServices:
    """Services with this console."""
    return replace(services, console=ConsoleSettings(files=files))


@pytest.fixture
async def visitor(served: ApiServices) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a token."""
    async with client_of(create_app(served), {}) as http:
        yield http


def policy_of(page: httpx.Response) -> dict[str, str]:
    """The parts of its Content-Security-Policy."""
    parts = page.headers["content-security-policy"].split(";")
    return dict(part.strip().partition(" ")[::2] for part in parts)


async def test_the_page_is_served_to_everybody_and_asked_for_anew_each_time(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/")

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-cache"
    again = await visitor.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert again.headers["etag"] == page.headers["etag"]
    told = {name: value for name, value in HEADERS.items() if name not in {"Content-Security-Policy", "Cache-Control"}}
    assert {name: page.headers[name] for name in told} == told


async def test_the_page_may_run_its_own_scripts_and_ask_nobody_else(visitor: httpx.AsyncClient) -> None:
    policy = policy_of(await visitor.get("/"))

    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["frame-ancestors"], policy["base-uri"], policy["form-action"]) == ("'none'", "'none'", "'none'")


async def test_the_page_may_ask_the_identity_provider_where_there_is_one(served: ApiServices) -> None:
    console = replace(served.console, oidc_issuer=ISSUER)
    async with client_of(create_app(replace(served, console=console)), {}) as http:
        policy = policy_of(await http.get("/"))

    assert policy["connect-src"] == "'self' https://id.example.org:8443"
    assert policy["script-src"] == "'self'"


async def test_the_page_may_ask_where_else_the_provider_gives_tokens(served: ApiServices) -> None:
    console = replace(served.console, oidc_issuer=ISSUER, provider_origins=("https://tokens.example.org",))
    async with client_of(create_app(replace(served, console=console)), {}) as http:
        policy = policy_of(await http.get("/"))

    assert policy["connect-src"] == "'self' https://id.example.org:8443 https://tokens.example.org"


async def test_what_the_page_loads_is_kept_for_a_year_as_its_name_tells_its_contents(
    visitor: httpx.AsyncClient,
) -> None:
    script = await visitor.get("/assets/index-1a2b.js")

    assert (script.status_code, script.text) == (200, SCRIPT)
    assert script.headers["content-type"].partition(";")[0] == "text/javascript"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["x-content-type-options"] == "nosniff"
    missing = await visitor.get("/assets/index-0000.js")
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize("path", ["/assets/index-1a2b.js", "/assets/style-3c4d.css"])
async def test_what_the_page_loads_comes_packed_to_who_can_unpack_it(visitor: httpx.AsyncClient, path: str) -> None:
    packed = await visitor.get(path, headers={"Accept-Encoding": "gzip"})
    plain = await visitor.get(path, headers={"Accept-Encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 4
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


async def test_only_the_heads_are_told_to_who_asks_for_them(visitor: httpx.AsyncClient) -> None:
    for path in ("/", "/assets/index-1a2b.js"):
        whole, head = await visitor.get(path), await visitor.head(path)

        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-type", "cache-control", "content-security-policy"):
            assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../secret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%2e%2e%5csecret.txt",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/index-1a2b.js%00.css",
        "/assets/",
        "/assets",
        "/secret.txt",
    ],
)
async def test_nothing_beside_the_assets_is_served(served: ApiServices, path: str) -> None:
    # httpx would tidy the path up before it asks
    transport = httpx.ASGITransport(create_app(served))
    request = httpx.Request("GET", "http://steadyscore/")
    request.url = httpx.URL("http://steadyscore/").copy_with(raw_path=path.encode())
    answer = await transport.handle_async_request(request)
    body = await answer.aread()

    assert answer.status_code == 404
    assert b"a secret" not in body
    assert b"root:" not in body


async def test_a_console_that_is_not_built_says_what_to_do(services: ApiServices, tmp_path: Path) -> None:
    nothing = replace(services, console=ConsoleSettings(files=tmp_path / "nothing"))
    async with client_of(create_app(nothing), {}) as http:
        page, asset = await http.get("/"), await http.get("/assets/index-1a2b.js")

    assert (page.status_code, page.headers["content-type"]) == (404, "application/problem+json")
    assert "make console" in page.json()["detail"]
    assert asset.status_code == 404


async def test_the_console_works_below_a_prefix(served: ApiServices) -> None:
    transport = httpx.ASGITransport(create_app(served), root_path="/scores")
    async with httpx.AsyncClient(transport=transport, base_url="http://steadyscore/scores/") as http:
        page = await http.get("")
        [address] = re.findall(r"src=(\S+?)>", page.text)
        script = await http.get(address)

    assert page.status_code == 200
    assert script.text == SCRIPT
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_without_a_provider_nobody_is_sent_to_one(api: Api) -> None:
    answer = await api.http.get("/console-settings", headers={"Authorization": ""})

    assert answer.json() == {"provider": None}


SETTINGS = ConsoleSettings(
    ISSUER,
    "steadyscore-console",
    "openid profile",
    temporal_ui_url="https://temporal.example.org",
    temporal_namespace="scores",
)


async def ask_for_settings(services: ApiServices, console: ConsoleSettings) -> dict[str, Any]:
    """What a stranger is told."""
    async with client_of(create_app(replace(services, console=console)), {}) as http:
        answer = await http.get("/console-settings")
    assert answer.status_code == 200
    return dict(answer.json())


async def test_everybody_is_told_how_to_sign_in_and_nothing_else(services: ApiServices) -> None:
    told = await ask_for_settings(services, SETTINGS)

    assert told == {
        "provider": {"issuer": ISSUER, "client_id": "steadyscore-console", "scope": "openid profile"},
    }


async def test_a_provider_that_knows_no_client_of_ours_is_none(services: ApiServices) -> None:
    assert (await ask_for_settings(services, replace(SETTINGS, client_id=None)))["provider"] is None


@pytest.mark.parametrize("permission", Permission)
async def test_whoever_may_do_anything_is_told_what_and_as_whom(api: Api, permission: Permission) -> None:
    answer = await api.permitted(permission).get("/identity")

    assert answer.status_code == 200
    assert answer.json()["permissions"] == [permission]


async def test_an_identity_names_its_permissions_in_order_and_when_it_ends(api: Api) -> None:
    said = claims(Permission, sub="officer-7", preferred_username="Officer Kamau")
    answer = await api.http.get("/identity", headers={"Authorization": f"Bearer {HERE.sign(said)}"})

    told = answer.json()
    assert set(told) == {
        "subject",
        "username",
        "permissions",
        "expires_at",
        "temporal_ui_url",
        "temporal_namespace",
    }
    assert (told["subject"], told["username"]) == ("officer-7", "Officer Kamau")
    assert told["permissions"] == sorted(Permission)
    assert told["expires_at"] == said["exp"].replace(microsecond=0).isoformat().replace("+00:00", "Z")
    assert answer.headers["cache-control"] == "no-store"


async def test_whoever_has_signed_in_is_told_where_runs_can_be_looked_at(services: ApiServices) -> None:
    async with client_of(create_app(replace(services, console=SETTINGS)), permitting(Permission.VIEW_SCORES)) as http:
        told = (await http.get("/identity")).json()

    assert (told["temporal_ui_url"], told["temporal_namespace"]) == ("https://temporal.example.org", "scores")


async def test_a_stranger_is_nobody_and_who_may_do_nothing_is_told_so(api: Api) -> None:
    stranger = await api.http.get("/identity", headers={"Authorization": ""})
    powerless = await api.http.get("/identity", headers=permitting())

    assert (stranger.status_code, powerless.status_code) == (401, 403)
