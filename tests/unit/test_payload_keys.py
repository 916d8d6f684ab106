"""Keys as they are configured: both ways, and what is wrong is told without showing it."""

import base64
import stat
from pathlib import Path

import pytest

from steadyscore.errors import SetupError
from steadyscore.local_secrets import KEYS_FILE, TOKEN_FILE, with_local_keys, with_own_secrets
from steadyscore.payload_keys import NO_KEYS, configured_key_ring
from steadyscore.settings import Settings
from temporal_fakes.connections import a_ring, as_configured

SHORT = base64.b64encode(b"hunter2").decode()
KEY = as_configured("hunter2")


def settings_in(home: Path, **configured: object) -> Settings:
    """Settings of a process whose home this is."""
    nothing = {"payload_keys": None, "payload_keys_file": None, "codec_token": None}
    return Settings.model_validate({"steadyscore_home": home, **nothing, **configured})


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_the_first_key_is_the_newest() -> None:
    ring = configured_key_ring(as_configured("2026-11", "2026-05"), None)

    assert ring == a_ring("2026-11", "2026-05")
    assert ring.newest == "2026-11"


def test_a_file_has_a_key_a_line(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# rotated in November\n{as_configured('2026-11')}\n\n  {as_configured('2026-05')}  \n")

    assert list(configured_key_ring(None, file).keys.items()) == list(a_ring("2026-11", "2026-05").keys.items())


def test_where_nothing_is_configured_there_is_no_key() -> None:
    assert configured_key_ring(None, None) == NO_KEYS
    assert NO_KEYS.newest is None


WRONG = {
    "no id": ("hunter2hunter2", "entry 1 has no id"),
    "an id with a space": (f"hun ter2:{SHORT}", "entry 1 has no id"),
    "an id that is empty": (f":{SHORT}", "entry 1 has no id"),
    "no base64": (f"{KEY},b:hunter2!", "entry 2 has a key that is no base64"),
    "a key that is too short": (f"a:{SHORT}", "entry 1 has a key of 7 bytes instead of 32"),
    "an id twice": (f"{KEY},{KEY}", "entry 2 has the id of an earlier one"),
    "only commas": (",,", "holds no key"),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG.keys())
def test_keys_that_cannot_be_used_are_refused_with_a_remedy_and_not_shown(text: str, told: str) -> None:
    with pytest.raises(SetupError, match=told) as refused:
        configured_key_ring(text, None)

    assert str(refused.value).startswith("PAYLOAD_KEYS: ")
    assert "openssl rand -base64 32" in str(refused.value)
    assert not any(secret in str(refused.value) for secret in ("hunter", SHORT, KEY))
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("content", [b"a:hunter2", b"\xff\xfehunter2", b""], ids=["no key", "no text", "empty"])
def test_a_file_that_holds_no_keys_is_named_and_not_shown(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "keys"
    file.write_bytes(content)

    with pytest.raises(SetupError, match="PAYLOAD_KEYS_FILE") as refused:
        configured_key_ring(None, file)

    assert str(file) in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"PAYLOAD_KEYS_FILE: .*none cannot be read \(No such file"):
        configured_key_ring(None, tmp_path / "none")


def test_both_ways_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="both are set"):
        configured_key_ring(KEY, tmp_path / "keys")


def test_a_home_gets_a_key_and_a_token_once_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "home"

    first = with_own_secrets(settings_in(home))
    second = with_own_secrets(settings_in(home))

    assert first.key_ring() == second.key_ring()
    assert len(first.key_ring().keys) == 1
    assert first.codec_token == second.codec_token
    assert {file.name: mode_of(file) for file in home.iterdir()} == {KEYS_FILE: 0o600, TOKEN_FILE: 0o600}


def test_what_is_configured_is_left_alone(tmp_path: Path) -> None:
    configured = settings_in(tmp_path, payload_keys=KEY, codec_token="x" * 20)

    assert with_own_secrets(configured) == configured
    assert list(tmp_path.iterdir()) == []


def test_commands_beside_up_find_its_key(tmp_path: Path) -> None:
    made = with_own_secrets(settings_in(tmp_path)).key_ring()

    assert with_local_keys(settings_in(tmp_path)).key_ring() == made
    assert with_local_keys(settings_in(tmp_path, payload_keys=KEY)).key_ring() == a_ring("hunter2")
    assert with_local_keys(settings_in(tmp_path / "none")).key_ring() == NO_KEYS
