"""Development tokens: signed by this home's key, taken by the API of this home, and by no other."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperOption

from api.identity import InvalidToken
from api.permissions import Permission
from signed_tokens import VERIFIER
from steadyscore.authentication import development_verifier
from steadyscore.cli import app
from steadyscore.development_tokens import (
    PRIVATE_KEY,
    PUBLIC_KEYS,
    ROLES,
    Holder,
    development_token,
    with_development_key,
)
from steadyscore.errors import SetupError
from steadyscore.settings import Settings

HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def key_file(home: Path) -> Path:
    """What the API of this home is given."""
    file = with_development_key(Settings(steadyscore_home=home)).development_key_file
    assert file is not None
    return file


@pytest.mark.parametrize("role", ROLES)
async def test_a_token_says_who_holds_it_what_the_role_permits_and_until_when(tmp_path: Path, role: str) -> None:
    token = development_token(tmp_path, Holder((role,), "kamau"), now(), HOUR)

    identity = await development_verifier(key_file(tmp_path)).authenticate(f"Bearer {token}")

    assert (identity.subject, identity.username) == ("development:kamau", "kamau")
    assert identity.permissions == ROLES[role]
    assert timedelta(0) <= now() + HOUR - identity.expires_at < timedelta(minutes=1)


def test_each_role_permits_more_than_the_one_before() -> None:
    viewer, officer, administrator = (ROLES[name] for name in ("viewer", "officer", "administrator"))

    assert viewer < officer < administrator == set(Permission)
    assert not any(one.changes_something for one in viewer)
    assert Permission.APPROVE_CHANGE_REQUESTS in officer
    assert Permission.MANAGE_DEFINITIONS not in officer


async def test_a_token_of_another_home_does_not_count(tmp_path: Path) -> None:
    token = development_token(tmp_path / "other", Holder(), now(), HOUR)

    with pytest.raises(InvalidToken, match="signature"):
        await development_verifier(key_file(tmp_path)).authenticate(f"Bearer {token}")


async def test_a_token_whose_time_is_over_does_not_count(tmp_path: Path) -> None:
    token = development_token(tmp_path, Holder(), now() - 2 * HOUR, HOUR)

    with pytest.raises(InvalidToken, match="expired"):
        await development_verifier(key_file(tmp_path)).authenticate(f"Bearer {token}")


async def test_whoever_trusts_a_provider_does_not_trust_a_development_token(tmp_path: Path) -> None:
    token = development_token(tmp_path, Holder(), now(), HOUR)

    with pytest.raises(InvalidToken):
        await VERIFIER.authenticate(f"Bearer {token}")


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    development_token(tmp_path, Holder(), now(), HOUR)
    private = (tmp_path / PRIVATE_KEY).read_bytes()
    public = key_file(tmp_path).read_bytes()

    development_token(tmp_path, Holder(), now(), HOUR)

    assert (tmp_path / PRIVATE_KEY).read_bytes() == private
    assert key_file(tmp_path).read_bytes() == public
    assert stat.S_IMODE((tmp_path / PRIVATE_KEY).stat().st_mode) == 0o600
    assert b"PRIVATE" not in public
    assert b'"d"' not in public
    assert sorted(path.name for path in tmp_path.iterdir()) == [PUBLIC_KEYS, PRIVATE_KEY]


def test_a_role_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=f"there is no role owner; there are {', '.join(ROLES)}"):
        development_token(tmp_path, Holder(("viewer", "owner")), now(), HOUR)


def test_the_command_line_and_its_document_name_every_role() -> None:
    [role] = [one for one in typer.main.get_group(app).commands["token"].params if one.name == "role"]
    document = Path(__file__).parents[2] / "docs" / "http.md"

    assert isinstance(role, TyperOption)
    assert str(role.help).startswith(f"{', '.join(ROLES)};")
    assert f"`--role {'|'.join(ROLES)}`" in document.read_text(encoding="utf-8")


def test_a_broken_key_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / PRIVATE_KEY).write_text("broken")

    with pytest.raises(SetupError, match="holds no key; remove it"):
        development_token(tmp_path, Holder(), now(), HOUR)


def test_a_home_that_cannot_be_written_to_is_told_with_the_setting_to_change(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SetupError, match="set STEADYSCORE_HOME"):
        development_token(tmp_path / "file" / "home", Holder(), now(), HOUR)


def test_a_builder_may_change_nothing_but_what_belongs_to_builders() -> None:
    assert {one for one in ROLES["builder"] if one.changes_something} == {Permission.BUILD}
